"""The first entries of a query: their places are found in an index, and those few rows are read after.

Takes queries as `audit.queries` makes them, ordered by (occurred_at, sequence) one way or the other.
"""

from __future__ import annotations

from contextlib import nullcontext, suppress
from datetime import datetime, timedelta
from itertools import product
from typing import Any
from uuid import UUID

from django.core.exceptions import EmptyResultSet
from django.db.models import F, Value
from django.db.models.expressions import OrderBy

from audit.limits import TookTooLong, time_limit, walking
from audit.models import AuditEntry
from audit.models.entries import EntryQuerySet

_UNINDEXED = {
    f"{sign}{name}": OrderBy(F(name) + nothing, descending=sign == "-")
    for name, nothing in (("occurred_at", Value(timedelta(0))), ("sequence", Value(0)))
    for sign in ("", "-")
}
_TURNS = (0.02, 0.06, 0.24)


def first_rows(entries: EntryQuerySet, *, limit: int) -> list[AuditEntry]:
    """The first entries of a query: their places first, which an index holds, then those few rows."""
    places = _places(entries.values_list("tenant_id", "occurred_at", "sequence"), limit=limit)
    if not places:
        return []
    tenant, moments, sequences = places[0][0], [at for _, at, _ in places], [number for *_, number in places]
    found = AuditEntry.objects.filter(
        tenant_id=tenant, occurred_at__range=(min(moments), max(moments)), sequence__in=sequences
    )
    found.query.deferred_loading = entries.query.deferred_loading
    rows = {row.sequence: row for row in found}
    return [rows[number] for number in sequences]


def _places(ordered: Any, *, limit: int) -> list[tuple[UUID, datetime, int]]:
    """Walks an index in the order wanted; for words first looks up all that have them, and sorts those.

    PostgreSQL cannot tell a rare word from a common one, so either road gets a little time in turn, then more.
    """
    if by_words(ordered):
        # An order that no index has, so that all that is found is found first.
        looked_up = ordered.order_by(*(_UNINDEXED[name] for name in ordered.query.order_by))
        roads = ((looked_up, nullcontext), (ordered, walking))
        for seconds, (road, how) in product(_TURNS, roads):
            with suppress(TookTooLong), time_limit(seconds=seconds), how():
                return list(road[:limit])
        return list(looked_up[:limit])
    with walking():
        return list(ordered[:limit])


def by_words(entries: Any) -> bool:
    """Whether something is asked that only an inverted index knows."""
    try:
        sql, _ = entries.query.sql_with_params()
    except EmptyResultSet:
        return False
    return any(sign in sql for sign in (" @@ ", " @> "))
