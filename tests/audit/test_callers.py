"""Which address is believed, and by which name a request is known."""

from __future__ import annotations

import pytest
from django.test import RequestFactory
from pytest_django import Settings

from audit.callers import client_ip, request_context, request_id


def test_without_a_proxy_nobody_chooses_their_own_address(rf: RequestFactory, settings: Settings) -> None:
    settings.BEHIND_PROXY = False

    request = rf.get("/", REMOTE_ADDR="203.0.113.7", headers={"x-forwarded-for": "198.51.100.1"})

    assert client_ip(request) == "203.0.113.7"


def test_behind_a_proxy_only_its_own_hop_is_believed(rf: RequestFactory, settings: Settings) -> None:
    settings.BEHIND_PROXY = True

    forged = rf.get("/", headers={"x-forwarded-for": "10.0.0.1, 198.51.100.1 ,203.0.113.9"})
    past_the_proxy = rf.get("/", REMOTE_ADDR="203.0.113.7")

    assert client_ip(forged) == "203.0.113.9"
    assert client_ip(past_the_proxy) == "203.0.113.7"


@pytest.mark.parametrize("address", ["", "unknown", "1.2.3.4:80", "<script>"])
def test_what_is_no_address_is_left_out(rf: RequestFactory, address: str) -> None:
    assert client_ip(rf.get("/", REMOTE_ADDR=address)) is None


def test_a_request_keeps_its_name_for_as_long_as_it_lasts(rf: RequestFactory) -> None:
    request = rf.get("/")

    assert request_id(request) == request_id(request)
    assert request_id(request) != request_id(rf.get("/"))


def test_the_name_that_the_proxy_gave_is_kept_where_it_can_be_printed(
    rf: RequestFactory, settings: Settings
) -> None:
    settings.BEHIND_PROXY = True

    assert request_id(rf.get("/", headers={"x-request-id": "abc-1"})) == "abc-1"
    assert request_id(rf.get("/", headers={"x-request-id": "a b\n"})) != "a b\n"
    settings.BEHIND_PROXY = False
    assert request_id(rf.get("/", headers={"x-request-id": "abc-1"})) != "abc-1"


def test_a_long_user_agent_is_cut_to_what_an_entry_holds(rf: RequestFactory) -> None:
    context = request_context(rf.get("/", headers={"user-agent": "x" * 5_000}))

    assert context.user_agent == "x" * 2_000
    assert request_context(rf.get("/")).user_agent is None
