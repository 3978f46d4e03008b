from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from audit.models import Tenant
from streaming import leasing, settling
from streaming.attempting import Attempt
from streaming.leasing import Lease
from streaming.models import Cursor, DeliveryAttempt, State, Stream
from streaming.reading import payloads_after
from streaming.wire.messages import Response
from streaming.wire.outcome import Outcome, Verdict
from tests.entries import make_entry
from tests.streams import MakeStream

NOW = datetime.now(UTC)
OK = Verdict(outcome=Outcome.DELIVERED, reason="Taken.", code="ok", http_status=200)
BUSY = Verdict(outcome=Outcome.RETRY, reason="Busy.", code="http_503", http_status=503)
TOO_LARGE = Verdict(outcome=Outcome.SPLIT, reason="Too large.", code="http_413")
REFUSED = Verdict(outcome=Outcome.REJECTED, reason="No such field.", code="http_400")
NO_TOKEN = Verdict(outcome=Outcome.HELD_FOR_CREDENTIALS, reason="Token.", code="http_401")


@pytest.fixture
def stream(acme: Tenant, make_stream: MakeStream) -> Stream:
    """Behind by thirteen entries."""
    made = make_stream()
    for _ in range(12):
        make_entry(acme)
    return made


def attempt(stream: Stream, verdict: Verdict, *, size: int = 8) -> Attempt:
    fresh = Stream.objects.select_related("cursor", "tenant").get(pk=stream.pk)
    batch = payloads_after(fresh.tenant_id, fresh.cursor.place, most=size)
    delivered = len(batch) if verdict.outcome is Outcome.DELIVERED else verdict.delivered
    return Attempt(fresh, batch, replace(verdict, delivered=delivered), at=NOW)


def settled(stream: Stream, verdict: Verdict, *, size: int = 8, **before: object) -> Cursor:
    """The cursor after an attempt with this verdict."""
    Cursor.objects.filter(pk=stream.pk).update(next_attempt_at=None, **before)
    lease = leasing.claim(stream.pk, owner="test")
    assert lease is not None
    assert settling.settle(attempt(stream, verdict, size=size), lease, now=NOW)
    leasing.release(lease)
    return Cursor.objects.get(pk=stream.pk)


def wait_of(cursor: Cursor) -> float:
    assert cursor.next_attempt_at is not None
    return (cursor.next_attempt_at - datetime.now(UTC)).total_seconds()


def test_a_delivered_batch_moves_the_place_and_ends_all_trouble(stream: Stream) -> None:
    cursor = settled(stream, OK, size=5, state=State.RETRYING, failures=7)

    assert (cursor.place, cursor.delivered, cursor.failures, cursor.state) == (5, 5, 0, State.HEALTHY)
    assert (cursor.next_attempt_at, cursor.last_success_at) == (None, NOW)


def test_what_is_in_counts_although_the_rest_is_to_be_sent_again(stream: Stream) -> None:
    cursor = settled(stream, replace(BUSY, delivered=3), failures=7)

    assert (cursor.place, cursor.delivered, cursor.failures, cursor.state) == (3, 3, 1, State.RETRYING)
    assert cursor.last_error == "Busy."


def test_each_failure_in_a_row_is_counted_and_the_wait_asked_for_is_kept(stream: Stream) -> None:
    cursor = settled(stream, replace(BUSY, retry_after=timedelta(seconds=100)), failures=2)

    assert (cursor.place, cursor.failures) == (0, 3)
    assert 90 < wait_of(cursor) < 310


def test_a_held_stream_asks_again_after_half_a_minute_at_the_earliest(stream: Stream) -> None:
    cursor = settled(stream, NO_TOKEN)

    assert (cursor.state, cursor.held_since) == (State.HELD_FOR_CREDENTIALS, NOW)
    assert 20 < wait_of(cursor) < 40


def test_since_when_it_is_held_does_not_move(stream: Stream) -> None:
    since = NOW - timedelta(hours=3)

    cursor = settled(stream, NO_TOKEN, state=State.HELD_FOR_SETTINGS, held_since=since)

    assert (cursor.state, cursor.held_since) == (State.HELD_FOR_CREDENTIALS, since)


def test_a_batch_that_is_too_large_is_halved_at_once(stream: Stream) -> None:
    cursor = settled(stream, TOO_LARGE)

    assert (cursor.batch_limit, cursor.window_end, cursor.next_attempt_at) == (4, None, None)
    assert (cursor.place, cursor.state, cursor.failures) == (0, State.HEALTHY, 0)


def test_a_refusal_that_names_nobody_is_among_the_batch_and_is_looked_for_at_once(stream: Stream) -> None:
    cursor = settled(stream, REFUSED, size=6)

    assert (cursor.window_end, cursor.batch_limit, cursor.next_attempt_at) == (6, None, None)
    assert (cursor.place, cursor.state, cursor.failures) == (0, State.HEALTHY, 0)


def test_the_window_closes_in_with_what_is_taken_and_what_is_refused(stream: Stream) -> None:
    assert settled(stream, OK, size=3, window_end=6).window_end == 6
    assert settled(stream, REFUSED, size=2).window_end == 5
    assert settled(stream, OK, size=1).window_end == 5
    assert settled(stream, OK, size=1).window_end is None


def test_a_named_entry_is_tried_alone_next_behind_those_that_were_taken(stream: Stream) -> None:
    cursor = settled(stream, replace(REFUSED, rejected=2, delivered=2))

    assert (cursor.place, cursor.window_end, cursor.state) == (2, 3, State.HEALTHY)


def test_an_entry_that_is_refused_alone_for_the_second_time_is_set_aside(stream: Stream) -> None:
    once = settled(stream, REFUSED, size=1, delivered=9, place=9)
    assert (once.place, once.window_end, once.set_aside) == (9, 10, 0)

    twice = settled(stream, REFUSED, size=1, batch_limit=3, state=State.RETRYING, failures=4)

    assert (twice.place, twice.set_aside, twice.delivered) == (10, 1, 9)
    assert (twice.window_end, twice.batch_limit) == (None, None)
    assert (twice.state, twice.failures, twice.next_attempt_at) == (State.HEALTHY, 0, None)
    assert twice.last_error == "Entry 10 was refused: No such field."


def test_trouble_begins_with_the_first_failure_and_ends_with_a_success(stream: Stream) -> None:
    since = NOW - timedelta(hours=1)

    assert settled(stream, TOO_LARGE).troubled_since is None
    assert settled(stream, BUSY).troubled_since == NOW
    assert settled(stream, replace(BUSY, delivered=1), troubled_since=since).troubled_since == since
    assert settled(stream, OK, size=1).troubled_since is None


def test_patience_with_an_answer_that_makes_no_sense_ends(stream: Stream) -> None:
    odd = replace(BUSY, hold_after=3)

    assert settled(stream, odd, failures=1).state == State.RETRYING
    assert settled(stream, odd).state == State.HELD_FOR_SETTINGS


def test_a_batch_limit_grows_back_with_each_success(stream: Stream) -> None:
    assert settled(stream, OK, size=1, batch_limit=10).batch_limit == 12
    assert settled(stream, OK, size=1, batch_limit=950).batch_limit is None
    assert settled(stream, BUSY, size=1, batch_limit=10).batch_limit == 10


def test_a_destination_near_its_limit_gets_less_and_later(stream: Stream) -> None:
    cursor = settled(stream, replace(OK, slow_down=True))

    assert cursor.batch_limit == settling.SMALLEST_SLOW_BATCH
    assert 0 < wait_of(cursor) <= 1


def test_what_the_destination_teaches_is_remembered(stream: Stream) -> None:
    cursor = settled(stream, replace(BUSY, go_plain=True, new_channel=True))

    taught = Stream.objects.get(pk=stream.pk)
    assert not taught.gzip
    assert taught.channel != stream.channel
    assert cursor.next_attempt_at is None
    assert wait_of(settled(stream, replace(BUSY, go_plain=True), failures=9)) > 0


def test_each_attempt_is_written_down(stream: Stream) -> None:
    lease = leasing.claim(stream.pk, owner="test")
    assert lease is not None
    answer = Response(status=503, headers={}, body=b"", elapsed=timedelta(milliseconds=1234))

    settling.settle(replace(attempt(stream, BUSY), answer=answer), lease, now=NOW)

    noted = DeliveryAttempt.objects.get()
    assert (noted.first_sequence, noted.last_sequence, noted.http_status, noted.milliseconds) == (
        1,
        8,
        503,
        1234,
    )
    assert (noted.outcome, noted.reason) == ("retry", "Busy.")


@pytest.mark.parametrize("change", ["lease", "place", "settings"])
def test_nothing_is_written_when_lease_place_or_settings_are_not_what_they_were(
    change: str, stream: Stream
) -> None:
    lease = leasing.claim(stream.pk, owner="slow")
    assert lease is not None
    late = attempt(stream, OK)
    if change == "lease":
        lease = Lease(stream.pk, lease.epoch - 1)
    elif change == "place":
        Cursor.objects.filter(pk=stream.pk).update(place=2, delivered=2)
    else:
        Stream.objects.filter(pk=stream.pk).update(config_version=9)
    before = Cursor.objects.filter(pk=stream.pk).values().get()

    assert not settling.settle(late, lease, now=NOW)

    assert Cursor.objects.filter(pk=stream.pk).values().get() == before
    assert not DeliveryAttempt.objects.exists()


def test_an_error_of_our_own_postpones_only_who_still_has_the_stream(stream: Stream) -> None:
    lease = leasing.claim(stream.pk, owner="slow")
    assert lease is not None
    leasing.fence_off(stream.pk)

    settling.postpone(lease, ValueError("canary"), now=NOW)

    assert Cursor.objects.get(pk=stream.pk).last_error == ""


def test_an_error_of_our_own_is_named_but_not_quoted_and_leaves_a_held_stream_held(stream: Stream) -> None:
    Cursor.objects.filter(pk=stream.pk).update(state=State.HELD_FOR_SETTINGS, failures=3)
    lease = leasing.claim(stream.pk, owner="test")
    assert lease is not None

    settling.postpone(lease, ValueError("canary"), now=NOW)

    cursor = Cursor.objects.get(pk=stream.pk)
    assert (cursor.state, cursor.failures) == (State.HELD_FOR_SETTINGS, 4)
    assert "ValueError" in cursor.last_error
    assert "canary" not in cursor.last_error
