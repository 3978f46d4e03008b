"""Where the values in a form would send entries to: the address that is called, and what its host resolves to."""

from __future__ import annotations

from dataclasses import dataclass
from threading import BoundedSemaphore

from streaming import environment
from streaming.destination import SettingsError, destination
from streaming.transport.resolving import Resolver, resolve, system_resolver
from streaming.transport.urls import literal_ip, parse_url
from streaming.wire.messages import TransportError

PATIENCE = 1.5
"""Seconds that a page waits for a name server; the test of the connection waits longer."""
MOST_AT_ONCE = 4
"""Look-ups of one process: one that hangs cannot be ended, and its thread stays until the system gives up."""
_SHOWN = 3
_places = BoundedSemaphore(MOST_AT_ONCE)


@dataclass(frozen=True, slots=True)
class Place:
    """`url` is empty where the values give no address; `addresses` and `problem` where nothing was asked."""

    url: str = ""
    host: str = ""
    addresses: str = ""
    problem: str = ""


class _Busy(Exception):
    """So many look-ups are under way that no further one is begun."""


def called_address(kind: str, url: str) -> str:
    """The address that will be called; empty where there is none."""
    try:
        return destination(kind).target_url(url)[0] if url else ""
    except (LookupError, SettingsError):
        return ""


def locate(kind: str, url: str, *, resolver: Resolver | None = None, seconds: float = PATIENCE) -> Place:
    """The address, and what its host resolves to now. Never waits longer than `seconds` and raises nothing.

    Addresses inside private networks are not named. A name server that does not answer is passed over: that is for
    the test of the connection to say.
    """
    called = called_address(kind, url)
    if not called:
        return Place()
    try:
        host = parse_url(called).host
        if literal_ip(host) is not None:
            environment.policy().check_host(host)
            return Place(called, host)
        found = resolve(host, environment.policy(), resolver=_bounded(resolver), deadline=seconds)
    except TransportError as error:
        return Place(
            called, problem="" if error.code == "dns_timeout" else f"{error.reason} {error.hint}".strip()
        )
    except _Busy:
        return Place(called)
    more = ", …" if len(found) > _SHOWN else ""
    return Place(called, host, ", ".join(str(address) for address in found[:_SHOWN]) + more)


def _bounded(resolver: Resolver | None) -> Resolver:
    """The resolver, as long as there is a place for it. It runs in a thread that may outlive the question."""

    def ask(host: str) -> list[str]:
        if not _places.acquire(blocking=False):
            raise _Busy
        try:
            return (resolver or system_resolver)(host)
        finally:
            _places.release()

    return ask
