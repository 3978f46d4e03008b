"""What became of an attempt, written down: cursor, attempt, and an entry where the stream's state has changed."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from django.db import transaction
from django.db.models import F, QuerySet, Value
from django.db.models.functions import Now

from streaming import announcing
from streaming.destination import destination
from streaming.leasing import Lease
from streaming.models import Cursor, DeliveryAttempt, State, Stream
from streaming.wire.backoff import held_wait, transient_wait
from streaming.wire.messages import Answer, Response
from streaming.wire.outcome import Outcome, Verdict
from streaming.wire.payload import Payload

# After "delivered, but I am near my limit": the pause before the next batch.
SLOW_DOWN = timedelta(seconds=1)
SMALLEST_SLOW_BATCH = 10


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try: the stream as it was read, what was sent, and what the answer meant.

    `through` is the last sequence that was looked at where the batch is all that was found: what lies between the
    payloads and up to there does not match the stream's filter.
    """

    stream: Stream
    batch: Sequence[Payload]
    verdict: Verdict
    at: datetime
    more: bool = False
    through: int | None = None
    answer: Answer | None = None

    @classmethod
    def without_sending(cls, stream: Stream, verdict: Verdict, *, at: datetime) -> Attempt:
        """A try that ended before anything could be sent."""
        return cls(stream, (), verdict, at=at)

    @property
    def is_empty(self) -> bool:
        """Whether nothing was to be sent, and the place only moves behind what does not match."""
        return not self.batch and self.through is not None

    @property
    def reached(self) -> int:
        """The sequence up to which everything is done after this."""
        done = self.verdict.delivered
        if done == len(self.batch) and self.through is not None:
            return self.through
        return self.batch[done - 1].sequence if done else self.stream.cursor.place

    @property
    def halves(self) -> bool:
        """Whether a smaller batch comes next: too large, or one entry of several was refused and none was named."""
        unclear = self.verdict.outcome is Outcome.REJECTED and self.verdict.rejected is None
        return len(self.batch) > 1 and (self.verdict.outcome is Outcome.SPLIT or unclear)

    @property
    def at_once(self) -> bool:
        """Whether the next try differs enough from this one to be made without waiting."""
        return self.halves or (self.verdict.go_plain and self.stream.gzip)

    @property
    def state(self) -> State:
        """What the stream is doing after this."""
        verdict, cursor = self.verdict, self.stream.cursor
        if verdict.outcome is Outcome.DELIVERED:
            return State.HEALTHY
        if verdict.outcome is Outcome.HELD_FOR_CREDENTIALS:
            return State.HELD_FOR_CREDENTIALS
        refused = verdict.outcome in {Outcome.REJECTED, Outcome.SPLIT} and not self.halves
        patience = verdict.hold_after is not None and cursor.failures + 1 >= verdict.hold_after
        if verdict.outcome is Outcome.HELD_FOR_SETTINGS or refused or patience:
            return State.HELD_FOR_SETTINGS
        stays = self.at_once or State(cursor.state).is_held
        return State(cursor.state) if stays else State.RETRYING


def settle(attempt: Attempt, lease: Lease, *, now: datetime) -> bool:
    """Write the attempt down. False, and nothing written, where lease, settings or place are not what they were."""
    stream, state = attempt.stream, attempt.state
    with transaction.atomic():
        # The settings' row before the cursor's, in the order of whoever saves settings: else both may wait for ever.
        Stream.objects.select_for_update(no_key=True).get(pk=stream.pk)
        if not _unchanged(stream, lease).update(**_place(attempt, now=now), **_schedule(attempt, state)):
            return False
        _remember(attempt)
        if attempt.batch:
            _note(attempt)
        announcing.change_of_state(stream, state, attempt.verdict, now=now)
    return True


def pass_over(stream: Stream, lease: Lease, number: int) -> bool:
    """Move on behind entries that retention removed before they were sent; they count as left out."""
    mine = Cursor.objects.filter(pk=stream.pk, lease_epoch=lease.epoch, place=stream.cursor.place)
    return bool(mine.update(place=F("place") + number, left_out=F("left_out") + number))


def leave_out(attempt: Attempt, lease: Lease) -> bool:
    """Move on behind entries that the stream's filter does not take, where nothing has changed meanwhile."""
    return bool(_unchanged(attempt.stream, lease).update(**_moved(attempt, done=0)))


def _unchanged(stream: Stream, lease: Lease) -> QuerySet[Cursor]:
    """The cursor, if lease, place and settings are what they were when the stream was read."""
    return Cursor.objects.filter(
        pk=stream.pk,
        lease_epoch=lease.epoch,
        place=stream.cursor.place,
        stream__config_version=stream.config_version,
    )


def _moved(attempt: Attempt, *, done: int) -> dict[str, Any]:
    """The place behind what was reached, where `done` of the entries up to there were sent."""
    passed = attempt.reached - attempt.stream.cursor.place
    return {"place": attempt.reached, "not_matching": F("not_matching") + passed - done}


def _place(attempt: Attempt, *, now: datetime) -> dict[str, Any]:
    """How far the cursor comes, and what the page says about it."""
    verdict = attempt.verdict
    changes: dict[str, Any] = {"last_attempt_at": now}
    if verdict.delivered:
        changes |= {
            **_moved(attempt, done=verdict.delivered),
            "delivered": F("delivered") + verdict.delivered,
            "last_success_at": now,
        }
    if verdict.outcome is not Outcome.DELIVERED:
        changes |= {"last_error": _words(attempt), "last_error_code": verdict.code, "last_error_at": now}
    return changes


def _schedule(attempt: Attempt, state: State) -> dict[str, Any]:
    """When the stream is due again, how large its next batch may be, and since when it is held."""
    verdict, cursor = attempt.verdict, attempt.stream.cursor
    held_since = (cursor.held_since or attempt.at) if state.is_held else None
    changes: dict[str, Any] = {"state": state, "held_since": held_since, "batch_limit": _batch_limit(attempt)}
    if verdict.outcome is Outcome.DELIVERED:
        wait = SLOW_DOWN if verdict.slow_down else None
        return changes | {"failures": 0, "next_attempt_at": wait and Now() + Value(wait)}
    if attempt.at_once:
        return changes | {"next_attempt_at": None}
    failures = 1 if verdict.delivered else cursor.failures + 1
    waiting = held_wait if state.is_held else transient_wait
    wait = waiting(failures, chance=random.random, retry_after=verdict.retry_after)
    return changes | {"failures": failures, "next_attempt_at": Now() + Value(wait)}


def _batch_limit(attempt: Attempt) -> int | None:
    """Smaller after a refusal of size, larger again with each success, None for the destination's own limit."""
    limit, full = (
        attempt.stream.cursor.batch_limit,
        destination(attempt.stream.destination_kind).most_payloads,
    )
    if attempt.halves:
        return len(attempt.batch) // 2
    if attempt.verdict.slow_down:
        return max(len(attempt.batch) // 2, SMALLEST_SLOW_BATCH)
    if limit is None or attempt.verdict.outcome is not Outcome.DELIVERED:
        return limit
    grown = limit + limit // 10 + 1
    return None if grown >= full else grown


def _remember(attempt: Attempt) -> None:
    """What the destination taught us about itself."""
    learnt: dict[str, Any] = {}
    if attempt.verdict.go_plain:
        learnt["gzip"] = False
    if attempt.verdict.new_channel:
        learnt["channel"] = uuid4()
    if learnt:
        Stream.objects.filter(pk=attempt.stream.pk).update(**learnt)


def _words(attempt: Attempt) -> str:
    verdict = attempt.verdict
    if verdict.outcome is Outcome.REJECTED and not attempt.halves:
        index = verdict.delivered if verdict.rejected is None else verdict.rejected
        return f"Entry {attempt.batch[index].sequence} was refused: {verdict.reason}"
    return verdict.reason


def _note(attempt: Attempt) -> None:
    verdict, answer = attempt.verdict, attempt.answer
    elapsed = answer.elapsed if isinstance(answer, Response) else timedelta(0)
    DeliveryAttempt.objects.create(
        stream=attempt.stream,
        at=attempt.at,
        first_sequence=attempt.batch[0].sequence,
        last_sequence=attempt.batch[-1].sequence,
        outcome=verdict.outcome,
        delivered=verdict.delivered,
        code=verdict.code,
        reason="" if verdict.outcome is Outcome.DELIVERED else verdict.reason,
        http_status=verdict.http_status,
        milliseconds=round(elapsed.total_seconds() * 1000),
    )


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
        next_attempt_at=Now() + Value(wait),
        last_error=f"Delivery met an error inside Auditsite ({type(error).__name__}); staff find it in the log.",
        last_error_code="internal_error",
        last_error_at=now,
    )
