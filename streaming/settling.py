"""What became of an attempt, written down: cursor, attempt, and an entry where the stream's state has changed."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import F, QuerySet, Value
from django.db.models.functions import Now

from streaming import acknowledging, announcing, measuring, moving, setting_aside
from streaming.attempting import Attempt
from streaming.destination import destination
from streaming.leasing import Lease
from streaming.models import Cursor, DeliveryAttempt, State, Stream
from streaming.wire.backoff import held_wait, transient_wait
from streaming.wire.messages import Response
from streaming.wire.outcome import Outcome, Verdict

AWAITED = "It was taken; that it is safe is still to be confirmed."
# After "delivered, but I am near my limit": the pause before the next batch.
SLOW_DOWN = timedelta(seconds=1)
SMALLEST_SLOW_BATCH = 10
# An address that says that it is gone for good is asked ever more rarely, down to every six hours.
GONE, MOST_HOURS_WHILE_GONE = 410, 6


def settle(attempt: Attempt, lease: Lease, *, now: datetime) -> bool:
    """Write the attempt down. False, and nothing written, where lease, settings or place are not what they were."""
    stream = attempt.stream
    if moving.is_usual(attempt):
        return moving.move(attempt, lease, now=now)
    with transaction.atomic():
        # The settings' row before the cursor's, in the order of whoever saves settings: else both may wait for ever.
        Stream.objects.select_for_update(no_key=True).get(pk=stream.pk)
        if attempt.sets_aside and setting_aside.is_too_much(attempt):
            attempt = replace(attempt, everything=True)
        changes = _place(attempt, now=now) | _schedule(attempt) | _aside(attempt, now=now)
        if not _unchanged(stream, lease).update(**changes):
            transaction.set_rollback(True)
            return False
        remember(stream.pk, attempt.verdict)
        if attempt.batch:
            _note(attempt)
        announcing.change_of_state(stream, attempt.state, attempt.words, now=now)
    return True


def pass_over(stream: Stream, lease: Lease, number: int) -> bool:
    """Move on behind entries that retention removed before they were sent; they count as left out."""
    mine = Cursor.objects.filter(pk=stream.pk, lease_epoch=lease.epoch, place=stream.cursor.place)
    passed = {"place": F("place") + number, "left_out": F("left_out") + number}
    return bool(mine.update(**passed, **acknowledging.NOTHING_AWAITED))


def leave_out(attempt: Attempt, lease: Lease) -> bool:
    """Move on behind entries that the stream's filter does not take, where nothing has changed meanwhile."""
    return bool(_unchanged(attempt.stream, lease).update(**_moved(attempt, done=0)))


def _unchanged(stream: Stream, lease: Lease) -> QuerySet[Cursor]:
    """The cursor, if lease, place and settings are what they were when the stream was read."""
    # A condition over a join would put all of them into a subquery, which nobody looks at again who waited for the row.
    settings = Stream.objects.filter(pk=stream.pk, config_version=stream.config_version)
    return Cursor.objects.filter(
        lease_epoch=lease.epoch, place=stream.cursor.place, pk__in=settings.values("pk")
    )


def _moved(attempt: Attempt, *, done: int) -> dict[str, Any]:
    """The place behind what was reached, where `done` of the entries up to there were sent or set aside."""
    passed = attempt.reached - attempt.stream.cursor.place
    return {"place": attempt.reached, "not_matching": F("not_matching") + passed - done}


def _place(attempt: Attempt, *, now: datetime) -> dict[str, Any]:
    """How far the cursor comes, and what the page says about it."""
    verdict, counts = attempt.verdict, attempt.verdict.delivered and not attempt.unconfirmed
    changes: dict[str, Any] = {"last_attempt_at": now}
    if counts:
        changes |= {"last_success_at": now, "alike_refusals": 0, "alike_code": ""}
    if counts and attempt.again is None:
        changes |= _moved(attempt, done=verdict.delivered)
        changes |= {"delivered": F("delivered") + verdict.delivered}
    if verdict.outcome is Outcome.DELIVERED:
        changes |= {} if attempt.unconfirmed else acknowledging.learnt(attempt)
    else:
        changes |= {"last_error": attempt.words, "last_error_code": verdict.code, "last_error_at": now}
    return changes


def _aside(attempt: Attempt, *, now: datetime) -> dict[str, Any]:
    """What becomes of an entry that was refused alone, and of one that was sent again."""
    if attempt.unconfirmed:
        return {}
    if attempt.again is not None:
        return setting_aside.keep_result(attempt, attempt.again, now=now)
    if not attempt.sets_aside:
        return {}
    return _moved(attempt, done=1) | setting_aside.keep(attempt, now=now)


def _schedule(attempt: Attempt) -> dict[str, Any]:
    """When the stream is due again, how large its next batch may be, and since when it is held or in trouble."""
    verdict, cursor, state = attempt.verdict, attempt.stream.cursor, attempt.state
    changes: dict[str, Any] = {
        "state": state,
        "held_since": (cursor.held_since or attempt.at) if state.is_held else None,
        "batch_limit": _batch_limit(attempt),
        "window_end": _window_end(attempt),
    }
    if attempt.unconfirmed:
        return changes | acknowledging.awaited(attempt)
    if cursor.ack_id is not None:
        changes |= acknowledging.NOTHING_AWAITED
    if attempt.ends_trouble:
        wait = SLOW_DOWN if verdict.slow_down else None
        return changes | {
            "failures": 0,
            "troubled_since": None,
            "next_attempt_at": wait and Now() + Value(wait),
        }
    if attempt.at_once:
        return changes | {"next_attempt_at": None}
    failures = 1 if verdict.delivered else cursor.failures + 1
    wait = _wait(attempt, failures)
    changes |= {"troubled_since": cursor.troubled_since or attempt.at}
    return changes | {"failures": failures, "next_attempt_at": Now() + Value(wait)}


def _wait(attempt: Attempt, failures: int) -> timedelta:
    verdict, state = attempt.verdict, attempt.state
    waiting = held_wait if state.is_held else transient_wait
    floor = timedelta(hours=min(failures, MOST_HOURS_WHILE_GONE)) if verdict.http_status == GONE else None
    return waiting(failures, chance=random.random, retry_after=floor or verdict.retry_after)


def _window_end(attempt: Attempt) -> int | None:
    """The last sequence among which a refused entry is; it closes in with each batch that is refused or taken."""
    end = attempt.stream.cursor.window_end
    if attempt.suspect is not None:
        return attempt.suspect
    return end if end is not None and end > attempt.reached else None


def _batch_limit(attempt: Attempt) -> int | None:
    """Smaller after a refusal of size, larger again with each success, None for the destination's own limit."""
    limit, full = (
        attempt.stream.cursor.batch_limit,
        destination(attempt.stream.destination_kind).most_payloads,
    )
    if attempt.sets_aside:
        return None
    if attempt.halves:
        return len(attempt.batch) // 2
    if attempt.verdict.slow_down:
        return max(len(attempt.batch) // 2, SMALLEST_SLOW_BATCH)
    if limit is None or attempt.again is not None or attempt.verdict.outcome is not Outcome.DELIVERED:
        return limit
    grown = limit + limit // 10 + 1
    return None if grown >= full else grown


def remember(stream_id: UUID, verdict: Verdict) -> None:
    """Keep what the destination taught us about itself."""
    learnt: dict[str, Any] = {}
    if verdict.go_plain:
        learnt["gzip"] = False
    if verdict.new_channel:
        learnt["channel"] = uuid4()
    if learnt:
        Stream.objects.filter(pk=stream_id).update(**learnt)


def _note(attempt: Attempt) -> None:
    verdict, answer, reason = attempt.verdict, attempt.answer, attempt.verdict.reason
    if verdict.outcome is Outcome.DELIVERED:
        reason = AWAITED if attempt.unconfirmed else ""
    if attempt.unconfirmed:
        verdict = replace(verdict, delivered=0)
    elapsed = answer.elapsed if isinstance(answer, Response) else timedelta(0)
    DeliveryAttempt.objects.create(
        stream=attempt.stream,
        at=attempt.at,
        first_sequence=attempt.batch[0].sequence,
        last_sequence=attempt.batch[-1].sequence,
        outcome=verdict.outcome,
        delivered=verdict.delivered,
        code=verdict.code,
        reason=reason,
        http_status=verdict.http_status,
        milliseconds=round(elapsed.total_seconds() * 1000),
    )
    exchange = measuring.Exchange(attempt.batch, answer, verdict, attempt.at)
    measuring.note(attempt.stream, exchange, first_time=attempt.again is None)


def postpone(lease: Lease, error: Exception, *, now: datetime) -> None:
    """After an error of our own: try again later, and say so, instead of at every sweep."""
    mine = Cursor.objects.filter(pk=lease.stream_id, lease_epoch=lease.epoch)
    cursor = mine.first()
    if cursor is None:
        return
    wait = transient_wait(cursor.failures + 1, chance=random.random)
    mine.update(
        state=State(cursor.state) if State(cursor.state).is_held else State.RETRYING,
        failures=F("failures") + 1,
        troubled_since=cursor.troubled_since or now,
        next_attempt_at=Now() + Value(wait),
        last_error=f"Delivery met an error inside Auditsite ({type(error).__name__}); staff find it in the log.",
        last_error_code="internal_error",
        last_error_at=now,
    )
