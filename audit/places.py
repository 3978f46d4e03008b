"""The first entries of a query: their places are found in an index, and those few rows alone are read.

Takes queries as `audit.queries` makes them, ordered by (occurred_at, sequence) one way or the other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from datetime import datetime, timedelta
from itertools import product
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db.models import F, Value
from django.db.models.expressions import Col, OrderBy
from django.db.models.functions import Coalesce
from django.db.models.lookups import Exact

from audit.limits import TookTooLong, time_limit, walking
from audit.models import AuditEntry
from audit.models.entries import EntryQuerySet
from audit.spans import Span, spans

_UNINDEXED = {
    f"{sign}{name}": OrderBy(F(name) + nothing, descending=sign == "-")
    for name, nothing in (("occurred_at", Value(timedelta(0))), ("sequence", Value(0)))
    for sign in ("", "-")
}
_TURNS, _AT_LAST = (0.02, 0.06, 0.24, 1.0, 4.0), 600.0
Road = Callable[[Any], AbstractContextManager[Any]]
_PLACE = ("tenant_id", "occurred_at", "sequence")
_HERE = [f'"audit_auditentry"."{name}" = place."{name}"' for name in _PLACE]


def first_rows(entries: EntryQuerySet, *, limit: int, start: datetime | None = None) -> list[AuditEntry]:
    """The first entries of a query. `start`: no entry lies before it, in the order of the query.

    The nearest month is asked by itself: mostly it has enough, and to plan for all of them takes longer than to answer.
    """
    if entries.query.is_empty():
        return []
    near, far = _near(spans(newest_first=_newest_first(entries), start=start))
    # What led to the near ones leads to the far ones, too.
    roads: list[Road] = [_looked_up, _walked] if by_words(entries) else [_walked]
    rows = _rows(entries, near, roads, limit=limit)
    if far and len(rows) < limit:
        rows += _rows(entries, far, roads, limit=limit - len(rows))
    return rows


def _newest_first(entries: EntryQuerySet) -> bool:
    return str(entries.query.order_by[0]).startswith("-")


def _near(stretches: list[Span]) -> tuple[list[Span], list[Span]]:
    """The first month that holds entries, with what lies before all months; and the others."""
    months = [number for number, span in enumerate(stretches) if span.first and span.until]
    end = months[0] + 1 if months else len(stretches)
    return stretches[:end], stretches[end:]


def _rows(
    entries: EntryQuerySet, stretches: list[Span], roads: list[Road], *, limit: int
) -> list[AuditEntry]:
    """From the first stretch on until there are enough.

    Of two roads, either gets a little time in turn, then more; the one that led there becomes the first. PostgreSQL
    cannot tell a rare word from a common one.
    """
    if len(roads) == 1:
        return _read(entries, stretches, roads[0], limit=limit)
    for seconds, road in product(_TURNS, list(roads)):
        with suppress(TookTooLong), time_limit(seconds=seconds):
            rows = _read(entries, stretches, road, limit=limit)
            roads.sort(key=lambda one: one is not road)
            return rows
    with time_limit(seconds=_AT_LAST):
        return _read(entries, stretches, roads[0], limit=limit)


def _read(entries: EntryQuerySet, stretches: list[Span], road: Road, *, limit: int) -> list[AuditEntry]:
    with ExitStack() as way:
        asked = [way.enter_context(road(span.of(entries.values_list(*_PLACE)))) for span in stretches]
        return _answered([some[:limit] for some in asked], entries, stretches, limit=limit)


def _answered(
    asked: Sequence[Any], entries: EntryQuerySet, stretches: list[Span], *, limit: int
) -> list[AuditEntry]:
    """The entries at these places, in one question. Of several stretches the next is read if the last had too few."""
    places, params = [], list[Any]()
    for some in asked:
        with suppress(EmptyResultSet):
            sql, values = some.query.sql_with_params()
            places.append(f"SELECT * FROM ({sql}) AS stretch")  # noqa: S608 - Django's own query
            params += values
    if not places:
        return []
    row, values = _row(entries, stretches).query.sql_with_params()
    order = "DESC" if _newest_first(entries) else "ASC"
    names = ", ".join(f'"{name}"' for name in _PLACE)
    found = AuditEntry.objects.raw(
        f"SELECT entry.* FROM ({' UNION ALL '.join(places)} LIMIT {limit}) AS place ({names}) "  # noqa: S608 - Django's own queries
        f"CROSS JOIN LATERAL ({row}) AS entry ORDER BY entry.occurred_at {order}, entry.sequence {order}",
        [*params, *values],
    )
    return list(found)


def _row(entries: EntryQuerySet, stretches: list[Span]) -> EntryQuerySet:
    """The entry at a place; bounded, so that only its months are planned for."""
    starts, ends = [span.first for span in stretches], [span.until for span in stretches]
    first = None if None in starts else min(start for start in starts if start)
    until = None if None in ends else max(end for end in ends if end)
    row = Span(first, until).of(AuditEntry.objects.extra(where=_HERE).order_by())  # noqa: S610 - columns of _PLACE
    row.query.deferred_loading = entries.query.deferred_loading
    return row[:1]


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
