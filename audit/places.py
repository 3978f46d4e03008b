"""The first entries of a query: their places are found in an index, and those few rows are read after.

Takes queries as `audit.queries` makes them, ordered by (occurred_at, sequence) one way or the other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from datetime import datetime, timedelta
from functools import partial
from itertools import product
from typing import Any, TypeVar
from uuid import UUID

from django.core.exceptions import EmptyResultSet
from django.db.models import F, Value
from django.db.models.expressions import Col, OrderBy
from django.db.models.functions import Coalesce
from django.db.models.lookups import Exact

from audit.limits import TookTooLong, time_limit, walking
from audit.models import AuditEntry
from audit.models.entries import EntryQuerySet
from audit.spans import spans

_UNINDEXED = {
    f"{sign}{name}": OrderBy(F(name) + nothing, descending=sign == "-")
    for name, nothing in (("occurred_at", Value(timedelta(0))), ("sequence", Value(0)))
    for sign in ("", "-")
}
_TURNS, _AT_LAST = (0.02, 0.06, 0.24, 1.0, 4.0), 600.0
Place = tuple[UUID, datetime, int]
Road = Callable[[Any], AbstractContextManager[Any]]
Answer = TypeVar("Answer")


def first_rows(entries: EntryQuerySet, *, limit: int, start: datetime | None = None) -> list[AuditEntry]:
    """The first entries of a query: their places first, which an index holds, then those few rows.

    `start`: no entry lies before it, in the order of the query.
    """
    places = _places(entries, limit=limit, start=start)
    if not places:
        return []
    tenant, moments, sequences = places[0][0], [at for _, at, _ in places], [number for *_, number in places]
    found = AuditEntry.objects.filter(
        tenant_id=tenant, occurred_at__range=(min(moments), max(moments)), sequence__in=sequences
    )
    found.query.deferred_loading = entries.query.deferred_loading
    rows = {row.sequence: row for row in found}
    return [rows[number] for number in sequences]


def _places(entries: EntryQuerySet, *, limit: int, start: datetime | None) -> list[Place]:
    """From the nearest stretch of time on, until there are enough."""
    if entries.query.is_empty():
        return []
    places = entries.values_list("tenant_id", "occurred_at", "sequence")
    stretches = spans(newest_first=str(entries.query.order_by[0]).startswith("-"), start=start)
    words, found = by_words(entries), list[Place]()
    roads: list[Road] = [_looked_up, _walked]
    with nullcontext() if words else walking():
        for span in stretches:
            asked, answer = span.of(places), partial(_first, limit=limit - len(found))
            found += _in_turn(asked, roads, answer) if words else answer(asked)
            if len(found) == limit:
                break
    return found


def _first(asked: Any, *, limit: int) -> list[Place]:
    return list(asked[:limit])


def number_of(entries: EntryQuerySet, *, most: int) -> int:
    """How many entries there are, counted up to `most`."""
    asked = entries.order_by().values("sequence")

    def counted(some: Any) -> int:
        return int(some[:most].count())

    if by_words(entries):
        return _in_turn(asked, [_looked_up, _walked], counted)
    with walking():
        return counted(asked)


def _in_turn(asked: Any, roads: list[Road], answer: Callable[[Any], Answer]) -> Answer:
    """Of two roads, either gets a little time in turn, then more. The one that led there becomes the first.

    PostgreSQL cannot tell a rare word from a common one.
    """
    for seconds, road in product(_TURNS, list(roads)):
        with suppress(TookTooLong), time_limit(seconds=seconds), road(asked) as some:
            found = answer(some)
            roads.sort(key=lambda one: one is not road)
            return found
    with time_limit(seconds=_AT_LAST), roads[0](asked) as some:
        return answer(some)


@contextmanager
def _walked(asked: Any) -> Iterator[Any]:
    """An index is walked in the order that is wanted."""
    with walking():
        yield asked


@contextmanager
def _looked_up(asked: Any) -> Iterator[Any]:
    """All that have the words are found first: nothing else is asked, and no order wanted, that an index has.

    Where a tenant's entries are found in an index of their own, all of them are, and then put beside those.
    """
    some = asked.order_by(*(_UNINDEXED[name] for name in asked.query.order_by))
    some.query.where.children = [_not_looked_up(one) for one in some.query.where.children]
    yield some


def _not_looked_up(condition: Any) -> Any:
    """The condition, so written that no index serves it if it is that of the tenant, with which all others begin."""
    column = getattr(condition, "lhs", None)
    if isinstance(condition, Exact) and isinstance(column, Col) and column.target.attname == "tenant_id":
        return Exact(Coalesce(column, column), condition.rhs)
    return condition


def by_words(entries: Any) -> bool:
    """Whether something is asked that only an inverted index knows."""
    try:
        sql, _ = entries.query.sql_with_params()
    except EmptyResultSet:
        return False
    return any(sign in sql for sign in (" @@ ", " @> "))
