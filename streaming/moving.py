"""The usual end of an attempt, a whole batch delivered by a stream in no trouble, written down in one statement.

Everything else is `settling`'s, which says what follows from each answer; here it would write the same in six round
trips. Nothing that is not named here may have changed, so whatever this module does not know is not usual.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import connection

from streaming import measuring
from streaming.attempting import Attempt
from streaming.leasing import Lease
from streaming.models import Cursor, State
from streaming.wire.messages import Response
from streaming.wire.outcome import Outcome, Verdict

# The settings' row is locked before the cursor's, in the order of whoever saves settings, and place and epoch are
# looked at again in the cursor's own row by whoever waited for it.
_MOVE = f"""
WITH settings AS (
    SELECT id FROM streaming_stream WHERE id = %s AND config_version = %s FOR NO KEY UPDATE
), moved AS (
    UPDATE streaming_cursor
    SET place = %s, delivered = delivered + %s, not_matching = not_matching + %s,
        last_attempt_at = %s, last_success_at = %s
    WHERE stream_id = (SELECT id FROM settings) AND lease_epoch = %s AND place = %s
    RETURNING stream_id
), noted AS (
    INSERT INTO streaming_deliveryattempt (stream_id, at, first_sequence, last_sequence, outcome, delivered, code,
        reason, http_status, milliseconds)
    SELECT stream_id, %s, %s, %s, %s, %s, %s, '', %s, %s FROM moved
), {measuring.counting(f"SELECT stream_id, %s, {measuring.PLACES} FROM moved")}
"""  # noqa: S608 - our own names


def is_usual(attempt: Attempt) -> bool:
    """Whether the stream is in no trouble, and all that follows from the answer is that the place moves."""
    return (
        bool(attempt.batch)
        and attempt.again is None
        and attempt.verdict == _plain(attempt.verdict, delivered=len(attempt.batch))
        and _is_at_rest(attempt.stream.cursor)
    )


def move(attempt: Attempt, lease: Lease, *, now: datetime) -> bool:
    """As `settling.settle`. False, and nothing written, where lease, settings or place are not what they were."""
    stream, verdict, batch = attempt.stream, attempt.verdict, attempt.batch
    place, outcome = stream.cursor.place, verdict.outcome.value
    passed = attempt.reached - place - verdict.delivered
    took = attempt.answer.elapsed.total_seconds() if isinstance(attempt.answer, Response) else 0.0
    first, last = batch[0].sequence, batch[-1].sequence
    noted: list[Any] = [
        attempt.at,
        first,
        last,
        outcome,
        verdict.delivered,
        verdict.code,
        verdict.http_status,
    ]
    exchange = measuring.Exchange(batch, attempt.answer, verdict, attempt.at)
    with connection.cursor() as cursor:
        cursor.execute(_MOVE, [
            stream.pk, stream.config_version,
            attempt.reached, verdict.delivered, passed, now, now, lease.epoch, place,
            *noted, round(took * 1000),
            outcome, *measuring.values_of(stream, exchange, first_time=True),
        ])  # fmt: skip
        return bool(cursor.rowcount)


def _plain(verdict: Verdict, *, delivered: int) -> Verdict:
    """The verdict without anything that asks for more than a move."""
    return Verdict(
        outcome=Outcome.DELIVERED,
        reason=verdict.reason,
        code=verdict.code,
        delivered=delivered,
        http_status=verdict.http_status,
        duplicates=verdict.duplicates,
    )


def _is_at_rest(cursor: Cursor) -> bool:
    values = (
        cursor.state, cursor.failures, cursor.alike_refusals, cursor.held_since, cursor.troubled_since,
        cursor.next_attempt_at, cursor.batch_limit, cursor.window_end, cursor.ack_id, cursor.ack_timeouts,
        cursor.warning,
    )  # fmt: skip
    return values == (State.HEALTHY, 0, 0, None, None, None, None, None, None, 0, "")
