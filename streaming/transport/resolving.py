"""From a host to the addresses that will be dialled: one look-up, bounded, and every answer checked."""

from __future__ import annotations

import queue
import socket
import threading
from collections.abc import Callable
from ipaddress import ip_address
from typing import TypeAlias

from streaming.transport.addresses import Policy
from streaming.transport.urls import IPAddress, literal_ip
from streaming.wire.messages import AddressRefused, TransportError

Resolver: TypeAlias = Callable[[str], list[str]]
"""A host name → the text of its addresses. Raises OSError if there are none."""

DNS_DEADLINE = 3.0
"""Seconds."""
MOST_ANSWERS = 32


def resolve(
    host: str, policy: Policy, *, resolver: Resolver | None = None, deadline: float = DNS_DEADLINE
) -> list[IPAddress]:
    """The addresses that may be dialled for the host, in the order to try them.

    Raises AddressRefused if the name or any answer is not allowed, else TransportError `dns_nxdomain` or
    `dns_timeout`.
    """
    policy.check_host(host)
    literal = literal_ip(host)
    if literal is not None:
        return policy.check_answers(host, [literal])
    answers = _ask(host, resolver or system_resolver, deadline=deadline)
    if not answers:
        raise TransportError("dns_nxdomain", _not_found(host), hint=_CHECK_NAME)
    if len(answers) > MOST_ANSWERS:
        raise AddressRefused(
            "addr_forbidden", f"{host} has more than {MOST_ANSWERS} addresses, which is not allowed."
        )
    return policy.check_answers(host, [ip_address(answer) for answer in answers])


def system_resolver(host: str) -> list[str]:
    """The machine's own resolver."""
    found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    # A zone only comes with link-local answers, which are refused anyhow.
    return list(dict.fromkeys(str(address[0]).split("%")[0] for *_, address in found))


_CHECK_NAME = "Check the spelling, or ask who runs the name server."


def _not_found(host: str) -> str:
    return f"The name {host} was not found."


def _ask(host: str, resolver: Resolver, *, deadline: float) -> list[str]:
    # getaddrinfo takes no timeout: it runs in a thread of its own, left behind when it takes too long.
    answers: queue.SimpleQueue[list[str] | Exception] = queue.SimpleQueue()

    def run() -> None:
        try:
            answers.put(resolver(host))
        except Exception as error:  # noqa: BLE001 - handed over to the thread that waits
            answers.put(error)

    threading.Thread(target=run, name="dns", daemon=True).start()
    try:
        answer = answers.get(timeout=deadline)
    except queue.Empty:
        raise TransportError(
            "dns_timeout",
            f"The name server did not answer for {host} in time.",
            hint=_CHECK_NAME,
        ) from None
    if isinstance(answer, socket.gaierror) and answer.errno in _TEMPORARY:
        raise TransportError(
            "dns_timeout", f"The name server could not answer for {host} just now.", hint=_CHECK_NAME
        )
    if isinstance(answer, OSError | UnicodeError):
        raise TransportError("dns_nxdomain", _not_found(host), hint=_CHECK_NAME) from answer
    if isinstance(answer, Exception):
        raise answer
    return answer


_TEMPORARY = {socket.EAI_AGAIN}
