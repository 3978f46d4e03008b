from __future__ import annotations

import ssl

import pytest

from streaming.transport.failures import no_answer, tcp_failure, tls_failure
from streaming.transport.urls import parse_url

URL = parse_url("https://siem.example.com:8088/")


def refused_certificate(number: int) -> ssl.SSLCertVerificationError:
    error = ssl.SSLCertVerificationError("x")
    error.verify_code = number
    return error


def alert(reason: str) -> ssl.SSLError:
    error = ssl.SSLError(1, "x")
    error.reason = reason
    return error


@pytest.mark.parametrize(
    ("error", "code", "reason"),
    [
        (
            refused_certificate(9),
            "tls_not_yet_valid",
            "The certificate of siem.example.com is not valid yet.",
        ),
        (refused_certificate(10), "tls_expired", "The certificate of siem.example.com has expired."),
        (refused_certificate(18), "tls_selfsigned", "The certificate of siem.example.com is self-signed."),
        (
            refused_certificate(20),
            "tls_untrusted",
            "The certificate of siem.example.com is signed by an unknown authority.",
        ),
        (refused_certificate(64), "tls_hostname", "The certificate of siem.example.com is for another name."),
        (alert("WRONG_VERSION_NUMBER"), "not_tls", "siem.example.com does not speak TLS on port 8088."),
        (alert("UNSUPPORTED_PROTOCOL"), "tls_version", "siem.example.com offers no TLS version from 1.2 on."),
        (
            alert("SSLV3_ALERT_HANDSHAKE_FAILURE"),
            "tls_failed",
            "The TLS handshake with siem.example.com failed: sslv3 alert handshake failure.",
        ),
        (TimeoutError(), "timeout", "siem.example.com did not finish the TLS handshake in time."),
        (
            ConnectionResetError(),
            "reset",
            "siem.example.com closed the connection on port 8088 during the TLS handshake.",
        ),
    ],
)
def test_a_failed_handshake_is_said_in_words(error: OSError, code: str, reason: str) -> None:
    failure = tls_failure(URL, error)

    assert (failure.code, failure.reason) == (code, reason)


@pytest.mark.parametrize(
    ("error", "code", "reason"),
    [
        (ConnectionRefusedError(), "tcp_refused", "siem.example.com refused the connection on port 8088."),
        (TimeoutError(), "tcp_timeout", "siem.example.com did not answer on port 8088 within 5 s."),
        (
            OSError(113, "No route to host"),
            "tcp_unreachable",
            "siem.example.com did not answer on port 8088: the network found no way to it.",
        ),
    ],
)
def test_a_failed_connection_is_said_in_words(error: OSError, code: str, reason: str) -> None:
    failure = tcp_failure(URL, error)

    assert (failure.code, failure.reason) == (code, reason)
    assert failure.hint


def test_a_timeout_is_found_below_whatever_wraps_it() -> None:
    wrapped = RuntimeError("outer")
    wrapped.__cause__ = TimeoutError()

    assert no_answer(URL, wrapped, limit=30).code == "timeout"
    assert no_answer(URL, ConnectionResetError(), limit=30).code == "reset"
    assert no_answer(URL, ValueError("nonsense"), limit=30).code == "bad_answer"
