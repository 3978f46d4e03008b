"""The log's time in stretches, the nearest first: what is found in the newest month need not be looked for in all.

Asked for all of the log at once, PostgreSQL looks into every partition for the first entry of each, as it cannot rely
on their order beside a default partition; so a page would cost what all months cost.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any, TypeVar

from django.db import connection
from django.db.models import QuerySet

Query = TypeVar("Query", bound=QuerySet[Any, Any])
_SIZES = (1, 4)
"""So many months that hold entries are asked at once, then those that are left."""
# A partition of size 0 holds no entry; those made ahead are many, and planning takes longer with each.
_MONTHS = """
SELECT bounds[1]::timestamptz, bounds[2]::timestamptz, filled FROM (
    SELECT regexp_match(pg_get_expr(c.relpartbound, c.oid), $$FROM \\('(.+)'\\) TO \\('(.+)'\\)$$) AS bounds,
           coalesce(pg_relation_size(c.oid) > 0, false) AS filled
    FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = 'audit_auditentry'::regclass
) AS attached ORDER BY 1
"""


@dataclass(frozen=True, slots=True)
class Span:
    """Entries with `first` <= occurred_at < `until`; None: without an end."""

    first: datetime | None = None
    until: datetime | None = None

    def of(self, entries: Query) -> Query:
        bounds = {"occurred_at__gte": self.first, "occurred_at__lt": self.until}
        return entries.filter(**{name: bound for name, bound in bounds.items() if bound is not None})


def spans(*, newest_first: bool, start: datetime | None = None) -> list[Span]:
    """Stretches that together hold all entries (from `start` on), in the order in which they are to be asked."""
    months, strays = _attached()
    if not months:
        return [Span()]
    inner = _grouped([span for span, filled in months if filled], newest_first=newest_first, start=start)
    before, behind = Span(None, months[0][0].first), Span(months[-1][0].until, None)
    found = [before, *inner, behind] if strays else inner
    return [
        one
        for one in found[:: -1 if newest_first else 1]
        if _reached(one, newest_first=newest_first, start=start)
    ]


def _attached() -> tuple[list[tuple[Span, bool]], bool]:
    """The months and whether they hold anything, oldest first; and whether the default partition does."""
    with connection.cursor() as cursor:
        cursor.execute(_MONTHS)
        rows = cursor.fetchall()
    months = [(Span(first, until), filled) for first, until, filled in rows if first is not None]
    return months, any(filled for first, _, filled in rows if first is None)


def _grouped(months: list[Span], *, newest_first: bool, start: datetime | None) -> list[Span]:
    """Neighbours put together, few where the reader is and more further on; oldest first."""
    near = [span for span in months if _reached(span, newest_first=newest_first, start=start)]
    walk = iter(reversed(near) if newest_first else near)
    groups = [group for size in (*_SIZES, len(near)) if (group := list(islice(walk, size)))]
    found = [
        Span(min(one.first for one in group if one.first), max(one.until for one in group if one.until))
        for group in groups
    ]
    return found[::-1] if newest_first else found


def _reached(span: Span, *, newest_first: bool, start: datetime | None) -> bool:
    """Whether a reader who begins at `start` comes by."""
    if start is None:
        return True
    if newest_first:
        return span.first is None or span.first <= start
    return span.until is None or start < span.until
