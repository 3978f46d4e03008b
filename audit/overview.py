"""What the overview tells of a stretch of time: how much was done, when, in which areas, by whom, and what failed.

Areas and people come from one walk along the index that holds what is filtered by (docs/performance.md, "Reading"),
bars from the counts that are kept by hour, where they say it. Callers bound the time with `queries.time_limit`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Value

from audit import timeline
from audit.catalog.areas.users import SIGN_IN_FAILED
from audit.catalog.kinds import Category
from audit.catalog.lookup import CATALOG, UnknownEventError
from audit.models import AuditEntry, EntryCount
from audit.models.entries import EntryQuerySet
from audit.timeline import Bar

LENGTHS = {"24h": timedelta(hours=24), "7d": timedelta(days=7), "30d": timedelta(days=30)}
MOST_PEOPLE = 6
MOST_TRIED = 5
MOST_LATEST = 6
_MINUTE, _HOUR, _INSTANT = timedelta(minutes=1), timedelta(hours=1), timedelta(microseconds=1)
_EVENTS, _PEOPLE = 0b01, 0b10
"""What GROUPING(event, done_by) is: a bit is set for what is grouped away."""
# By pairs first: what is counted for each of the two are then the pairs, which are few, and no longer the entries.
_COUNT = """
SELECT kind, coalesce(event, done_by), number, alike FROM (
    SELECT GROUPING(event, done_by) AS kind, event, done_by, sum(number)::bigint AS number,
           row_number() OVER (PARTITION BY GROUPING(event, done_by) ORDER BY sum(number) DESC, done_by) AS place,
           count(*) OVER (PARTITION BY GROUPING(event, done_by)) AS alike
    FROM (SELECT event, done_by, count(*) FROM ({asked}) AS asked (event, done_by) GROUP BY 1, 2)
        AS pairs (event, done_by, number)
    GROUP BY GROUPING SETS ((event), (done_by))
) AS counted WHERE kind <> %s OR place <= %s ORDER BY place
"""
_FAILED = """
SELECT kind, coalesce(done_by, host(ip)), number FROM (
    SELECT GROUPING(done_by, ip) AS kind, done_by, ip, count(*) AS number,
           row_number() OVER (PARTITION BY GROUPING(done_by, ip) ORDER BY count(*) DESC, done_by, ip) AS place
    FROM ({asked}) AS asked (done_by, ip) GROUP BY GROUPING SETS ((done_by), (ip), ())
) AS counted WHERE place <= %s ORDER BY place
"""
_ACCOUNTS, _ADDRESSES = 0b01, 0b10


@dataclass(frozen=True, slots=True)
class Window:
    """From `first` until before `after`, both a full minute, so that an address of the log can say the same."""

    first: datetime
    after: datetime

    @classmethod
    def ending(cls, now: datetime, *, length: timedelta) -> Window:
        """So long, until the end of the present minute."""
        after = now.replace(second=0, microsecond=0) + _MINUTE
        return cls(after - length, after)

    @property
    def before(self) -> Window:
        """As long, until this one begins."""
        return Window(self.first - (self.after - self.first), self.first)

    def clipped(self, bar: Bar) -> Bar:
        """The bar, as long as the window has a part in it: its time is then that of what it counts."""
        zone = bar.start.tzinfo
        start, until = (
            max(bar.start, self.first.astimezone(zone)),
            min(bar.until, self.after.astimezone(zone)),
        )
        return Bar(start, until, bar.counts)

    def of(self, entries: EntryQuerySet) -> EntryQuerySet:
        return entries.filter(occurred_at__gte=self.first, occurred_at__lt=self.after)


@dataclass(frozen=True, slots=True)
class Share:
    """A value and how many entries have it; `counts` by category, where that is told."""

    value: str
    number: int
    counts: dict[str, int]


@dataclass(frozen=True, slots=True)
class Overview:
    """Entries of a window, counted. `people` are the busiest of `everybody`; `areas` with most entries come first.

    An area's `counts` are by the category that the vocabulary now gives each event; `of` is by that of the entries.
    """

    bars: list[Bar]
    areas: list[Share]
    people: list[Share]
    everybody: int

    @property
    def number(self) -> int:
        return sum(area.number for area in self.areas)

    def of(self, category: str) -> int:
        """How many entries are of this category."""
        return sum(bar.counts.get(category, 0) for bar in self.bars)


@dataclass(frozen=True, slots=True)
class Failed:
    """Sign-ins that failed: how many, the accounts tried most, and the addresses that most came from."""

    number: int
    accounts: list[Share]
    addresses: list[Share]


def counted(entries: EntryQuerySet, edges: Sequence[datetime], window: Window) -> Overview:
    """What these entries add up to; all of them occurred within the window, which the edges span. Two questions."""
    areas: dict[str, Counter[str]] = {}
    people, everybody = list[Share](), 0
    asked = entries.order_by().values_list("event", "done_by")
    for kind, value, number, alike in _rows(_COUNT, asked, _PEOPLE, MOST_PEOPLE):
        if kind == _EVENTS:
            areas.setdefault(value.partition(".")[0], Counter())[_category(value)] += number
        else:
            people.append(Share(value, number, {}))
            everybody = alike
    shares = [Share(code, sum(counts.values()), dict(counts)) for code, counts in areas.items()]
    shares.sort(key=lambda share: (-share.number, share.value))
    bars = [window.clipped(bar) for bar in timeline.stacked(entries, edges, since=window.first)]
    return Overview(bars, shares, people, everybody)


def _category(event: str) -> str:
    """As the vocabulary has it now; of an event that it has lost, the one that asks for least attention."""
    try:
        return CATALOG.event(event).category.value
    except UnknownEventError:
        return Category.USER_ACTIONS.value


def failed_sign_ins(entries: EntryQuerySet) -> Failed:
    """Those of these entries that are failed sign-ins, by the account that was tried and by where it came from."""
    asked = entries.order_by().filter(event=SIGN_IN_FAILED.code).values_list("done_by", "ip")
    number, accounts, addresses = 0, list[Share](), list[Share]()
    for kind, value, count in _rows(_FAILED, asked, MOST_TRIED):
        if kind == _ACCOUNTS:
            accounts.append(Share(value, count, {}))
        elif kind == _ADDRESSES:
            addresses += [Share(value, count, {})] if value else []
        else:
            number = count
    return Failed(number, accounts, addresses)


def number_of(entries: EntryQuerySet) -> int:
    """How many these are. One question: whole hours of a stretch of time are summed up from what is kept by hour."""
    hours = entries.hours
    if hours is None or hours.first is None or hours.until is None or hours.categories is not None:
        return entries.order_by().count()
    first, until = _full_hour(hours.first + _HOUR - _INSTANT), _full_hour(hours.until)
    if first >= until:
        return entries.order_by().count()
    known = EntryCount.objects.filter(tenant_id=hours.tenant_id, hour__gte=first, hour__lt=until)
    before, after = entries.filter(occurred_at__lt=first), entries.filter(occurred_at__gte=until)
    parts = [
        known.order_by().values_list("number"),
        *(edge.order_by().values_list(Value(1)) for edge in (before, after)),
    ]
    given = [part.query.sql_with_params() for part in parts]
    sql = " UNION ALL ".join(f"({inner})" for inner, _ in given)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT coalesce(sum(number), 0) FROM ({sql}) AS parts (number)",  # noqa: S608 - Django's own queries
            [param for _, params in given for param in params],
        )
        return int(cursor.fetchone()[0])


def latest_of(entries: EntryQuerySet, category: str) -> list[AuditEntry]:
    """The newest few entries of a category, without what only an entry's own page shows."""
    found = entries.filter(category=category).order_by("-occurred_at", "-sequence")
    return list(found.defer("body", "search")[:MOST_LATEST])


def _full_hour(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


def _rows(sql: str, asked: Any, *params: Any) -> list[tuple[Any, ...]]:
    """What the statement gives of what is asked; nothing where Django knows that nothing can be found."""
    try:
        inner, given = asked.query.sql_with_params()
    except EmptyResultSet:
        return []
    with connection.cursor() as cursor:
        cursor.execute(sql.format(asked=inner), [*given, *params])
        return list(cursor.fetchall())
