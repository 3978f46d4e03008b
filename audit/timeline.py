"""Entries counted along a stretch of time, by category: the bars above the log."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from itertools import pairwise
from typing import Any, Literal

from django.contrib.postgres.fields import ArrayField
from django.db import connection
from django.db.models import Count, DateTimeField, F, Func, IntegerField, QuerySet, Sum, Value

from audit.models import EntryCount
from audit.models.entries import EntryQuerySet, Hours

MOST_BARS = 62
_MINUTE, _HOUR, _DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
_ORIGIN = datetime(2000, 1, 1, tzinfo=UTC)


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


def known_by_the_hour(edges: Sequence[datetime]) -> bool:
    """Whether these bars are sums of full hours, which are counted already (audit.models.EntryCount)."""
    return all(not (edge - _ORIGIN) % _HOUR for edge in edges)


def stacked(entries: EntryQuerySet, edges: Sequence[datetime], *, since: datetime | None = None) -> list[Bar]:
    """The bars between these edges, also those in which nothing occurred; one question.

    With `since`, what occurred before it is in no bar. Of entries of which nothing but time and category is asked, the
    hours that were counted as they were written are summed up.
    """
    return _bars(_rows(entries, edges, since), edges)


def stacked_of(
    entries: EntryQuerySet, edges: Sequence[datetime], *, since: datetime | None = None, most: int
) -> tuple[list[Bar], int]:
    """The bars, and how many entries there are in all, counted up to `most`; one question, too."""
    sql, params = _rows(entries, edges, since).query.sql_with_params()
    all_of_them, values = entries.order_by().values("sequence")[:most].query.sql_with_params()
    # What is in the bars need not be counted again, where that is enough.
    sql = (
        f"WITH bars (bar, category, number) AS ({sql}) SELECT * FROM bars UNION ALL SELECT 0, '', CASE "  # noqa: S608 - Django's own queries
        f"WHEN (SELECT sum(number) FROM bars) >= {most} THEN {most} "
        f"ELSE (SELECT count(*) FROM ({all_of_them}) AS found) END"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, [*params, *values])
        rows = cursor.fetchall()
    return _bars(((bar, *told) for bar, *told in rows if bar), edges), next(
        n for bar, _, n in rows if not bar
    )


def _rows(entries: EntryQuerySet, edges: Sequence[datetime], since: datetime | None) -> QuerySet[Any, Any]:
    first = edges[0] if since is None else max(since, edges[0])
    hours = entries.hours if known_by_the_hour(edges) else None
    return _known(hours, edges, first, entries) if hours else _counted(entries, edges, first, edges[-1])


def _bars(rows: Iterable[Any], edges: Sequence[datetime]) -> list[Bar]:
    counted: dict[int, Counter[str]] = {}
    for bar, category, count in rows:
        counted.setdefault(bar, Counter())[category] += int(count)
    return [
        Bar(start, until, dict(counted.get(place, {})))
        for place, (start, until) in enumerate(pairwise(edges), 1)
    ]


def _counted(
    entries: EntryQuerySet, edges: Sequence[datetime], first: datetime, until: datetime
) -> QuerySet[Any, Any]:
    within = entries.order_by().filter(occurred_at__gte=first, occurred_at__lt=until)
    rows = within.annotate(bar=_bar("occurred_at", edges)).values_list("bar", "category")
    return rows.annotate(count=Count("*"))


def _known(
    hours: Hours, edges: Sequence[datetime], first: datetime, entries: EntryQuerySet
) -> QuerySet[Any, Any]:
    """Sums of the full hours, and what is left of the hours in which the time that is asked for begins and ends."""
    first, until = max(first, hours.first or first), min(edges[-1], hours.until or edges[-1])
    begin = first + (_ORIGIN - first) % _HOUR
    end = max(begin, until - (until - _ORIGIN) % _HOUR)
    known = EntryCount.objects.filter(
        tenant_id=hours.tenant_id,
        hour__gte=begin,
        hour__lt=end,
        **({} if hours.categories is None else {"category__in": hours.categories}),
    )
    sums = (
        known.annotate(bar=_bar("hour", edges)).values_list("bar", "category").annotate(count=Sum("number"))
    )
    parts = [(first, min(begin, until)), (end, until)]
    rest = [_counted(entries, edges, start, stop) for start, stop in parts if start < stop]
    return sums.order_by().union(*rest, all=True) if rest else sums.order_by()


def _bar(column: str, edges: Sequence[datetime]) -> Func:
    limits = Value(list(edges), output_field=ArrayField(DateTimeField()))
    return Func(F(column), limits, function="width_bucket", output_field=IntegerField())


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
