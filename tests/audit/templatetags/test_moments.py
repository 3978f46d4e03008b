from __future__ import annotations

import zoneinfo
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from audit.templatetags import moments

NOW = datetime(2026, 11, 24, 13, 32, 30, tzinfo=UTC)


@pytest.fixture(autouse=True)
def in_amsterdam() -> Iterator[None]:
    with timezone.override(zoneinfo.ZoneInfo("Europe/Amsterdam")):
        yield


def test_a_moment_is_told_in_the_readers_zone() -> None:
    assert moments.in_words(datetime(2026, 11, 24, 13, 31, 52, tzinfo=UTC), now=NOW) == "24 Nov 14:31:52 CET"


def test_a_moment_in_summer_has_the_zone_of_summer() -> None:
    assert moments.in_words(datetime(2026, 7, 1, 22, 5, tzinfo=UTC), now=NOW) == "2 Jul 00:05:00 CEST"


def test_another_year_is_named() -> None:
    assert moments.in_words(datetime(2025, 12, 31, 22, 0, tzinfo=UTC), now=NOW) == "31 Dec 2025 23:00:00 CET"


def test_the_year_is_named_where_the_present_is_not_known() -> None:
    assert moments.in_words(NOW, now=None) == "24 Nov 2026 14:32:30 CET"


def test_a_moment_in_full_has_milliseconds_and_utc_has_microseconds() -> None:
    moment = datetime(2026, 11, 24, 13, 28, 29, 482_913, tzinfo=UTC)

    assert moments.in_full(moment) == "24 Nov 2026, 14:28:29.482 CET"
    assert moments.in_utc(moment) == "2026-11-24T13:28:29.482913Z"


@pytest.mark.parametrize(
    ("zone", "name"),
    [("Asia/Kolkata", "IST"), ("America/Sao_Paulo", "UTC-3"), ("Asia/Kathmandu", "UTC+5:45"), ("UTC", "UTC")],
)
def test_a_zone_without_letters_shows_its_distance(zone: str, name: str) -> None:
    assert moments.zone_name(NOW.astimezone(zoneinfo.ZoneInfo(zone))) == name


@pytest.mark.parametrize(
    ("before", "words"),
    [
        (timedelta(seconds=38), "38 s ago"),
        (timedelta(seconds=119), "1 min ago"),
        (timedelta(hours=7, minutes=42), "7 h 42 min ago"),
        (timedelta(hours=13), "13 h ago"),
        (timedelta(days=3, minutes=5), "3 d ago"),
        (timedelta(milliseconds=300), "now"),
        (-timedelta(minutes=4, seconds=12), "in 4 min 12 s"),
    ],
)
def test_age_is_told_in_at_most_two_units(before: timedelta, words: str) -> None:
    assert moments.age(NOW - before, now=NOW) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "0 s"), (0.02, "0.1 s"), (0.84, "0.8 s"), (3, "3 s"), (61.9, "1 min 1 s"), (48_720, "13 h 32 min")],
)
def test_a_duration_reads_like_a_clock(seconds: float, words: str) -> None:
    assert moments.duration(seconds) == words
