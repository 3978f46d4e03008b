from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError

from audit.filters import fields
from audit.grammar import Term

AMSTERDAM = ZoneInfo("Europe/Amsterdam")


def test_values_come_trimmed_and_each_once() -> None:
    field = fields.ValuesField(required=False)

    assert field.clean([" a ", "b", "a", "", "  "]) == ["a", "b"]
    assert field.clean(None) == []


def test_every_value_that_cannot_be_used_is_named() -> None:
    def read(text: str) -> str:
        raise ValidationError(f"no {text}")

    with pytest.raises(ValidationError) as refused:
        fields.ValuesField(required=False, read=read).clean(["a", "b"])

    assert refused.value.messages == ["no a", "no b"]


def test_words_and_phrases_are_read_and_signs_alone_are_refused() -> None:
    field = fields.WordsField(required=False)

    assert field.clean(['v1.2 -"a b"']) == [Term(("v1", "2"), prefix=True), Term(("a", "b"), without=True)]
    assert field.clean(["x – y"]) == [Term(("x",), prefix=True), Term(("y",), prefix=True)]
    assert field.clean([""]) == []
    with pytest.raises(ValidationError, match="letters or digits"):
        field.clean(["-- *"])


@pytest.mark.parametrize(
    ("text", "first", "lasts"),
    [
        ("2026-11-24", "2026-11-23T23:00", timedelta(days=1)),
        ("2026-11-24T13:05", "2026-11-24T12:05", timedelta(minutes=1)),
        ("2026-11-24 13:05:30", "2026-11-24T12:05:30", timedelta(seconds=1)),
        ("2026-11-24T13:05:30.250", "2026-11-24T12:05:30.250", timedelta(microseconds=1)),
        ("2026-11-24T13:05Z", "2026-11-24T13:05", timedelta(minutes=1)),
        ("2026-11-24T13:05:30-05:00", "2026-11-24T18:05:30", timedelta(seconds=1)),
    ],
)
def test_a_time_lasts_as_long_as_it_is_exact(text: str, first: str, lasts: timedelta) -> None:
    moment = fields.read_moment(text, zone=AMSTERDAM)

    assert moment.first == datetime.fromisoformat(first).replace(tzinfo=UTC)
    assert moment.after - moment.first == lasts


def test_a_day_is_as_long_as_its_clock_says() -> None:
    shorter = fields.read_moment("2026-03-29", zone=AMSTERDAM)
    longer = fields.read_moment("2026-10-25", zone=AMSTERDAM)

    assert shorter.after - shorter.first == timedelta(hours=23)
    assert longer.after - longer.first == timedelta(hours=25)


def test_an_hour_that_comes_twice_is_found_both_times() -> None:
    twice = fields.read_moment("2026-10-25T02:30", zone=AMSTERDAM)

    assert twice.after - twice.first == timedelta(hours=1, minutes=1)


@pytest.mark.parametrize("text", ["", "now", "24.11.2026", "2026-13-01", "2026-11-24T25:00", "9999-12-31"])
def test_what_is_no_time_is_refused_with_how_to_write_one(text: str) -> None:
    with pytest.raises(ValidationError, match="Write 2026-11-24"):
        fields.read_moment(text, zone=AMSTERDAM)


@pytest.mark.parametrize("text", ["a\x00b", "\ud800", "x" * 501])
def test_what_no_entry_holds_is_not_asked_for(text: str) -> None:
    with pytest.raises(ValidationError):
        fields.printable(text)
