from __future__ import annotations

from datetime import datetime, timedelta
from uuid import uuid4

import pytest

from audit.models import Tenant
from streaming.hourly import HOURS, LastDay, last_days
from streaming.models import HourFigures, Stream
from tests.entries import NOON

HOUR = timedelta(hours=1)


def did(stream: Stream, hour: datetime, **numbers: float) -> None:
    HourFigures.objects.create(stream=stream, tenant=stream.tenant, hour=hour, **numbers)


def day(*delivered: int, **more: int) -> LastDay:
    return LastDay(NOON, delivered, **more)  # type: ignore[arg-type] # numbers only


def test_the_last_24_hours_end_with_the_present_one(acme: Tenant) -> None:
    stream = Stream.objects.create(tenant=acme, url="")
    did(stream, NOON, delivered=5, requests=2)
    did(stream, NOON - 23 * HOUR, delivered=7, requests=1, failed=1)
    did(stream, NOON - 24 * HOUR, delivered=100, requests=1)

    found = last_days([stream.pk], now=NOON + timedelta(minutes=59))[stream.pk]

    assert (found.first, len(found.delivered)) == (NOON - 23 * HOUR, HOURS)
    assert (found.delivered[0], found.delivered[-1], found.number) == (7, 5, 12)
    assert (found.requests, found.failed, found.troubled) == (3, 1, (0,))


def test_streams_are_kept_apart_and_one_that_did_nothing_is_there(acme: Tenant) -> None:
    one, other = (Stream.objects.create(tenant=acme, url="", name=name) for name in "ab")
    did(one, NOON, delivered=5)

    found = last_days([one.pk, other.pk], now=NOON)

    assert (found[one.pk].number, found[other.pk].number) == (5, 0)
    assert last_days([uuid4()], now=NOON).popitem()[1].words == "Nothing delivered in the last 24 hours"


def test_the_lag_is_that_of_the_last_hour_in_which_something_arrived(acme: Tenant) -> None:
    stream = Stream.objects.create(tenant=acme, url="")
    did(stream, NOON - 2 * HOUR, delivered=1, age_seconds=900)
    did(stream, NOON - HOUR, delivered=4, age_seconds=2)
    did(stream, NOON, requests=3, failed=3)

    assert last_days([stream.pk], now=NOON)[stream.pk].lag == 0.5
    assert last_days([uuid4()], now=NOON).popitem()[1].lag is None


def test_the_line_is_high_where_much_was_delivered() -> None:
    drawn = day(0, 10, 5)

    assert drawn.line == "M0.00 46.00 L50.00 4.00 L100.00 25.00"
    assert drawn.area == f"{drawn.line} L100 48 L0 48 Z"
    assert day(0, 0).line == "M0.00 46.00 L100.00 46.00"


@pytest.mark.parametrize(
    ("requests", "failed", "shown"),
    [(0, 0, ""), (10, 0, "100"), (10, 1, "90"), (100_000, 1, "99.99"), (3, 1, "66.67"), (3, 3, "0")],
)
def test_success_is_100_only_where_nothing_failed(requests: int, failed: int, shown: str) -> None:
    assert day(0, requests=requests, failed=failed).success == shown


@pytest.mark.parametrize(
    ("number", "shown"), [(0, "0"), (1, "0.1"), (2871, "2.0"), (14_400, "10"), (14_400_000, "10,000")]
)
def test_the_pace_is_that_of_the_whole_day(number: int, shown: str) -> None:
    assert day(0, number).per_minute == shown


def test_the_words_say_what_is_drawn() -> None:
    assert day(1, 0).words == "1 entry delivered in the last 24 hours"
    told = day(2000, 871, requests=10, failed=2).words
    assert told == "2,871 entries delivered in the last 24 hours; 2 of 10 requests failed"
