from __future__ import annotations

import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streaming.transport.addresses import Policy, is_public
from streaming.transport.resolving import resolve
from streaming.transport.urls import parse_url
from streaming.wire.messages import AddressRefused, TransportError
from tests.streaming.transport.corpus import Case, FakeDns, cases

NOTHING = Policy()


@pytest.mark.parametrize("case", cases("resolve"), ids=str)
def test_a_name_with_a_forbidden_answer_is_refused(case: Case) -> None:
    with pytest.raises(TransportError):
        resolve(parse_url(case.url).host, NOTHING, resolver=FakeDns(case), deadline=0.2)


@pytest.mark.parametrize("case", [case for case in cases() if case.allowed], ids=str)
def test_an_allowed_name_resolves_to_what_may_be_dialled(case: Case) -> None:
    addresses = resolve(parse_url(case.url).host, NOTHING, resolver=FakeDns(case))

    assert str(addresses[0]) == case.connect


@given(st.lists(st.ip_addresses().map(str), max_size=40), st.booleans())
def test_whatever_a_name_server_says_only_public_addresses_come_out(answers: list[str], mapped: bool) -> None:
    if mapped:
        answers = [f"::ffff:{answer}" if ":" not in answer else answer for answer in answers]
    try:
        addresses = resolve("siem.example.com", NOTHING, resolver=lambda _: answers)
    except TransportError:
        return

    assert 0 < len(addresses) <= 32
    assert all(is_public(address) for address in addresses)


def test_a_name_that_flips_to_a_private_address_is_refused_the_next_time() -> None:
    case = next(case for case in cases() if case.id == "S187")
    dns = FakeDns(case)
    host = parse_url(case.url).host

    assert resolve(host, NOTHING, resolver=dns)
    with pytest.raises(AddressRefused):
        resolve(host, NOTHING, resolver=dns)


def _raising(error: Exception) -> object:
    def resolver(_host: str) -> list[str]:
        raise error

    return resolver


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (socket.gaierror(socket.EAI_NONAME, "x"), "dns_nxdomain"),
        (socket.gaierror(socket.EAI_AGAIN, "x"), "dns_timeout"),
        (UnicodeError("label too long"), "dns_nxdomain"),
    ],
)
def test_a_failed_look_up_is_told_apart(error: Exception, code: str) -> None:
    with pytest.raises(TransportError) as failure:
        resolve("siem.example.com", NOTHING, resolver=_raising(error))  # type: ignore[arg-type]  # a resolver

    assert failure.value.code == code
    assert "siem.example.com" in failure.value.reason


def test_no_answer_at_all_is_a_name_that_does_not_exist() -> None:
    with pytest.raises(TransportError, match="was not found"):
        resolve("siem.example.com", NOTHING, resolver=lambda _: [])


def test_an_error_of_ours_in_the_look_up_is_not_hidden() -> None:
    with pytest.raises(ZeroDivisionError):
        resolve("siem.example.com", NOTHING, resolver=_raising(ZeroDivisionError()))  # type: ignore[arg-type]  # a resolver


def test_the_machine_knows_localhost() -> None:
    assert "127.0.0.1" in map(str, resolve("localhost", Policy.parse("127.0.0.0/8")))
