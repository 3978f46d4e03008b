"""Entries counted along a stretch of time, by category: the bars above the log."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from itertools import pairwise
from typing import Literal

from django.contrib.postgres.fields import ArrayField
from django.db.models import Count, DateTimeField, F, Func, IntegerField, Value

from audit.models.entries import EntryQuerySet

MOST_BARS = 62
_MINUTE, _DAY = timedelta(minutes=1), timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Step:
    """The width of a bar. Minutes and hours are counted from midnight, weeks from Monday, on the reader's clock."""

    number: int
    unit: Literal["minute", "hour", "day", "week", "month"]

    def __str__(self) -> str:
        return f"{self.number} {self.unit}{'' if self.number == 1 else 's'}"

    @property
    def length(self) -> timedelta:
        """How long it is; a month counts as its shortest."""
        days = {"day": 1, "week": 7, "month": 28}
        if self.unit in days:
            return _DAY * days[self.unit] * self.number
        return self.number * (_MINUTE if self.unit == "minute" else timedelta(hours=1))


STEPS = (
    *(Step(number, "minute") for number in (1, 5, 10, 15, 30)),
    *(Step(number, "hour") for number in (1, 3, 6, 12)),
    *(Step(number, "day") for number in (1, 2)),
    Step(1, "week"),
    *(Step(number, "month") for number in (1, 3, 12)),
)


@dataclass(frozen=True, slots=True)
class Bar:
    """How many entries of each category occurred from `start` on, until `until`."""

    start: datetime
    until: datetime
    counts: dict[str, int]

    @property
    def count(self) -> int:
        return sum(self.counts.values())


def step_for(first: datetime, after: datetime) -> Step:
    """The narrowest step that draws this stretch with MOST_BARS at most."""
    fitting = (step for step in STEPS if (after - first) / step.length <= MOST_BARS - 1)
    return next(fitting, STEPS[-1])


def edges(first: datetime, after: datetime, *, step: Step, zone: tzinfo) -> list[datetime]:
    """Where bars begin and end, on the clock of `zone`: from `first` or before it until `after` or behind it."""
    found = [_begin(first.astimezone(zone), step)]
    while found[-1].astimezone(UTC) < after:
        found.append(_next(found[-1], step))
    return found


def stacked(entries: EntryQuerySet, edges: Sequence[datetime]) -> list[Bar]:
    """The bars between these edges, also those in which nothing occurred; one question."""
    number = Func(
        F("occurred_at"),
        Value(list(edges), output_field=ArrayField(DateTimeField())),
        function="width_bucket",
        output_field=IntegerField(),
    )
    within = entries.order_by().filter(occurred_at__gte=edges[0], occurred_at__lt=edges[-1])
    rows = within.annotate(bar=number).values_list("bar", "category").annotate(count=Count("*"))
    counted: dict[int, Counter[str]] = {}
    for bar, category, count in rows:
        counted.setdefault(bar, Counter())[category] += count
    return [
        Bar(start, until, dict(counted.get(place, {})))
        for place, (start, until) in enumerate(pairwise(edges), 1)
    ]


def _begin(moment: datetime, step: Step) -> datetime:
    midnight = moment.replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    if step.unit in {"minute", "hour"}:
        # By the instant: on the clock, an hour is missing or comes twice when it is changed.
        start = midnight.astimezone(UTC)
        whole = (moment.astimezone(UTC) - start) // step.length
        return (start + whole * step.length).astimezone(moment.tzinfo)
    if step.unit == "month":
        return midnight.replace(month=(midnight.month - 1) // step.number * step.number + 1, day=1)
    number = step.number * (7 if step.unit == "week" else 1)
    # 1 January of the year 1 was a Monday, and day 1.
    return midnight - _DAY * ((midnight.toordinal() - 1) % number)


def _next(edge: datetime, step: Step) -> datetime:
    if step.unit in {"minute", "hour"}:
        midnight = edge.replace(hour=0, minute=0, fold=0) + _DAY
        return min(edge.astimezone(UTC) + step.length, midnight.astimezone(UTC)).astimezone(edge.tzinfo)
    if step.unit == "month":
        months = edge.year * 12 + edge.month - 1 + step.number
        return edge.replace(year=months // 12, month=months % 12 + 1)
    return edge + step.length
