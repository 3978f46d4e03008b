"""The engine: takes a stream's next entries to its destination and moves the cursor. Knows no Celery.

No transaction is open while a request is on its way. The cursor moves by compare-and-set under the lease's epoch and
the settings' version, so that a result that comes too late changes nothing. Nothing is ever skipped: a stream tries
again without a limit, or is held with a reason and goes on asking ever more quietly.
"""

from __future__ import annotations

import logging
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from types import TracebackType
from typing import Self
from uuid import UUID

from django.db import DatabaseError

from streaming import environment, leasing, settling
from streaming.destination import Destination, SettingsError, destination
from streaming.encryption import TokenUnreadable
from streaming.filtering import FilterUnusable
from streaming.leasing import Lease
from streaming.models import Stream
from streaming.reading import EntryMissing, Window, removed_after, window_after
from streaming.settling import Attempt
from streaming.targets import target_of
from streaming.transport.client import Client
from streaming.wire.outcome import Outcome, Verdict

log = logging.getLogger(__name__)

# A stream in trouble is asked with a few real entries: enough to make progress, little to refuse.
MOST_WHILE_FAILING = 10
MISSING = "entry_missing"
NOT_MATCHING = "not_matching"


@dataclass(frozen=True, slots=True)
class Report:
    """What one call did. `more`: there is more to send and nothing speaks against sending it at once."""

    delivered: int = 0
    more: bool = False
    outcome: Outcome | None = None


class Run(AbstractContextManager["Run"]):
    """One worker's work on one stream, under one lease and over one connection.

        with Run(stream_id, owner="worker-1") as run:
            while run.deliver_next_batch(now=...).more: ...

    `run.lease` is None where the stream is not due or somebody else has it; then nothing is done.
    """

    def __init__(self, stream_id: UUID, *, owner: str, client: Client | None = None) -> None:
        self._stream_id, self._owner = stream_id, owner
        self._client = client or environment.client()
        self._now: datetime | None = None
        self.lease: Lease | None = None

    def __enter__(self) -> Self:
        self.lease = leasing.claim(self._stream_id, owner=self._owner)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.close()
        if self.lease is None:
            return
        # Where the database is away, nothing can be written down; the lease runs out by itself.
        if isinstance(error, Exception) and not isinstance(error, DatabaseError) and self._now is not None:
            settling.postpone(self.lease, error, now=self._now)
        leasing.release(self.lease)

    def deliver_next_batch(self, *, now: datetime) -> Report:
        """Send the next entries, if the lease still stands, and settle what became of them."""
        self._now = now
        if self.lease is None or not leasing.renew(self.lease):
            return Report()
        stream = Stream.objects.select_related("cursor", "tenant").get(pk=self._stream_id)
        attempt = self._attempt(stream, now=now)
        if attempt is None:
            return Report()
        if attempt.verdict.code == MISSING and self._passed_over(stream):
            return Report(more=True)
        return self._settled(attempt, now=now)

    def _attempt(self, stream: Stream, *, now: datetime) -> Attempt | None:
        """Read, encode, send, judge; None where nothing waits."""
        try:
            kind = destination(stream.destination_kind)
            target = target_of(stream)
            window = window_after(stream, stream.cursor.place, most=kind.most_for(target) + 1)
        except (LookupError, SettingsError, TokenUnreadable, FilterUnusable) as error:
            return Attempt.without_sending(stream, _cannot(error), at=now)
        if not window.payloads:
            return _nothing_to_send(stream, window, at=now)
        batch = kind.take(window.payloads, target, most=_limit(stream, kind))
        answer = self._client.send(kind.encode(batch, target, now=now))
        verdict = kind.judge(answer, sent=batch, target=target, now=now)
        more = len(batch) < len(window.payloads)
        through = None if more else window.through
        return Attempt(stream, batch, verdict, at=now, more=more, through=through, answer=answer)

    def _passed_over(self, stream: Stream) -> bool:
        """Whether retention removed the next entries, which it told the tenant, and the place is behind them now."""
        removed = removed_after(stream.tenant_id, stream.cursor.place)
        if not removed or self.lease is None:
            return False
        log.info("Stream %s passes over %d entries that retention removed.", self._stream_id, removed)
        return settling.pass_over(stream, self.lease, removed)

    def _settled(self, attempt: Attempt, *, now: datetime) -> Report:
        if attempt.is_empty and self.lease is not None:
            return Report(more=settling.leave_out(attempt, self.lease))
        if self.lease is None or not settling.settle(attempt, self.lease, now=now):
            log.info("A result for stream %s came too late and was dropped.", self._stream_id)
            return Report()
        verdict = attempt.verdict
        again = verdict.outcome is Outcome.DELIVERED and attempt.more and not verdict.slow_down
        return Report(verdict.delivered, again or attempt.at_once, verdict.outcome)


def _limit(stream: Stream, kind: Destination) -> int:
    limit = stream.cursor.batch_limit or kind.most_payloads
    return min(limit, MOST_WHILE_FAILING) if stream.cursor.failures else limit


def _nothing_to_send(stream: Stream, window: Window, *, at: datetime) -> Attempt | None:
    """None where nothing waits; else an attempt without a batch, for what the stream's filter does not take."""
    if window.through == stream.cursor.place:
        return None
    nothing = Verdict(outcome=Outcome.DELIVERED, reason="", code=NOT_MATCHING)
    return Attempt(stream, (), nothing, at=at, through=window.through)


def _cannot(error: Exception) -> Verdict:
    code, hint = "settings_invalid", "Check the settings."
    if isinstance(error, EntryMissing):
        code, hint = (
            MISSING,
            "To go on behind it, switch streaming off and on again, starting from now.",
        )
    elif isinstance(error, FilterUnusable):
        code, hint = "filter_invalid", "Mend the stream's filter."
    elif isinstance(error, TokenUnreadable):
        code, hint = "token_unreadable", "Enter the token again."
    return Verdict(outcome=Outcome.HELD_FOR_SETTINGS, reason=f"{error} {hint}", code=code)
