"""Counts what each request took, in the database: workers count, and the web process is the one that is asked.

One statement an attempt, in the transaction that settles it; its rows are of one stream, so nobody waits for them who
does not wait for the stream already, but for its replay, and all take them in the same order.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection

from streaming.models import Stream
from streaming.models.figures import AGE_BOUNDS, REQUEST_BOUNDS, SIZE_BOUNDS
from streaming.wire.messages import Answer, Response
from streaming.wire.outcome import Outcome, Verdict
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


_HOUR = (
    "INSERT INTO streaming_hourfigures AS known (stream_id, tenant_id, hour, delivered, requests, failed, age_seconds) "
    "SELECT stream_id, %s::uuid, %s, %s, 1, %s, %s FROM counted "
    "ON CONFLICT (stream_id, hour) DO UPDATE SET delivered = known.delivered + EXCLUDED.delivered, "
    "requests = known.requests + 1, failed = known.failed + EXCLUDED.failed, "
    "age_seconds = known.age_seconds + EXCLUDED.age_seconds"
)


def counting(rows: str) -> str:
    """The end of a statement that begins with WITH: counts what `rows` give, in all and for the hour.

    `rows` is a query of stream_id, outcome, and PLACES; `values_of` has the parameters.
    """
    return (
        f"counted AS (INSERT INTO streaming_figures AS known (stream_id, outcome, {', '.join(_COLUMNS)}) {rows} "
        f"ON CONFLICT (stream_id, outcome) DO UPDATE SET {', '.join(_MORE)} RETURNING stream_id) {_HOUR}"
    )


PLACES = ", ".join([*["%s"] * len(_NUMBERS), *["%s::bigint[]"] * len(_HISTOGRAMS)])
"""Where the figures go in a statement."""
NOTE = f"WITH {counting(f'VALUES (%s::uuid, %s, {PLACES})')}"


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request that went out: what was in it, what came back, and what that meant."""

    batch: Sequence[Payload]
    answer: Answer | None
    verdict: Verdict
    at: datetime


def note(stream: Stream, exchange: Exchange, *, first_time: bool = True) -> None:
    """Count it; call it in the transaction that settles it. Ages count where entries are delivered the first time."""
    values = values_of(stream, exchange, first_time=first_time)
    with connection.cursor() as cursor:
        cursor.execute(NOTE, [stream.pk, exchange.verdict.outcome.value, *values])


def values_of(stream: Stream, exchange: Exchange, *, first_time: bool) -> list[Any]:
    """What one request adds to the figures of its stream, and to those of an hour, in the order of `counting`."""
    figures = figures_of(exchange, first_time=first_time)
    age_seconds = figures[len(_NUMBERS) - 1]
    return [*figures, *_hour_of(stream, exchange, first_time=first_time), age_seconds]


def _hour_of(stream: Stream, exchange: Exchange, *, first_time: bool) -> list[Any]:
    """What one request adds to an hour of its stream: whose, which hour, entries delivered, requests that failed."""
    hour = exchange.at.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    failed = exchange.verdict.outcome is not Outcome.DELIVERED
    return [stream.tenant_id, hour, exchange.verdict.delivered if first_time else 0, int(failed)]


def figures_of(exchange: Exchange, *, first_time: bool) -> list[Any]:
    """What one request adds to the figures of its stream, in the order of PLACES."""
    batch, verdict = exchange.batch, exchange.verdict
    took = exchange.answer.elapsed if isinstance(exchange.answer, Response) else timedelta(0)
    elapsed = took.total_seconds()
    ages = _ages(batch[: verdict.delivered] if first_time else (), answered=exchange.at + took)
    return [
        1,
        elapsed,
        len(batch),
        sum([len(payload.body) for payload in batch]),
        verdict.delivered,
        verdict.duplicates,
        sum(ages),
        counted([elapsed], REQUEST_BOUNDS),
        counted([len(batch)], SIZE_BOUNDS),
        counted(ages, AGE_BOUNDS),
    ]


def _ages(delivered: Sequence[Payload], *, answered: datetime) -> list[float]:
    """In seconds, and in order, which makes counting them cheap; what is recorded together is as old as each other."""
    moments = Counter([payload.recorded_at for payload in delivered])
    ages: list[float] = []
    for moment, number in moments.items():
        ages += [max((answered - moment).total_seconds(), 0.0)] * number
    return sorted(ages)


def counted(values: Sequence[float], bounds: Sequence[float]) -> list[int]:
    """How many of the values, which are in order, lie in each bucket: up to each bound, and beyond the last."""
    ends = [bisect_right(values, bound) for bound in bounds]
    return [end - begin for begin, end in zip([0, *ends], [*ends, len(values)], strict=True)]


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
