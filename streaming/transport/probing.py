"""The steps of Test Connection that need no destination: address, DNS, TCP, TLS."""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Callable, Generator, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from streaming.transport.addresses import Policy, check_address
from streaming.transport.certificates import presented_certificate
from streaming.transport.connecting import Deadline, dial, secure, tls_context
from streaming.transport.phases import PhaseResult, PhaseStatus, failed
from streaming.transport.resolving import Resolver, resolve
from streaming.transport.urls import HttpsUrl, IPAddress
from streaming.wire.messages import TransportError

T = TypeVar("T")

# A certificate that ends sooner than this is worth a word while there is time.
_SOON = timedelta(days=14)


class _Stopped(Exception):
    """A step has failed and was reported."""


def connect_phases(
    url: str, policy: Policy, *, now: datetime, resolver: Resolver | None = None, seconds: float = 10.0
) -> Iterator[PhaseResult]:
    """Yields the steps `address`, `dns`, `tcp`, `tls` one after another, and ends after one that fails.

    Nothing is sent over the connection; it is closed at once. A refused name's addresses are never shown.
    """
    deadline = Deadline(seconds)
    try:
        parsed = yield from _step("address", lambda: _address(url, policy))
        addresses = yield from _step("dns", lambda: _dns(parsed, policy, resolver))
        connection = yield from _step("tcp", lambda: _tcp(parsed, addresses, deadline))
        attempt = _Handshake(parsed, policy=policy, addresses=addresses, deadline=deadline)
        yield from _step("tls", lambda: attempt.run(connection, now=now))
    except _Stopped:
        return


def _step(name: str, run: Callable[[], tuple[T, PhaseResult]]) -> Generator[PhaseResult, None, T]:
    began = time.perf_counter()
    try:
        value, result = run()
    except TransportError as error:
        yield failed(name, error, milliseconds=_since(began))
        raise _Stopped from error
    yield replace(result, milliseconds=_since(began))
    return value


def _since(began: float) -> int:
    return round((time.perf_counter() - began) * 1000)


def _ok(name: str, message: str) -> PhaseResult:
    return PhaseResult(name=name, status=PhaseStatus.OK, message=message)


def _address(url: str, policy: Policy) -> tuple[HttpsUrl, PhaseResult]:
    parsed = check_address(url, policy)
    return parsed, _ok("address", f"{parsed}")


def _dns(url: HttpsUrl, policy: Policy, resolver: Resolver | None) -> tuple[list[IPAddress], PhaseResult]:
    addresses = resolve(url.host, policy, resolver=resolver)
    shown = ", ".join(str(address) for address in addresses[:3])
    return addresses, _ok("dns", shown + (", …" if len(addresses) > 3 else ""))


def _tcp(url: HttpsUrl, addresses: list[IPAddress], deadline: Deadline) -> tuple[socket.socket, PhaseResult]:
    return dial(url, addresses, deadline=deadline), _ok("tcp", f"Port {url.port} is open")


class _Handshake:
    """The TLS step: its success says until when, its failure what the certificate says."""

    def __init__(
        self, url: HttpsUrl, *, policy: Policy, addresses: list[IPAddress], deadline: Deadline
    ) -> None:
        self.url = url
        self.policy = policy
        self.addresses = addresses
        self.deadline = deadline

    def run(self, connection: socket.socket, *, now: datetime) -> tuple[None, PhaseResult]:
        context = tls_context(self.policy.ca_file)
        try:
            with secure(connection, self.url, context=context, deadline=self.deadline) as secured:
                return None, _handshaken(secured, now=now)
        except TransportError as error:
            if error.code.startswith("tls_"):
                error.detail = presented_certificate(self.url, self.addresses, deadline=self.deadline)
            raise


def _handshaken(secured: ssl.SSLSocket, *, now: datetime) -> PhaseResult:
    certificate = secured.getpeercert() or {}
    ends = datetime.fromtimestamp(ssl.cert_time_to_seconds(str(certificate["notAfter"])), tz=UTC)
    version = (secured.version() or "").replace("TLSv", "TLS ")
    result = _ok("tls", f"{version}, certificate valid to {ends:%-d %b %Y}")
    if ends - now < _SOON:
        days = max((ends - now).days, 0)
        return replace(
            result,
            status=PhaseStatus.WARN,
            code="tls_expires_soon",
            hint=f"It ends in {days} days. Renew it.",
        )
    return result
