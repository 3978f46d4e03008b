"""The engine: takes a stream's next entries to its destination and moves the cursor. Knows no Celery.

No transaction is open while a request is on its way. The cursor moves by compare-and-set under the lease's epoch and
the settings' version, so that a result that comes too late changes nothing. Nothing is ever skipped: a stream tries
again without a limit, or is held with a reason and goes on asking ever more quietly.
"""

from __future__ import annotations

import logging
import time
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from types import TracebackType
from typing import Self
from uuid import UUID

from django.db import DatabaseError

from streaming import environment, leasing, settling
from streaming.attempting import Attempt
from streaming.leasing import Lease
from streaming.models import LEASE, Stream
from streaming.prefetching import Ahead
from streaming.reading import removed_after
from streaming.sending import MISSING, awaited_attempt, next_attempt
from streaming.transport.client import Client
from streaming.wire.outcome import Outcome

log = logging.getLogger(__name__)


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
        self._ahead = Ahead(client or environment.client())
        self._now: datetime | None = None
        self._aside_first = True
        self._leased_at = 0.0
        self.lease: Lease | None = None

    def __enter__(self) -> Self:
        self._leased_at = time.monotonic()
        self.lease = leasing.claim(self._stream_id, owner=self._owner)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ahead.close()
        if self.lease is None:
            return
        # Where the database is away, nothing can be written down; the lease runs out by itself.
        if isinstance(error, Exception) and not isinstance(error, DatabaseError) and self._now is not None:
            settling.postpone(self.lease, error, now=self._now)
        leasing.release(self.lease)

    def deliver_next_batch(self, *, now: datetime) -> Report:
        """Send the next entries, if the lease still stands, and settle what became of them."""
        self._now = now
        stream = self._stream()
        if stream is None:
            return Report()
        attempt = self._attempt(stream, now=now)
        if attempt is None:
            return Report()
        if attempt.verdict.code == MISSING and self._passed_over(stream):
            return Report(more=True)
        return self._settled(attempt, now=now)

    def _stream(self) -> Stream | None:
        """The stream as it is now; None where it is switched off, or the lease is lost or can't be renewed."""
        if self.lease is None or (self._needs_renewal() and not self._renewed(self.lease)):
            return None
        stream = Stream.objects.select_related("cursor", "tenant").get(pk=self._stream_id)
        mine = stream.enabled and stream.cursor.lease_epoch == self.lease.epoch
        return stream if mine else None

    def _needs_renewal(self) -> bool:
        """Whether the lease is so old that a request of full length would not end well before it does."""
        return time.monotonic() - self._leased_at > LEASE.total_seconds() / 3

    def _renewed(self, lease: Lease) -> bool:
        at = time.monotonic()
        if not leasing.renew(lease):
            return False
        self._leased_at = at
        return True

    def _attempt(self, stream: Stream, *, now: datetime) -> Attempt | None:
        """Read, encode, send, judge; None where nothing waits. Entries and set-asides take turns."""
        if stream.cursor.ack_id is not None and self.lease is not None:
            return awaited_attempt(stream, self._ahead.client, self.lease, now=now)
        self._aside_first = not self._aside_first
        return next_attempt(stream, self._ahead, now=now, aside_first=self._aside_first)

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
        more = verdict.outcome is Outcome.DELIVERED and attempt.more and not verdict.slow_down
        return Report(verdict.delivered, more or attempt.at_once, verdict.outcome)
