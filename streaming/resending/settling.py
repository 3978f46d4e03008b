"""What became of a replay's attempt, written down: its place, refusals set aside, and an entry when it has ended."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F, QuerySet, Value
from django.db.models.functions import Now

from audit.catalog.areas.tenant_admin_settings import AUDIT_LOG_REPLAYED
from audit.drafts import Actor, Context, Draft
from audit.recording import record
from streaming import measuring
from streaming.announcing import DELIVERY
from streaming.models import Replay, ReplayState, Stream
from streaming.reading import EntryMissing
from streaming.resending import refusals
from streaming.resending.reading import passed
from streaming.settling import remember
from streaming.wire.backoff import held_wait, transient_wait
from streaming.wire.messages import Answer
from streaming.wire.outcome import Outcome, Verdict
from streaming.wire.payload import Payload

# After "taken, but I am near my limit": the pause before the next batch.
SLOW_DOWN = timedelta(seconds=1)
# So many refusals in a row for the same reason are no matter of single entries: a person should look.
MOST_ALIKE = 5
# No destination takes more in one request; from here on its own limit counts.
LARGEST_LIMIT = 2_000
REFUSING = (Outcome.REJECTED, Outcome.SPLIT)


@dataclass(frozen=True, slots=True)
class ReplayLease:
    """The right to work on a replay until it runs out; `epoch` is its fencing token."""

    replay_id: UUID
    epoch: int

    def mine(self) -> QuerySet[Replay]:
        return Replay.objects.filter(pk=self.replay_id, lease_epoch=self.epoch)

    def standing(self, replays: QuerySet[Replay]) -> QuerySet[Replay]:
        """This replay, if it is one of these and the lease has not run out."""
        # The row's own columns are compared in the row, not in a subquery: only those are read again after a wait.
        return self.mine().filter(leased_until__gt=Now(), pk__in=replays.values("pk"))


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try: the replay as it was read, what was sent, what it meant, and the last number that was looked at."""

    replay: Replay
    batch: Sequence[Payload]
    verdict: Verdict
    through: int
    answer: Answer | None = None

    @property
    def halves(self) -> bool:
        """Whether a smaller batch comes next: too large, or one entry of several was refused."""
        return len(self.batch) > 1 and self.verdict.outcome in REFUSING

    @property
    def refused(self) -> Payload | None:
        """The entry that was sent alone, and refused for its own content."""
        return self.batch[0] if len(self.batch) == 1 and self.verdict.outcome in REFUSING else None

    @property
    def through_now(self) -> int:
        """Up to where the place moves."""
        if self.verdict.outcome is Outcome.DELIVERED:
            return self.through
        if self.refused is not None:
            return self.refused.sequence
        delivered = self.verdict.delivered
        return self.batch[delivered - 1].sequence if delivered else self.replay.place

    @property
    def at_once(self) -> bool:
        """Whether the next batch may follow without a wait."""
        fine = self.verdict.outcome is Outcome.DELIVERED or self.refused is not None or self.halves
        plain = self.verdict.go_plain and self.replay.stream.gzip
        return (fine and not self.verdict.slow_down) or plain


def settle(attempt: Attempt, lease: ReplayLease, *, now: datetime) -> bool:
    """Write the attempt down. False, and nothing written, where lease, settings or place are not what they were."""
    stream = attempt.replay.stream
    with transaction.atomic():
        # The settings' row first, in the order of whoever saves settings: else both may wait for ever.
        version = Stream.objects.select_for_update(no_key=True).get(pk=stream.pk).config_version
        mine = lease.mine().filter(place=attempt.replay.place).select_for_update().first()
        if mine is None or version != stream.config_version:
            return False
        changes = _changes(attempt, mine, now=now)
        Replay.objects.filter(pk=mine.pk).update(**changes)
        delivered = [payload.sequence for payload in attempt.batch[: attempt.verdict.delivered]]
        refusals.resolve(stream, delivered, now=now)
        remember(stream.pk, attempt.verdict)
        if attempt.batch:
            exchange = measuring.Exchange(attempt.batch, attempt.answer, attempt.verdict, now)
            measuring.note(stream, exchange, first_time=False)
        if changes.get("state") is ReplayState.DONE:
            mine.refresh_from_db()
            tell(mine, "done", by=DELIVERY, now=now)
    return True


def _changes(attempt: Attempt, mine: Replay, *, now: datetime) -> dict[str, Any]:
    """What becomes of the replay; one that was cancelled meanwhile keeps its state."""
    try:
        changes = _place(attempt) | _schedule(attempt)
    except EntryMissing as missing:
        words = f"{missing} The replay waits; cancel it, and start another behind that entry."
        changes = {"state": ReplayState.PAUSED, "last_error": words}
    if attempt.refused is not None:
        changes |= _refused(attempt, attempt.refused, now=now)
    if not ReplayState(mine.state).is_open:
        changes.pop("state", None)
    elif changes.get("place") == mine.last_sequence:
        changes |= {"state": ReplayState.DONE, "finished_at": now, "next_attempt_at": None}
    return changes


def tell(replay: Replay, result: str, *, by: Actor, now: datetime, context: Context | None = None) -> None:
    """Record that a replay was started, is done, or was cancelled; call it in the transaction, as its last act."""
    stream = replay.stream
    started = result == "started"
    parameters: dict[str, Any] = {
        "stream_name": stream.name,
        "from_sequence": replay.first_sequence,
        "to_sequence": replay.last_sequence,
        "entries": replay.counted if started else replay.delivered,
        "result": result,
        "replay_id": str(replay.pk),
    }
    if not started:
        parameters |= {
            "refused": replay.refused,
            "not_matching": replay.not_matching,
            "removed": replay.removed,
            "reached_sequence": replay.place,
        }
    draft = Draft(AUDIT_LOG_REPLAYED, by, parameters=parameters, context=context)
    record(tenant=stream.tenant, draft=draft, now=now)


def postpone(lease: ReplayLease, error: Exception) -> None:
    """After an error of our own: try again later, and say so, instead of at every sweep."""
    replay = lease.mine().first()
    if replay is None:
        return
    wait = transient_wait(replay.failures + 1, chance=random.random)
    words = f"The replay met an error inside Auditsite ({type(error).__name__}); staff find it in the log."
    lease.mine().update(failures=F("failures") + 1, next_attempt_at=Now() + Value(wait), last_error=words)


def _place(attempt: Attempt) -> dict[str, Any]:
    """How far the replay comes, and what it counts on the way. Raises EntryMissing."""
    replay, verdict, through = attempt.replay, attempt.verdict, attempt.through_now
    sent = [payload.sequence for payload in attempt.batch if payload.sequence <= through]
    between = passed(replay.stream, replay.place, through, sent=sent)
    return {
        "place": through,
        "delivered": F("delivered") + verdict.delivered,
        "refused": F("refused") + int(attempt.refused is not None),
        "not_matching": F("not_matching") + between.not_matching,
        "removed": F("removed") + between.removed,
    }


def _schedule(attempt: Attempt) -> dict[str, Any]:
    """When the replay is due again, how large its next batch may be, and what it says of the last answer."""
    replay, verdict = attempt.replay, attempt.verdict
    fine = verdict.outcome is Outcome.DELIVERED
    changes: dict[str, Any] = {"batch_limit": _batch_limit(attempt), "next_attempt_at": None}
    changes["last_error"] = "" if fine else verdict.reason
    if fine and verdict.delivered:
        changes |= {"alike_refusals": 0, "alike_code": ""}
    if fine or attempt.refused is not None:
        wait = SLOW_DOWN if verdict.slow_down else None
        return changes | {"failures": 0, "next_attempt_at": wait and Now() + Value(wait)}
    if attempt.at_once:
        return changes
    failures = 1 if verdict.delivered else replay.failures + 1
    patience = verdict.hold_after is not None and failures >= verdict.hold_after
    waiting = held_wait if verdict.outcome.is_held or patience else transient_wait
    wait = waiting(failures, chance=random.random, retry_after=verdict.retry_after)
    return changes | {"failures": failures, "next_attempt_at": Now() + Value(wait)}


def _batch_limit(attempt: Attempt) -> int | None:
    """Fewer after a refusal of several; twice as many after each success, until the destination's own limit counts."""
    limit, verdict = attempt.replay.batch_limit, attempt.verdict
    if attempt.refused is not None:
        return None
    if attempt.halves and verdict.rejected is not None:
        # All before the one that was named, or it alone.
        return max(verdict.rejected - verdict.delivered, 1)
    if attempt.halves or verdict.slow_down:
        return max(len(attempt.batch) // 2, 1)
    if limit is None or verdict.outcome is not Outcome.DELIVERED:
        return limit
    return limit * 2 if limit * 2 < LARGEST_LIMIT else None


def _refused(attempt: Attempt, refused: Payload, *, now: datetime) -> dict[str, Any]:
    """Set the entry aside; gives what the replay remembers of refusals in a row."""
    replay, verdict = attempt.replay, attempt.verdict
    refusals.keep(replay, refused, verdict, now=now)
    in_a_row = replay.alike_code == verdict.code and not verdict.delivered
    alike = replay.alike_refusals + 1 if in_a_row else 1
    if alike < MOST_ALIKE:
        return {"alike_refusals": alike, "alike_code": verdict.code}
    reason = f"{alike} entries in a row were refused for the same reason, so the replay waits for you: "
    return {"state": ReplayState.PAUSED, "last_error": reason + verdict.reason, "alike_refusals": 0}
