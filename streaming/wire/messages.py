"""What is sent, what comes back, and what is reported when nothing comes back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from types import MappingProxyType
from typing import TypeAlias

SMALL_ANSWER = 64 * 1024
"""Bytes of an answer that are read, unless the request says otherwise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One HTTP request. The client compresses `body`, and says so in the headers, if `gzip` is set."""

    method: str
    url: str
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(default=b"", repr=False)
    gzip: bool = False
    largest_answer: int = SMALL_ANSWER


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """An answer with its names of headers in lower case. `truncated`: there was more body than we read."""

    status: int
    headers: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    body: bytes = b""
    elapsed: timedelta = timedelta(0)
    truncated: bool = False


class TransportError(Exception):
    """No answer came. `code` is stable, `reason` says what happened, `hint` what to do about it.

    `detail` holds facts for those who can read them, such as a certificate's subject and issuer.
    Codes: url_invalid url_not_https addr_forbidden dns_nxdomain dns_timeout tcp_refused tcp_timeout
    tcp_unreachable tls_expired tls_not_yet_valid tls_hostname tls_untrusted tls_selfsigned tls_version
    tls_failed not_tls reset timeout bad_answer header_invalid.
    """

    def __init__(self, code: str, reason: str, *, hint: str = "", detail: str = "") -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason
        self.hint = hint
        self.detail = detail


class AddressRefused(TransportError):
    """The address is not one that we dial; nothing was sent."""


Answer: TypeAlias = Response | TransportError
