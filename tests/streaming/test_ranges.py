from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.utils import timezone

from streaming.models import Stream
from streaming.ranges import RangeForm
from streaming.replaying import Span
from tests.replays import catch_up, record_entries
from tests.streams import MakeStream


@pytest.fixture
def stream(make_stream: MakeStream) -> Stream:
    made = make_stream()
    record_entries(made.tenant, 4, at=datetime(2026, 11, 20, 12, 0, tzinfo=UTC))
    catch_up(made)
    return made


def span(stream: Stream, **values: str) -> Span:
    form = RangeForm(values)
    assert form.is_valid(), form.errors
    return form.span(stream)


def test_numbers_without_an_end_mean_up_to_now(stream: Stream) -> None:
    assert span(stream, by="numbers", first="2") == Span(2, 5)
    assert span(stream, by="numbers", first="2", last="3") == Span(2, 3)


def test_moments_are_those_of_the_readers_zone() -> None:
    with timezone.override("America/New_York"):
        form = RangeForm({"by": "moments", "since": "2026-11-20T07:00"})
        assert form.is_valid()

    assert form.cleaned_data["since"] == datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def test_only_the_chosen_kind_of_range_is_looked_at() -> None:
    assert RangeForm({"by": "numbers", "first": "1", "until": "2026-11-20T07:00"}).is_valid()
    assert list(RangeForm({"by": "moments", "first": "1"}).errors) == ["since"]
    assert list(RangeForm({"by": "else"}).errors) == ["by"]
    assert list(RangeForm({"by": "numbers", "first": "0"}).errors) == ["first"]


def test_values_are_shown_as_they_were_entered() -> None:
    form = RangeForm({"by": "moments", "since": "rather soon", "first": "x"})

    assert form.shown == {"since": "rather soon", "until": "", "first": "x", "last": ""}
