"""What can go wrong on the way, in words that say what to do."""

from __future__ import annotations

import ssl
from collections.abc import Iterator

import urllib3

from streaming.transport.urls import HttpsUrl
from streaming.wire.messages import TransportError

CONNECT_TIMEOUT = 5.0
"""Seconds for TCP, and again for the TLS handshake."""
READ_TIMEOUT = 15.0
"""Seconds of silence."""

_FIREWALL = "Check the port and that its firewall lets our addresses in."
_NOTHING_SENT = "No token and no entry was sent. Certificate checks cannot be switched off."
_NOT_TLS = {
    "WRONG_VERSION_NUMBER",
    "HTTP_REQUEST",
    "UNKNOWN_PROTOCOL",
    "RECORD_LAYER_FAILURE",
    "PACKET_LENGTH_TOO_LONG",
}
_OLD_TLS = {
    "UNSUPPORTED_PROTOCOL",
    "TLSV1_ALERT_PROTOCOL_VERSION",
    "NO_PROTOCOLS_AVAILABLE",
    "VERSION_TOO_LOW",
}
_CHAIN = (
    "Serve the whole chain, or ask whoever runs this installation to trust your authority "
    "(AUDITSITE_OUTBOUND_CA)."
)
_OWN_AUTHORITY = (
    "Splunk ships with one, and so do Splunk Cloud trials. Install one that an authority signed, or ask "
    "whoever runs this installation to trust it (AUDITSITE_OUTBOUND_CA)."
)
_NAME = "Use the name that the certificate is for, or renew it with this name among its alternative names."
_UNTRUSTED = ("tls_untrusted", "is signed by an unknown authority", _CHAIN)
# OpenSSL's X509_V_ERR_… numbers.
_CERTIFICATE = {
    9: (
        "tls_not_yet_valid",
        "is not valid yet",
        "Check the clock and the certificate on the receiving side.",
    ),
    10: ("tls_expired", "has expired", "Renew it on the receiving side, then test again."),
    18: (
        "tls_selfsigned",
        "is self-signed",
        _OWN_AUTHORITY,
    ),
    62: ("tls_hostname", "is for another name", _NAME),
    64: ("tls_hostname", "is for another name", _NAME),
}


def tcp_failure(url: HttpsUrl, error: OSError) -> TransportError:
    """A TCP error in words."""
    where = f"{url.host} did not answer on port {url.port}"
    if isinstance(error, ConnectionRefusedError):
        return TransportError(
            "tcp_refused",
            f"{url.host} refused the connection on port {url.port}.",
            hint="Check the port, and that the service is running and takes HTTPS there.",
        )
    if isinstance(error, TimeoutError):
        return TransportError("tcp_timeout", f"{where} within {CONNECT_TIMEOUT:g} s.", hint=_FIREWALL)
    return TransportError("tcp_unreachable", f"{where}: the network found no way to it.", hint=_FIREWALL)


def tls_failure(url: HttpsUrl, error: OSError) -> TransportError:
    """A failed handshake in words."""
    if isinstance(error, ssl.SSLCertVerificationError):
        code, what, hint = _CERTIFICATE.get(error.verify_code, _UNTRUSTED)
        return TransportError(code, f"The certificate of {url.host} {what}.", hint=f"{hint} {_NOTHING_SENT}")
    if isinstance(error, TimeoutError):
        return TransportError(
            "timeout", f"{url.host} did not finish the TLS handshake in time.", hint=_FIREWALL
        )
    if isinstance(error, ssl.SSLError) and not isinstance(error, ssl.SSLEOFError | ssl.SSLZeroReturnError):
        return _protocol_failure(url, error.reason or "")
    return TransportError(
        "reset",
        f"{url.host} closed the connection on port {url.port} during the TLS handshake.",
        hint="Check that the port takes HTTPS.",
    )


def _protocol_failure(url: HttpsUrl, reason: str) -> TransportError:
    if reason in _NOT_TLS:
        return TransportError(
            "not_tls",
            f"{url.host} does not speak TLS on port {url.port}.",
            hint="Switch on HTTPS (SSL) on the receiving side, or use its HTTPS port.",
        )
    if reason in _OLD_TLS:
        return TransportError(
            "tls_version",
            f"{url.host} offers no TLS version from 1.2 on.",
            hint="Switch on TLS 1.2 or 1.3 on the receiving side.",
        )
    shown = reason.replace("_", " ").lower() or "no reason given"
    return TransportError("tls_failed", f"The TLS handshake with {url.host} failed: {shown}.")


def no_answer(url: HttpsUrl, error: Exception, *, limit: float) -> TransportError:
    """What happened between the request and the end of the answer, in words."""
    causes = list(_chain(error))
    if any(isinstance(cause, TimeoutError | urllib3.exceptions.ReadTimeoutError) for cause in causes):
        return TransportError(
            "timeout",
            f"{url.host} took the request but did not answer in full within {limit:g} s, or was silent for "
            f"{min(limit, READ_TIMEOUT):g} s.",
            hint="Check the load on the receiving side and the proxies before it.",
        )
    if any(
        isinstance(cause, OSError | urllib3.exceptions.IncompleteRead) and _is_break(cause)
        for cause in causes
    ):
        return TransportError("reset", f"{url.host} closed the connection before it had answered in full.")
    return TransportError("bad_answer", f"{url.host} answered something that is not HTTP.")


def _is_break(cause: BaseException) -> bool:
    return isinstance(cause, ConnectionError | ssl.SSLError | urllib3.exceptions.IncompleteRead)


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        yield from (part for part in error.args if isinstance(part, BaseException))
        error = error.__cause__ or error.__context__
