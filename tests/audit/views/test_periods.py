"""The time menu: presets, and from and to in words and in fields."""

from __future__ import annotations

import pytest
from django.http import QueryDict
from django.utils import timezone

from audit.views.addresses import tidy
from audit.views.periods import Period
from tests.entries import NOON

LOG = "/t/acme/audit-log/"


def period(query: str) -> Period:
    return Period(tidy(LOG, QueryDict(query)), now=NOON)


@pytest.mark.parametrize(
    ("query", "label"),
    [
        ("", "All time"),
        ("range=15m", "Last 15 minutes"),
        ("from=2026-11-24T08:15", "From 24 Nov 08:15"),
        ("to=2025-11-24", "Until 24 Nov 2025 23:59"),
        ("from=2026-11-24&to=2026-11-25", "24 Nov 00:00 – 25 Nov 23:59"),
        ("range=9d", "9d"),
    ],
)
def test_the_time_button_says_which_time(query: str, label: str) -> None:
    assert period(query).label == label


def test_a_preset_takes_the_place_of_from_and_to_and_all_time_of_both() -> None:
    ranges = {label: str(address) for label, address, _ in period("from=2026-11-24&by=x").ranges}

    assert ranges["Last hour"] == f"{LOG}?by=x&range=1h"
    assert ranges["All time"] == f"{LOG}?by=x"
    assert str(period("range=7d&by=x").last_day) == f"{LOG}?by=x&range=24h"


@pytest.mark.parametrize(
    ("query", "chosen"),
    [("", ["All time"]), ("range=7d", ["Last 7 days"]), ("from=2026-11-24", []), ("range=9d", [])],
)
def test_the_preset_that_is_chosen_is_marked(query: str, chosen: list[str]) -> None:
    assert [label for label, _, on in period(query).ranges if on] == chosen


@pytest.mark.parametrize(
    ("query", "fields"),
    [
        ("", ("", "")),
        ("from=2026-11-24&to=2026-11-25", ("2026-11-24T00:00", "2026-11-25T23:59")),
        ("from=2026-11-24T08:15&to=2026-11-24T08:15", ("2026-11-24T08:15", "2026-11-24T08:15")),
        ("from=2026-11-24T08:15:30Z&to=2026-11-24T08:15:30Z", ("2026-11-24T08:15:30", "2026-11-24T08:15:30")),
        ("from=nonsense", ("nonsense", "")),
    ],
)
def test_fields_hold_the_same_time_as_the_address(query: str, fields: tuple[str, str]) -> None:
    assert (period(query).from_field, period(query).to_field) == fields


@pytest.mark.parametrize(
    ("zone", "words"),
    [
        ("UTC", "UTC"),
        ("Europe/Amsterdam", "Europe/Amsterdam (CET, UTC+1)"),
        ("Asia/Kathmandu", "Asia/Kathmandu (UTC+5:45)"),
        ("America/New_York", "America/New_York (EST, UTC-5)"),
    ],
)
def test_the_zone_is_named_with_how_far_it_is_off(zone: str, words: str) -> None:
    with timezone.override(zone):
        assert period("").zone == words


def test_fields_are_in_the_readers_zone() -> None:
    with timezone.override("Asia/Tokyo"):
        assert period("from=2026-11-24T08:15Z").from_field == "2026-11-24T17:15"
