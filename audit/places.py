"""The first entries of a query: their places are found in an index, and those few rows are read after.

Takes queries as `audit.queries` makes them, ordered by (occurred_at, sequence) one way or the other.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from itertools import product
from typing import Any, Protocol
from uuid import UUID

from django.core.exceptions import EmptyResultSet
from django.db.models import F, Value
from django.db.models.expressions import OrderBy

from audit.limits import TookTooLong, time_limit, walking
from audit.models import AuditEntry
from audit.models.entries import EntryQuerySet
from audit.spans import Span, spans

_UNINDEXED = {
    f"{sign}{name}": OrderBy(F(name) + nothing, descending=sign == "-")
    for name, nothing in (("occurred_at", Value(timedelta(0))), ("sequence", Value(0)))
    for sign in ("", "-")
}
_TURNS = (0.02, 0.06, 0.24)
Place = tuple[UUID, datetime, int]


class Road(Protocol):
    """A way to the first places of a query."""

    def __call__(self, asked: Any, /, *, limit: int) -> list[Place]: ...


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
    asked = entries.values_list("tenant_id", "occurred_at", "sequence")
    stretches = spans(newest_first=str(entries.query.order_by[0]).startswith("-"), start=start)
    if by_words(entries):
        return _gathered(asked, stretches, partial(_in_turn, roads=[_looked_up, _walked]), limit=limit)
    with walking():
        return _gathered(asked, stretches, lambda some, *, limit: list(some[:limit]), limit=limit)


def _gathered(asked: Any, stretches: list[Span], road: Road, *, limit: int) -> list[Place]:
    found: list[Place] = []
    for span in stretches:
        found += road(span.of(asked), limit=limit - len(found))
        if len(found) == limit:
            break
    return found


def _in_turn(asked: Any, *, roads: list[Road], limit: int) -> list[Place]:
    """Of two roads, either gets a little time in turn, then more. The one that led there becomes the first.

    PostgreSQL cannot tell a rare word from a common one.
    """
    for seconds, road in product(_TURNS, list(roads)):
        with suppress(TookTooLong), time_limit(seconds=seconds):
            found = road(asked, limit=limit)
            roads.sort(key=lambda one: one is not road)
            return found
    return roads[0](asked, limit=limit)


def _walked(asked: Any, *, limit: int) -> list[Place]:
    """An index is walked in the order that is wanted."""
    with walking():
        return list(asked[:limit])


def _looked_up(asked: Any, *, limit: int) -> list[Place]:
    """An order that no index has, so that all that have the words are found first, and those are sorted."""
    return list(asked.order_by(*(_UNINDEXED[name] for name in asked.query.order_by))[:limit])


def by_words(entries: Any) -> bool:
    """Whether something is asked that only an inverted index knows."""
    try:
        sql, _ = entries.query.sql_with_params()
    except EmptyResultSet:
        return False
    return any(sign in sql for sign in (" @@ ", " @> "))
