"""Replays of acme's streams, as a person starts them and a worker runs them."""

from __future__ import annotations

from datetime import UTC, datetime

from audit.models import Tenant
from audit.recording import record_many
from streaming import replaying
from streaming.models import Cursor, Replay, Stream
from streaming.resending.run import ReplayRun
from tests.entries import draft
from tests.streams import ANA, deliver_all


def record_entries(tenant: Tenant, number: int, *, at: datetime | None = None, **fields: object) -> None:
    """So many entries, recorded now or at that moment."""
    now = at or datetime.now(UTC)
    record_many(tenant=tenant, drafts=[draft(**fields) for _ in range(number)], now=now)  # type: ignore[arg-type] # a test's own


def catch_up(stream: Stream) -> Cursor:
    """Deliver until nothing waits: a replay gives way as long as something does."""
    cursor = deliver_all(stream)
    while Cursor.objects.due().filter(pk=stream.pk).exists():
        cursor = deliver_all(stream)
    return cursor


def start(
    stream: Stream, *, first: int = 1, last: int | None = None, batch_limit: int | None = None
) -> Replay:
    """A replay that may run at once: the entry that tells of it is delivered."""
    span = replaying.span_of_numbers(stream, first=first, last=last)
    counted = replaying.count(stream, span)
    replay = replaying.start(stream, counted, change=ANA, now=datetime.now(UTC))
    Replay.objects.filter(pk=replay.pk).update(batch_limit=batch_limit)
    catch_up(stream)
    return replay


def send_all(replay: Replay, *, most: int = 50) -> Replay:
    """Batches until there is nothing more to do at once."""
    with ReplayRun(replay.pk, owner="test") as run:
        for _ in range(most):
            if not run.send_next_batch(now=datetime.now(UTC)).more:
                break
    return Replay.objects.get(pk=replay.pk)


def make_due(replay: Replay) -> None:
    """Let the wait for the next attempt be over."""
    Replay.objects.filter(pk=replay.pk).update(next_attempt_at=None)
