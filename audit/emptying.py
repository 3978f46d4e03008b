"""Moves strays out of the default partition, into months of their own.

Nothing is deleted: the default is replaced. Its rows are copied beside the log; then one short transaction locks the
log, copies what came since, and puts the copies in the default's place. Writers and readers wait for its few
milliseconds and find every entry before as after; no trigger is ever off (docs/decisions/0007).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.backends.utils import CursorWrapper

from audit.partitions import DEFAULT, LOG, month_of, name_of, patient, several_times

# Further from now than this is a broken clock: what it wrote stays in the default, else it could make any number of
# partitions, which every question over the log would pay for.
MONTHS_BACK, MONTHS_ON = 120, 24
# How long the log may stay locked once its lock is had.
SWAP_TIMEOUT = "5s"
MAKING = "_making"
REST = DEFAULT + MAKING

MONTH = "date_trunc('month', d.occurred_at AT TIME ZONE 'UTC')::date"

Target = tuple[str, date]
Marks = Mapping[UUID, int]


def empty_default(*, now: datetime) -> int:
    """Move the default partition's rows into months of their own; gives their number. Raises Busy.

    Rows further away than MONTHS_BACK and MONTHS_ON stay.
    """
    clear_leftovers()
    with patient() as cursor:
        marks = _marks(cursor)
        reach = month_of(now, -MONTHS_BACK), month_of(now, MONTHS_ON)
        found = [day for day in _months(cursor, marks, late=False) if reach[0] <= day <= reach[1]]
    targets = [(name_of(day) + MAKING, day) for day in sorted(found)]
    if not targets:
        return 0
    try:
        with patient() as cursor:
            cursor.execute("SELECT audit_build_partition(%s)", [REST])
            for building, day in targets:
                cursor.execute("SELECT audit_build_month(%s, %s)", [building, day])
            moved = _copy(cursor, targets, marks, late=False)
        return moved + several_times(lambda: _swap(targets, marks))
    finally:
        clear_leftovers()


def strays() -> int:
    """How many entries lie in the default partition. Raises Busy."""
    with patient() as cursor:
        return _count(cursor)


def clear_leftovers() -> None:
    """Drop the copies that a killed round left: they were never part of the log."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT relname FROM pg_class WHERE relkind = 'r' AND NOT relispartition AND relname ~ %s
            AND relnamespace = (SELECT relnamespace FROM pg_class WHERE oid = %s::regclass)""",
            [f"^{LOG}_.+{MAKING}$", LOG],
        )
        for (name,) in cursor.fetchall():
            cursor.execute(f'DROP TABLE "{name}"')


def _swap(targets: Sequence[Target], marks: Marks) -> int:
    """Put the copies where the default was: all, or nothing. Gives the number of strays that came since the copy."""
    with patient() as cursor:
        cursor.execute(f"SET LOCAL statement_timeout = '{SWAP_TIMEOUT}'")
        cursor.execute(f"LOCK TABLE ONLY {LOG}, ONLY {DEFAULT} IN ACCESS EXCLUSIVE MODE")
        moved = _copy(cursor, targets, marks, late=True)
        cursor.execute(f"ALTER TABLE {LOG} DETACH PARTITION {DEFAULT}")
        cursor.execute(f"DROP TABLE {DEFAULT}")
        for building, day in targets:
            cursor.execute("SELECT audit_attach_month(%s, %s)", [building, day])
        cursor.execute("SELECT audit_attach_default(%s)", [REST])
    return moved


def _marks(cursor: CursorWrapper) -> Marks:
    """The last sequence of each tenant in the default. What comes later is above it: see decision 0001."""
    cursor.execute("SELECT tenant_id, max(sequence) FROM ONLY audit_auditentry_default GROUP BY 1")
    return dict(cursor.fetchall())


def _months(cursor: CursorWrapper, marks: Marks, *, late: bool) -> dict[date, int]:
    """Months of the default's rows up to the marks, or beyond them (`late`), and how many rows each has."""
    question = f"SELECT {MONTH}, count(*) FROM ONLY {DEFAULT} d WHERE {_which(late=late)} GROUP BY 1"  # noqa: S608 - constants
    cursor.execute(question, [list(marks), list(marks.values())])
    return dict(cursor.fetchall())


def _copy(cursor: CursorWrapper, targets: Sequence[Target], marks: Marks, *, late: bool) -> int:
    """Copy these rows: into the targets those of their months, whose number it gives, and the others into REST."""
    found = _months(cursor, marks, late=late)
    days = [day for _, day in targets]
    which, seen = _which(late=late), [list(marks), list(marks.values())]
    for building, day in targets:
        if day in found:
            _insert(cursor, building, f"{MONTH} = %s AND {which}", [day, *seen], number=found[day])
    moved = sum(found.get(day, 0) for day in days)
    if rest := sum(found.values()) - moved:
        _insert(cursor, REST, f"{MONTH} <> ALL(%s) AND {which}", [days, *seen], number=rest)
    return moved


def _insert(cursor: CursorWrapper, building: str, where: str, given: list[Any], *, number: int) -> None:
    columns = _columns(cursor)
    statement = f"""INSERT INTO {building} ({columns}) SELECT {columns} FROM ONLY {DEFAULT} d
        WHERE {where}"""  # noqa: S608 - names of the database's own catalog
    cursor.execute(statement, given)
    if cursor.rowcount != number:
        raise RuntimeError(f"{cursor.rowcount} rows were copied into {building} instead of {number}.")


def _which(*, late: bool) -> str:
    return f"""{"NOT" if late else ""} EXISTS (
        SELECT FROM unnest(%s::uuid[], %s::bigint[]) AS seen (tenant_id, last)
        WHERE seen.tenant_id = d.tenant_id AND d.sequence <= seen.last)"""


def _count(cursor: CursorWrapper) -> int:
    cursor.execute("SELECT count(*) FROM ONLY audit_auditentry_default")
    row: tuple[int] = cursor.fetchone()
    return row[0]


def _columns(cursor: CursorWrapper) -> str:
    """All columns but generated ones, which are made anew."""
    cursor.execute(
        """SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) FROM pg_attribute
        WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = ''""",
        [LOG],
    )
    row: tuple[str] = cursor.fetchone()
    return row[0]
