from __future__ import annotations

import time
from threading import Event

import pytest
from pytest_django.fixtures import Settings

from streaming import environment, locating
from streaming.locating import Place, called_address, locate

URL = "https://splunk.acme.example:8088"
CALLED = f"{URL}/services/collector/event"


def test_the_address_is_shown_with_what_its_host_resolves_to() -> None:
    place = locate("splunk_hec", URL, resolver=lambda _: ["93.184.216.34", "2606:2800:220:1::1"])

    assert place == Place(CALLED, "splunk.acme.example", "93.184.216.34, 2606:2800:220:1::1")


def test_of_many_addresses_some_are_shown() -> None:
    found = locate("splunk_hec", URL, resolver=lambda _: [f"93.184.216.{n}" for n in range(9)]).addresses

    assert found == "93.184.216.0, 93.184.216.1, 93.184.216.2, …"


@pytest.mark.parametrize(("kind", "url"), [("splunk_hec", ""), ("splunk_hec", "http://x"), ("pigeon", URL)])
def test_values_that_give_no_address_are_passed_over(kind: str, url: str) -> None:
    assert locate(kind, url, resolver=lambda _: pytest.fail("asked")) == Place()
    assert called_address(kind, url) == ""


def test_a_private_address_is_refused_and_not_named() -> None:
    place = locate("splunk_hec", URL, resolver=lambda _: ["10.0.4.12"])

    assert place.problem.startswith("splunk.acme.example points to a private address, which is not allowed.")
    assert "10.0.4.12" not in f"{place}"


def test_an_address_without_a_name_needs_no_name_server(settings: Settings) -> None:
    settings.OUTBOUND_ALLOW = "10.0.0.0/8"
    environment.policy.cache_clear()

    assert locate("splunk_hec", "https://10.0.4.12", resolver=lambda _: pytest.fail("asked")).problem == ""
    refused = locate("splunk_hec", "https://192.168.1.1", resolver=lambda _: pytest.fail("asked"))
    assert refused.problem.startswith("192.168.1.1 is a private")


def test_a_name_that_is_not_found_is_said() -> None:
    def unknown(host: str) -> list[str]:
        raise OSError(host)

    assert locate("splunk_hec", URL, resolver=unknown).problem == (
        "The name splunk.acme.example was not found. Check the spelling, or ask who runs the name server."
    )


def test_a_name_server_that_hangs_holds_nobody_up_and_few_are_asked_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    released, asked = Event(), list[str]()

    def hangs(host: str) -> list[str]:
        asked.append(host)
        released.wait(10)
        return ["93.184.216.34"]

    began = time.monotonic()
    for _ in range(locating.MOST_AT_ONCE + 2):
        assert locate("splunk_hec", URL, resolver=hangs, seconds=0.05) == Place(CALLED)

    assert time.monotonic() - began < 5
    assert len(asked) == locating.MOST_AT_ONCE
    released.set()
    monkeypatch.undo()
    deadline = time.monotonic() + 5
    while locate("splunk_hec", URL, resolver=lambda _: ["93.184.216.34"]).addresses == "":
        assert time.monotonic() < deadline
