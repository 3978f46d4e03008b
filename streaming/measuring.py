"""Counts what each request took, in the database: workers count, and the web process is the one that is asked.

One statement an attempt, in the transaction that settles it; its row is of one stream and one meaning of the answer, so
nobody waits for it who does not wait for the stream already.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection

from streaming.models.figures import AGE_BOUNDS, REQUEST_BOUNDS, SIZE_BOUNDS
from streaming.wire.messages import Answer, Response
from streaming.wire.outcome import Verdict
from streaming.wire.payload import Payload

_SUM = (
    "ARRAY(SELECT coalesce(a, 0) + coalesce(b, 0) FROM unnest(known.{0}, EXCLUDED.{0}) "
    "WITH ORDINALITY AS each(a, b, n) ORDER BY n)"
)
_NUMBERS = ("requests", "seconds", "entries", "bytes_sent", "delivered", "duplicates", "age_seconds")
_HISTOGRAMS = ("requests_in", "sizes_in", "ages_in")
_COLUMNS = (*_NUMBERS, *_HISTOGRAMS)
_MORE = [
    *(f"{name} = known.{name} + EXCLUDED.{name}" for name in _NUMBERS),
    *(f"{name} = {_SUM.format(name)}" for name in _HISTOGRAMS),
]
NOTE = (
    f"INSERT INTO streaming_figures AS known (stream_id, outcome, {', '.join(_COLUMNS)}) "  # noqa: S608 - our own names
    f"VALUES ({', '.join(['%s'] * (len(_COLUMNS) + 2))}) "
    f"ON CONFLICT (stream_id, outcome) DO UPDATE SET {', '.join(_MORE)}"
)


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request that went out: what was in it, what came back, and what that meant."""

    batch: Sequence[Payload]
    answer: Answer | None
    verdict: Verdict
    at: datetime


def note(stream_id: UUID, exchange: Exchange, *, first_time: bool = True) -> None:
    """Count it; call it in the transaction that settles it. Ages count where entries are delivered the first time."""
    batch, verdict = exchange.batch, exchange.verdict
    elapsed = exchange.answer.elapsed.total_seconds() if isinstance(exchange.answer, Response) else 0.0
    answered = exchange.at.timestamp() + elapsed
    delivered = batch[: verdict.delivered] if first_time else ()
    ages = [max(answered - payload.recorded_at.timestamp(), 0.0) for payload in delivered]
    values = (
        1,
        elapsed,
        len(batch),
        sum(len(payload.body) for payload in batch),
        verdict.delivered,
        verdict.duplicates,
        sum(ages),
        counted([elapsed], REQUEST_BOUNDS),
        counted([len(batch)], SIZE_BOUNDS),
        counted(ages, AGE_BOUNDS),
    )
    with connection.cursor() as cursor:
        cursor.execute(NOTE, [stream_id, verdict.outcome.value, *values])


def counted(values: Iterable[float], bounds: Sequence[float]) -> list[int]:
    """How many values lie in each bucket: up to each bound, and beyond the last."""
    buckets = [0] * (len(bounds) + 1)
    for value in values:
        buckets[bisect_left(bounds, value)] += 1
    return buckets


def added(rows: Iterable[Sequence[int]], bounds: Sequence[float]) -> list[int]:
    """Buckets of several rows as one; of none, empty ones."""
    total = [0] * (len(bounds) + 1)
    for row in rows:
        for index, number in enumerate(row[: len(total)]):
            total[index] += number
    return total


def percentile(share: float, buckets: Sequence[int], bounds: Sequence[float]) -> float | None:
    """The value below which that share lies, as far as buckets tell; None where nothing was counted.

    Inside a bucket it is taken to be spread evenly, as Prometheus does; beyond the last bound it is that bound.
    """
    wanted, below = share * sum(buckets), 0
    if not wanted:
        return None
    for index, number in enumerate(buckets[:-1]):
        if below + number >= wanted:
            floor = bounds[index - 1] if index else 0.0
            return floor + (bounds[index] - floor) * (wanted - below) / number
        below += number
    return bounds[-1]
