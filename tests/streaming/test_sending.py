"""What is sent next; over real sockets."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from audit.models import Tenant
from auditsite.demo.intake import Behaviour, Intake
from streaming import environment
from streaming.attempting import Attempt
from streaming.models import Cursor, SetAside, Stream
from streaming.prefetching import Ahead
from streaming.sending import next_attempt
from streaming.wire.outcome import Outcome
from tests.entries import NOON, make_entry
from tests.streaming.test_reading import lose
from tests.streams import MakeStream

KIND = "http_bearer"


@pytest.fixture
def stream(acme: Tenant, make_stream: MakeStream) -> Stream:
    """Behind by nine entries."""
    made = make_stream(KIND)
    for _ in range(8):
        make_entry(acme)
    return made


def tried(stream: Stream, *, aside_first: bool = False, **cursor: object) -> Attempt | None:
    Cursor.objects.filter(pk=stream.pk).update(**cursor or {"failures": 0})
    fresh = Stream.objects.select_related("cursor", "tenant").get(pk=stream.pk)
    with environment.client() as client:
        return next_attempt(fresh, Ahead(client), now=datetime.now(UTC), aside_first=aside_first)


def sent(stream: Stream, *, aside_first: bool = False, **cursor: object) -> list[int]:
    attempt = tried(stream, aside_first=aside_first, **cursor)
    return [payload.sequence for payload in attempt.batch] if attempt else []


def keep_aside(stream: Stream, sequence: int) -> SetAside:
    return SetAside.objects.create(
        stream=stream, sequence=sequence, entry_id=stream.pk, at=NOON, last_tried_at=NOON, send_again=True
    )


def test_the_size_of_a_batch_follows_from_what_the_destination_can_take_just_now(stream: Stream) -> None:
    assert sent(stream) == list(range(1, 10))
    assert sent(stream, batch_limit=4) == [1, 2, 3, 4]
    assert sent(stream, batch_limit=None, window_end=6) == [1, 2, 3]
    assert sent(stream, place=5, delivered=5) == [6]
    assert sent(stream, place=6, delivered=6) == [7, 8, 9]


def test_a_stream_in_trouble_sends_ten_at_most(acme: Tenant, stream: Stream) -> None:
    for _ in range(5):
        make_entry(acme)

    assert sent(stream, failures=1) == list(range(1, 11))
    assert sent(stream, window_end=14) == list(range(1, 8))


def test_set_asides_come_in_their_turn_or_where_nothing_else_waits(stream: Stream) -> None:
    keep_aside(stream, 3)

    assert sent(stream, place=4, delivered=3, set_aside=1) == [5, 6, 7, 8, 9]
    assert sent(stream, aside_first=True) == [3]
    assert sent(stream, place=9, delivered=8) == [3]


def test_where_everything_is_refused_set_asides_come_last(stream: Stream) -> None:
    keep_aside(stream, 3)

    guarded = {"place": 4, "delivered": 3, "set_aside": 1, "alike_refusals": 5}
    assert sent(stream, aside_first=True, **guarded) == [5, 6, 7, 8, 9]
    assert sent(stream, aside_first=True, place=9, delivered=8) == [3]


def test_a_set_aside_whose_entry_was_removed_is_refused_by_us(stream: Stream, loopback: Intake) -> None:
    keep_aside(stream, 3)
    lose(stream.tenant, 3)

    attempt = tried(stream, aside_first=True, place=4, delivered=3, set_aside=1)

    assert attempt is not None
    assert (attempt.batch, attempt.verdict.outcome, attempt.verdict.code) == (
        (),
        Outcome.REJECTED,
        "entry_removed",
    )
    assert loopback.received(KIND) == []


def test_one_that_is_too_large_alone_goes_shortened_within_the_same_attempt(
    stream: Stream, loopback: Intake
) -> None:
    loopback.behave(KIND, Behaviour(status=413), times=1)

    attempt = tried(stream, window_end=1)

    assert attempt is not None
    assert attempt.verdict.outcome is Outcome.DELIVERED
    assert [len(attempt.batch), loopback.received(KIND)[0].entry["parameters"]["_truncated"]] == [1, True]


def test_nothing_waits_at_the_head(stream: Stream) -> None:
    assert tried(stream, place=9, delivered=9) is None
