"""What may be read, in pages: newest first, by keyset on (occurred_at, sequence), in both directions.

No page counts from the start of the log: a page deep in it costs what the first one costs, and entries that arrive
move nothing under the reader (performance.md, "Reading").
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal
from uuid import UUID

from django.core import signing
from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import BooleanField, F, Field, Func, Value
from django.db.models.expressions import Combinable

from audit.limits import TookTooLong, time_limit, walk, walking
from audit.models import AuditEntry, LogHead, Tenant
from audit.models.entries import EntryQuerySet, Hours
from audit.narrowing import narrowed
from audit.places import by_words, first_rows

__all__ = [
    "COUNTED", "NEWEST_FIRST", "PAGE_SIZE", "BadCursor", "Cursor", "Page", "TookTooLong", "Total", "find",
    "first_that_finds",     "last_sequence", "narrowed", "page", "readable", "spared", "sparing", "time_limit", "total",
]  # fmt: skip

Direction = Literal["older", "newer"]
PAGE_SIZE = 50
COUNTED = 10_000
"""Counts are exact up to here; beyond, "10,000+" (a whole log is never counted to draw a page)."""

NEWEST_FIRST = ("-occurred_at", "-sequence")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_START_AGAIN = "This place in the log is not known. Start again from the newest entries."


class BadCursor(ValueError):
    """A place in the log that nobody here gave out: of another tenant, cut off, or made up."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """A place between entries: the page lies beyond (occurred_at, sequence), in one direction."""

    direction: Direction
    occurred_at: datetime
    sequence: int

    def sign(self, tenant: Tenant) -> str:
        """As text for an address; no other tenant's pages accept it."""
        microseconds = (self.occurred_at - _EPOCH) // timedelta(microseconds=1)
        return signing.dumps([self.direction, microseconds, self.sequence], salt=_salt(tenant))

    @classmethod
    def read(cls, token: str, tenant: Tenant) -> Cursor:
        """The cursor in this text. Raises BadCursor."""
        try:
            direction, microseconds, sequence = signing.loads(token, salt=_salt(tenant))
        except (signing.BadSignature, ValueError):
            raise BadCursor(_START_AGAIN) from None
        return cls(direction, _EPOCH + timedelta(microseconds=microseconds), sequence)


@dataclass(frozen=True, slots=True)
class Page:
    """Entries, newest first, and where the pages beside them begin (None: there is nothing more that way)."""

    entries: list[AuditEntry]
    newer: Cursor | None
    older: Cursor | None


@dataclass(frozen=True, slots=True)
class Total:
    """A count that stops at COUNTED; `number` is None where counting took too long."""

    number: int | None
    capped: bool = False

    def __str__(self) -> str:
        if self.number is None:
            return "many"
        return f"{self.number:,}{'+' if self.capped else ''}"


def readable(tenant: Tenant, *, workspaces: frozenset[UUID] | None = None) -> EntryQuerySet:
    """The tenant's entries; with `workspaces` (as `access.May` has them) those of these workspaces only."""
    entries = AuditEntry.objects.of(tenant)
    if workspaces is not None:
        return entries.filter(workspace_id__in=workspaces)
    return entries.within(Hours(tenant.pk))


def find(entries: EntryQuerySet, entry_id: UUID | None) -> AuditEntry | None:
    """One of the entries, whole; None if it is not among them."""
    return None if entry_id is None else entries.filter(pk=entry_id).first()


def page(entries: EntryQuerySet, *, cursor: Cursor | None = None, limit: int = PAGE_SIZE) -> Page:
    """`limit` entries beyond the cursor; without one, the newest."""
    entries = narrowed(entries)
    if cursor is None:
        rows = first_rows(entries.order_by(*NEWEST_FIRST), limit=limit + 1)
        return Page(rows[:limit], None, _end(rows[:limit], "older") if len(rows) > limit else None)
    backwards = cursor.direction == "newer"
    order = [name.removeprefix("-") for name in NEWEST_FIRST] if backwards else NEWEST_FIRST
    rows = first_rows(_beyond(entries, cursor).order_by(*order), limit=limit + 1, start=cursor.occurred_at)
    more, rows = len(rows) > limit, rows[:limit]
    if backwards:
        rows.reverse()
        return Page(rows, _end(rows, "newer") if more else None, _end(rows, "older"))
    return Page(rows, _end(rows, "newer"), _end(rows, "older") if more else None)


def total(entries: EntryQuerySet, *, seconds: float = 1) -> Total:
    """How many entries there are, counted up to COUNTED, for at most a second."""
    try:
        with time_limit(seconds=seconds), sparing(entries):
            number = narrowed(entries).order_by().values("sequence")[: COUNTED + 1].count()
    except TookTooLong:
        return Total(None)
    return Total(min(number, COUNTED), capped=number > COUNTED)


def first_that_finds(asked: Mapping[str, EntryQuerySet]) -> str | None:
    """The first of these names whose query finds an entry; one question, which stops there."""
    cases, params = [], list[Any]()
    for name, entries in asked.items():
        with suppress(EmptyResultSet):
            sql, values = entries.order_by().values("sequence")[:1].query.sql_with_params()
            cases.append(f"WHEN EXISTS ({sql}) THEN %s")
            params += [*values, name]
    if not cases:
        return None
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT CASE {' '.join(cases)} END", params)
        found: str | None = cursor.fetchone()[0]
    return found


def last_sequence(tenant: Tenant) -> int:
    """The number of the tenant's last committed entry; 0 for an empty log."""
    return LogHead.objects.filter(pk=tenant.pk).values_list("last_sequence", flat=True).first() or 0


def sparing(entries: Any) -> AbstractContextManager[None]:
    """For all of them, not a page: inside, an index that has what is asked is walked."""
    return nullcontext() if by_words(entries) else walking()


def spared(entries: Any, *, sorting: str = "on") -> dict[str, str]:
    """The same as PostgreSQL's settings, for what is not asked as a question; "off": also for its order."""
    return {} if by_words(entries) else walk(sorting=sorting)


def _salt(tenant: Tenant) -> str:
    return f"audit.queries.{tenant.pk}"


def _end(rows: Sequence[AuditEntry], direction: Direction) -> Cursor | None:
    if not rows:
        return None
    row = rows[-1] if direction == "older" else rows[0]
    return Cursor(direction, row.occurred_at, row.sequence)


def _beyond(entries: EntryQuerySet, cursor: Cursor) -> EntryQuerySet:
    # A comparison of rows prunes no partitions; the bound on occurred_at beside it does.
    if cursor.direction == "older":
        return entries.filter(_compared("<", cursor), occurred_at__lte=cursor.occurred_at)
    return entries.filter(_compared(">", cursor), occurred_at__gte=cursor.occurred_at)


def _compared(sign: str, cursor: Cursor) -> Func:
    here = _row(F("occurred_at"), F("sequence"))
    there = _row(Value(cursor.occurred_at), Value(cursor.sequence))
    return Func(
        here, there, template="(%(expressions)s)", arg_joiner=f" {sign} ", output_field=BooleanField()
    )


def _row(*parts: Combinable) -> Func:
    return Func(*parts, function="ROW", output_field=Field())
