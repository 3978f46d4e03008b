"""Windows: what of a log a stream takes, and how far it was looked for."""

from __future__ import annotations

import pytest

from audit.models import LogHead, Tenant
from streaming import reading
from streaming.filtering import FilterUnusable
from streaming.models import Cursor, Stream
from streaming.reading import EntryMissing, window_after
from tests.entries import make_entry
from tests.streaming.test_reading import lose
from tests.streams import MakeStream, deliver_once

BY_BOB = "by=bob@acme.example"


@pytest.fixture
def stream(acme: Tenant, globex: Tenant) -> Stream:
    """Of ten entries, 3, 4 and 9 are Bob's."""
    for number in range(1, 11):
        make_entry(acme, by="bob@acme.example" if number in {3, 4, 9} else "ana@acme.example")
        make_entry(globex, by="bob@acme.example")
    return Stream.objects.create(tenant=acme, url="", entry_filter=BY_BOB)


def seen(stream: Stream, place: int, *, most: int = 10, until: int | None = None) -> tuple[list[int], int]:
    window = window_after(stream, place, most=most, until=until)
    return [payload.sequence for payload in window.payloads], window.through


def test_a_window_holds_what_the_filter_takes_and_says_how_far_it_looked(stream: Stream) -> None:
    assert seen(stream, 0) == ([3, 4, 9], 10)
    assert seen(stream, 4) == ([9], 10)
    assert seen(stream, 9) == ([], 10)
    assert seen(stream, 10) == ([], 10)


def test_a_full_window_ends_at_its_last_payload(stream: Stream) -> None:
    assert seen(stream, 0, most=2) == ([3, 4], 4)


def test_a_window_that_holds_enough_bytes_ends_at_its_last_payload(
    stream: Stream, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "MOST_BYTES", 1)

    assert seen(stream, 0) == ([3], 3)
    assert seen(stream, 3) == ([4], 4)


def test_a_window_may_end_earlier(stream: Stream) -> None:
    assert seen(stream, 0, until=3) == ([3], 3)
    assert seen(stream, 4, until=4) == ([], 4)

    stream.entry_filter = ""
    assert seen(stream, 0, until=3) == ([1, 2, 3], 3)
    assert seen(stream, 4, until=4) == ([], 4)


def test_without_a_filter_everything_is_taken(stream: Stream) -> None:
    stream.entry_filter = ""

    assert seen(stream, 7) == ([8, 9, 10], 10)
    assert seen(stream, 10) == ([], 10)


def test_what_does_not_match_is_looked_through_in_steps(
    stream: Stream, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "MOST_LOOKED_AT", 4)

    assert [seen(stream, place) for place in (0, 4, 8)] == [([3, 4], 4), ([], 8), ([9], 10)]


def test_an_entry_that_is_missing_is_no_entry_that_does_not_match(stream: Stream) -> None:
    lose(stream.tenant, 6)

    assert seen(stream, 0) == ([3, 4], 5)
    assert seen(stream, 4) == ([], 5)
    with pytest.raises(EntryMissing, match="Entry 6"):
        seen(stream, 5)


def test_a_gap_at_the_end_is_an_error_for_a_filter_too(stream: Stream) -> None:
    LogHead.objects.filter(pk=stream.tenant_id).update(last_sequence=11)

    with pytest.raises(EntryMissing, match="Entry 11"):
        seen(stream, 10)


def test_a_filter_that_is_not_valid_any_more_is_refused(stream: Stream) -> None:
    stream.entry_filter = "area=no_such_area"

    with pytest.raises(FilterUnusable):
        seen(stream, 0)


def test_a_stream_with_such_a_filter_is_held(make_stream: MakeStream) -> None:
    stream = make_stream()
    Stream.objects.filter(pk=stream.pk).update(entry_filter="area=no_such_area")

    deliver_once(stream)

    cursor = Cursor.objects.get(pk=stream.pk)
    assert (cursor.place, cursor.state, cursor.last_error_code) == (0, "held_for_settings", "filter_invalid")
