"""Moves strays out of the default partition, into months of their own.

Nothing is deleted: the default is replaced. Its rows are copied beside the log; then one short transaction locks the
log, copies what came since, compares, and puts the copies in the default's place. Writers and readers wait for its
few milliseconds and find every entry before as after; no trigger is ever off (docs/decisions/0007).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

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

Target = tuple[str, date]


def empty_default(*, now: datetime) -> int:
    """Move the default partition's rows into months of their own; gives their number. Raises Busy.

    Rows further away than MONTHS_BACK and MONTHS_ON stay.
    """
    clear_leftovers()
    targets = [(name_of(day) + MAKING, day) for day in _months_of_strays(now)]
    if not targets:
        return 0
    try:
        with patient() as cursor:
            cursor.execute("SELECT audit_build_partition(%s)", [REST])
            for building, day in targets:
                cursor.execute("SELECT audit_build_month(%s, %s)", [building, day])
            _copy(cursor, targets)
        return several_times(lambda: _swap(targets))
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


def _swap(targets: Sequence[Target]) -> int:
    """Put the copies where the default was: all, or nothing."""
    with patient() as cursor:
        cursor.execute(f"SET LOCAL statement_timeout = '{SWAP_TIMEOUT}'")
        cursor.execute(f"LOCK TABLE ONLY {LOG}, ONLY {DEFAULT} IN ACCESS EXCLUSIVE MODE")
        if not _same(cursor, targets):
            _copy(cursor, targets)  # what came since
            if not _same(cursor, targets):
                raise RuntimeError(
                    "Copies of the default partition's rows differ from them; nothing was changed."
                )
        before = _count(cursor)
        cursor.execute(f"ALTER TABLE {LOG} DETACH PARTITION {DEFAULT}")
        cursor.execute(f"DROP TABLE {DEFAULT}")
        for building, day in targets:
            cursor.execute("SELECT audit_attach_month(%s, %s)", [building, day])
        cursor.execute("SELECT audit_attach_default(%s)", [REST])
        return before - _count(cursor)


def _copy(cursor: CursorWrapper, targets: Sequence[Target]) -> None:
    """Copy the default's rows that are not copied yet: those of the targets' months, and the rest."""
    columns = _columns(cursor)
    month = "date_trunc('month', d.occurred_at AT TIME ZONE 'UTC')::date"
    days = [day for _, day in targets]
    parts = [(building, f"{month} = ANY(%s)", [day]) for building, day in targets]
    for building, which, given in [*parts, (REST, f"{month} <> ALL(%s)", days)]:
        statement = f"""
            INSERT INTO {building} ({columns}) SELECT {columns} FROM ONLY {DEFAULT} d WHERE {which}
            AND NOT EXISTS (SELECT FROM {building} m WHERE m.tenant_id = d.tenant_id
                            AND m.occurred_at = d.occurred_at AND m.sequence = d.sequence)
            """  # noqa: S608 - names of the database's own catalog
        cursor.execute(statement, [given])


def _same(cursor: CursorWrapper, targets: Sequence[Target]) -> bool:
    """Whether the copies have as many rows as the default, with the same leaf hashes."""
    sums = "SELECT count(*), bit_xor(hashtextextended(encode(leaf_hash, 'hex'), 0)) FROM"
    names = [REST, *(name for name, _ in targets)]
    copies = " UNION ALL ".join(f"SELECT leaf_hash FROM {name}" for name in names)  # noqa: S608 - our own names
    cursor.execute(f"{sums} ONLY {DEFAULT} UNION ALL {sums} ({copies}) AS copies")
    before, after = cursor.fetchall()
    return bool(before == after)


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


def _months_of_strays(now: datetime) -> list[date]:
    with patient() as cursor:
        cursor.execute(
            """SELECT DISTINCT date_trunc('month', occurred_at AT TIME ZONE 'UTC')::date
            FROM ONLY audit_auditentry_default WHERE occurred_at >= %s::timestamp AT TIME ZONE 'UTC'
            AND occurred_at < %s::timestamp AT TIME ZONE 'UTC'""",
            [month_of(now, -MONTHS_BACK), month_of(now, MONTHS_ON + 1)],
        )
        return sorted(row[0] for row in cursor.fetchall())
