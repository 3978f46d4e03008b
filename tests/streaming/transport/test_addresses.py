from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streaming.transport.addresses import Policy, PolicyError, check_address, is_public
from streaming.wire.messages import AddressRefused
from tests.streaming.transport.corpus import Case, cases

NOTHING = Policy()
METADATA = [
    "169.254.169.254",
    "169.254.170.2",
    "192.0.0.192",
    "100.100.100.200",
    "168.63.129.16",
    "fd00:ec2::254",
]


@pytest.mark.parametrize("case", cases("parse", "ip"), ids=str)
def test_a_forbidden_address_of_the_corpus_is_refused_before_any_look_up(case: Case) -> None:
    with pytest.raises(AddressRefused):
        check_address(case.url, NOTHING)


@pytest.mark.parametrize("case", [case for case in cases() if case.allowed], ids=str)
def test_an_allowed_address_of_the_corpus_passes_the_form(case: Case) -> None:
    assert str(check_address(case.url, NOTHING)).startswith("https://")


def test_a_private_address_is_named_in_the_refusal() -> None:
    with pytest.raises(AddressRefused, match=r"^10\.0\.4\.12 is a private address\.$") as refusal:
        check_address("https://10.0.4.12/", NOTHING)

    assert refusal.value.code == "addr_forbidden"


@pytest.mark.parametrize(
    ("allow", "url"),
    [
        ("127.0.0.0/8", "https://127.0.0.1:8088/"),
        ("127.0.0.0/8", "https://localhost:8088/"),
        ("::1", "https://localhost:8088/"),
        ("10.2.0.0/16, splunk.corp", "https://splunk.corp:8088/"),
        ("splunk", "https://splunk:8088/"),
        ("Splunk.Corp.Example.", "https://splunk.corp.example/"),
        ("10.1.2.3", "https://10.1.2.3/"),
    ],
)
def test_what_the_operator_allows_passes(allow: str, url: str) -> None:
    assert check_address(url, Policy.parse(allow)).host in url.lower()


@pytest.mark.parametrize(
    ("allow", "url"),
    [
        ("10.0.0.0/8", "https://localhost/"),
        ("10.0.0.0/8", "https://siem.corp/"),
        ("splunk.corp", "https://other.corp/"),
        ("127.0.0.0/8", "https://10.0.0.1/"),
    ],
)
def test_what_the_operator_does_not_name_stays_closed(allow: str, url: str) -> None:
    with pytest.raises(AddressRefused):
        check_address(url, Policy.parse(allow))


@pytest.mark.parametrize("ip", METADATA)
def test_metadata_cannot_be_reached_whatever_is_allowed(ip: str) -> None:
    policy = Policy.parse("0.0.0.0/0, ::/0, splunk.corp.example")

    assert not policy.allows(ip_address(ip))
    assert not policy.allows(ip_address(ip), host="splunk.corp.example")


@pytest.mark.parametrize(
    ("allow", "told"),
    [
        ("169.254.169.254", "metadata"),
        ("169.254.0.0/24", "metadata"),
        ("metadata.google.internal", "metadata"),
        ("10.0.0.1/8", "is not a network"),
        ("https://splunk.corp.example/", "is not a network"),
        ("splunk.corp.example:8088", "neither a host nor a network"),
        ("*.corp.example", "neither a host nor a network"),
    ],
)
def test_a_wrong_list_says_which_item_and_why(allow: str, told: str) -> None:
    with pytest.raises(PolicyError, match=told) as fault:
        Policy.parse(f"127.0.0.0/8, {allow}")

    assert allow in str(fault.value)


def test_one_bad_answer_refuses_all_and_is_not_named() -> None:
    answers = [ip_address("93.184.216.34"), ip_address("10.0.0.5")]

    with pytest.raises(AddressRefused, match="points to a private address") as refusal:
        NOTHING.check_answers("siem.example.com", answers)

    assert "10.0.0.5" not in refusal.value.reason + refusal.value.hint + refusal.value.detail


def test_only_localhost_may_leave_answers_out() -> None:
    policy = Policy.parse("127.0.0.0/8")
    answers = [ip_address("::1"), ip_address("127.0.0.1")]

    assert policy.check_answers("localhost", answers) == [ip_address("127.0.0.1")]
    with pytest.raises(AddressRefused):
        policy.check_answers("siem.example.com", answers)


@given(st.ip_addresses())
def test_a_public_address_is_never_one_that_the_standard_library_calls_private(
    ip: IPv4Address | IPv6Address,
) -> None:
    if is_public(ip):
        assert not any((ip.is_private, ip.is_loopback, ip.is_link_local, ip.is_multicast))


@given(st.ip_addresses(v=4))
def test_an_address_and_its_mapped_form_are_judged_alike(ip: IPv4Address) -> None:
    assert is_public(IPv6Address(f"::ffff:{ip}")) == is_public(ip)
