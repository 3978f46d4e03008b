"""What the certificate says that a server shows, for the sentence that tells why it was refused."""

from __future__ import annotations

import ssl
from collections.abc import Sequence

from cryptography import x509
from cryptography.x509.oid import NameOID

from streaming.transport.connecting import Deadline, dial
from streaming.transport.urls import HttpsUrl, IPAddress
from streaming.wire.messages import TransportError


def presented_certificate(url: HttpsUrl, addresses: Sequence[IPAddress], *, deadline: Deadline) -> str:
    """Subject, names, issuer and end of the certificate shown at a checked address; empty if it can't be had.

    A connection of its own, which sends nothing and is closed after the handshake.
    """
    try:
        with dial(url, addresses, deadline=deadline) as connection:
            connection.settimeout(deadline.remaining(5))
            # Not checked, on purpose: it is the refused certificate that we want to read.
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
            with context.wrap_socket(connection, server_hostname=url.host) as secured:
                return described(secured.getpeercert(binary_form=True) or b"")
    except (OSError, TransportError, ValueError):
        return ""


def described(der: bytes) -> str:
    """A certificate in one line. Raises ValueError if it can't be read."""
    certificate = x509.load_der_x509_certificate(der)
    until = certificate.not_valid_after_utc.strftime("%Y-%m-%dT%H:%M:%SZ")
    names = _names(certificate)
    subject = _common_name(certificate.subject) or (names[0] if names else "no name")
    also = f", for {', '.join(names[:5])}" if names else ""
    return _printable(f"CN={subject}{also}, issuer {_common_name(certificate.issuer)}, not after {until}")


def _names(certificate: x509.Certificate) -> list[str]:
    try:
        extension = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    except x509.ExtensionNotFound:
        return []
    return [str(name.value) for name in extension.value if isinstance(name, x509.DNSName | x509.IPAddress)]


def _common_name(name: x509.Name) -> str:
    for oid in (NameOID.COMMON_NAME, NameOID.ORGANIZATION_NAME):
        for attribute in name.get_attributes_for_oid(oid):
            return str(attribute.value)
    return ""


def _printable(text: str) -> str:
    return "".join(character for character in text if character.isprintable())[:300]
