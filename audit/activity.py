"""What happened when, and how often: entries counted by hour, day or month, and the most frequent values.

Takes any entries, as `queries.readable` and the filters make them. Both read the index that holds what is filtered by
(docs/performance.md, "Reading"); where that is time and category alone, the counts that are kept by hour are summed up.
Callers bound the time with `queries.time_limit`.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Literal

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Count, DateTimeField, F, Func, Sum, Value

from audit.models import EntryCount
from audit.models.entries import EntryQuerySet
from audit.narrowing import narrowed

Per = Literal["hour", "day", "month"]
PERS: tuple[Per, ...] = ("hour", "day", "month")
FACETS = ("event", "area", "category", "workspace_id", "done_by", "outcome", "actor_type")
MOST_VALUES = 20
LATEST = 10_000
"""Facets are counted over so many of the latest entries: beyond, they are a sample, and say so."""
# Whole zones lie at multiples of this from UTC, so that hours and days of every zone are sums of such pieces.
_PIECE, _HOUR = timedelta(minutes=15), timedelta(hours=1)
_ORIGIN = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Bar:
    """How many entries occurred from `start`, for an hour, a day or a month of the reader's zone."""

    start: datetime
    count: int


@dataclass(frozen=True, slots=True)
class Facets:
    """The most frequent values by column, most frequent first, with counts over the `counted` latest entries."""

    values: dict[str, list[tuple[str | None, int]]]
    counted: int
    complete: bool


def over_time(entries: EntryQuerySet, *, per: Per, zone: tzinfo = UTC) -> list[Bar]:
    """Counts per hour, day or month of `zone`, oldest first; where nothing occurred there is no bar."""
    counted: Counter[datetime] = Counter()
    for piece, number in _pieces(entries, per=per, zone=zone):
        # By the instant: two hours of the night in which a clock goes back have the same name.
        counted[_begin(piece.astimezone(zone), per).astimezone(UTC)] += number
    return [Bar(start.astimezone(zone), counted[start]) for start in sorted(counted)]


def _pieces(entries: EntryQuerySet, *, per: Per, zone: tzinfo) -> list[tuple[datetime, int]]:
    """Counts by stretches that no bar of the zone cuts."""
    hours = entries.hours
    if hours is None:
        return _counted(narrowed(entries), _HOUR if zone is UTC and per == "hour" else _PIECE)
    first, until = _whole(hours.first, up=True), _whole(hours.until)
    known = EntryCount.objects.filter(
        tenant_id=hours.tenant_id,
        **{name: value for name, value in (("hour__gte", first), ("hour__lt", until)) if value},
        **({} if hours.categories is None else {"category__in": hours.categories}),
    )
    pieces = list(known.order_by().values_list("hour").annotate(Sum("number")))
    if (first and until and first >= until) or any(_cut(hour, zone) for hour, _ in pieces):
        return _counted(entries, _PIECE)
    # What lies in an hour that is asked for in part is counted.
    if first != hours.first:
        pieces += _counted(entries.filter(occurred_at__lt=first), _PIECE)
    if until != hours.until:
        pieces += _counted(entries.filter(occurred_at__gte=until), _PIECE)
    return pieces


def _counted(entries: EntryQuerySet, width: timedelta) -> list[tuple[datetime, int]]:
    start = Func(
        Value(width), F("occurred_at"), Value(_ORIGIN), function="date_bin", output_field=DateTimeField()
    )
    return list(entries.order_by().annotate(piece=start).values_list("piece").annotate(number=Count("*")))


def _whole(moment: datetime | None, *, up: bool = False) -> datetime | None:
    """The moment, or the full hour before it; `up`: after it."""
    if moment is None or not (rest := (moment - _ORIGIN) % _HOUR):
        return moment
    return moment - rest + (_HOUR if up else timedelta(0))


def _cut(hour: datetime, zone: tzinfo) -> bool:
    """Whether the zone's clock shows no full hour then."""
    return bool((hour.astimezone(zone).utcoffset() or timedelta(0)) % _HOUR)


def facets(entries: EntryQuerySet) -> Facets:
    """The most frequent values of each column of FACETS among the latest entries."""
    latest = narrowed(entries).order_by("-occurred_at", "-sequence").values_list(*FACETS)[:LATEST]
    try:
        inner, params = latest.query.sql_with_params()
    except EmptyResultSet:
        return Facets({name: [] for name in FACETS}, 0, complete=True)
    names = ", ".join(f'"{name}"' for name in FACETS)
    sets = ", ".join(f'("{name}")' for name in FACETS)
    # The numbers of GROUPING tell which column a row counts: all bits are set but that column's.
    sql = (
        f"SELECT GROUPING({names}), {names}, count(*) FROM ({inner}) AS latest ({names}) "  # noqa: S608 - columns of FACETS and Django's own query
        f"GROUP BY GROUPING SETS ({sets}, ()) ORDER BY count(*) DESC"
    )
    values: dict[str, list[tuple[str | None, int]]] = {name: [] for name in FACETS}
    number = 0
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        for grouping, *row, count in cursor.fetchall():
            column = _column(grouping)
            if column is None:
                number = count
            elif len(values[FACETS[column]]) < MOST_VALUES:
                value = row[column]
                values[FACETS[column]].append((None if value is None else str(value), count))
    return Facets(values, number, complete=number < LATEST)


def _begin(moment: datetime, per: Per) -> datetime:
    """When the hour, day or month of this moment began, on the clock of its zone."""
    if per == "hour":
        return moment.replace(minute=0)
    day = moment.replace(hour=0, minute=0, fold=0)
    return day.replace(day=1) if per == "month" else day


def _column(grouping: int) -> int | None:
    """The place in FACETS of the one column that is not grouped away; None: all are."""
    for place in range(len(FACETS)):
        if not grouping >> (len(FACETS) - 1 - place) & 1:
            return place
    return None
