from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streaming.wire.backoff import held_wait, parse_retry_after, transient_wait

NOW = datetime(2026, 11, 24, 8, 0, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
HOUR = timedelta(hours=1)


def most() -> float:
    return 1.0


def least() -> float:
    return 0.0


@pytest.mark.parametrize(
    ("failures", "seconds"), [(1, 1), (2, 2), (3, 4), (5, 16), (9, 256), (10, 300), (61, 300), (10_000, 300)]
)
def test_the_bound_of_the_wait_doubles_up_to_five_minutes(failures: int, seconds: int) -> None:
    assert transient_wait(failures, chance=most) == seconds * SECOND
    assert transient_wait(failures, chance=least) == timedelta(0)


@pytest.mark.parametrize(
    ("failures", "seconds"), [(1, 30), (2, 60), (3, 120), (4, 300), (5, 900), (6, 1800), (99, 1800)]
)
def test_a_held_stream_asks_ever_more_quietly(failures: int, seconds: int) -> None:
    assert held_wait(failures, chance=lambda: 0.5) == seconds * SECOND
    assert held_wait(failures, chance=least) == 0.8 * seconds * SECOND
    assert held_wait(failures, chance=most) == 1.2 * seconds * SECOND


def test_what_the_destination_asks_for_is_a_floor() -> None:
    assert transient_wait(1, chance=most, retry_after=90 * SECOND) == 90 * SECOND
    assert transient_wait(9, chance=most, retry_after=90 * SECOND) == 256 * SECOND
    assert held_wait(1, chance=most, retry_after=90 * SECOND) == 90 * SECOND


@pytest.mark.parametrize(
    ("text", "wait"),
    [
        ("120", 120 * SECOND),
        (" 120 ", 120 * SECOND),
        ("0", timedelta(0)),
        ("1.5", 1.5 * SECOND),
        ("86400", HOUR),
        ("9" * 400, HOUR),
        ("Tue, 24 Nov 2026 08:01:00 GMT", 60 * SECOND),
        ("Tuesday, 24-Nov-26 08:01:00 GMT", 60 * SECOND),
        ("Tue Nov 24 08:01:00 2026", 60 * SECOND),
        ("Fri, 31 Dec 9999 23:59:59 GMT", HOUR),
        ("Tue, 24 Nov 2026 07:59:00 GMT", None),
        ("-5", None),
        ("soon", None),
        ("", None),
        (None, None),
        ("1e3", None),
        ("١٢٠", None),
        ("Tue, 99 Nov 2026 08:01:00 GMT", None),
        ("Tue, 24 Nov 99999 08:01:00 GMT", None),
    ],
)
def test_retry_after_is_read_in_all_its_forms(text: str | None, wait: timedelta | None) -> None:
    assert parse_retry_after(text, now=NOW) == wait


def test_a_wrong_clock_over_there_does_not_matter() -> None:
    their_now, until = "Tue, 24 Nov 2037 08:00:00 GMT", "Tue, 24 Nov 2037 08:01:00 GMT"

    assert parse_retry_after(until, now=NOW, date=their_now) == 60 * SECOND
    assert parse_retry_after("Tue, 24 Nov 2026 08:01:00 GMT", now=NOW, date="nonsense") == 60 * SECOND


@given(st.text(max_size=40))
def test_no_text_breaks_the_reading(text: str) -> None:
    wait = parse_retry_after(text, now=NOW)

    assert wait is None or timedelta(0) <= wait <= HOUR
