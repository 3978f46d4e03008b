"""The log's table without its indexes while it is filled, and with exactly the same ones, by name, afterwards."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import psycopg

LOG = "audit_auditentry"
# All that a migrated database has of the log: indexes and what they belong to, constraints, columns, triggers.
_ALL = """
WITH log AS (SELECT 'audit_auditentry'::regclass AS oid UNION SELECT inhrelid::regclass FROM pg_inherits
             WHERE inhparent = 'audit_auditentry'::regclass)
SELECT pg_get_indexdef(i.indexrelid) || ' of ' || coalesce(h.inhparent::regclass::text, '-') || ' ' || i.indisvalid
FROM pg_index i JOIN log ON log.oid = i.indrelid LEFT JOIN pg_inherits h ON h.inhrelid = i.indexrelid
UNION ALL SELECT log.oid || ' ' || c.conname || ' ' || pg_get_constraintdef(c.oid) || ' ' || coninhcount
    || conislocal
FROM pg_constraint c JOIN log ON log.oid = c.conrelid
UNION ALL SELECT log.oid || ' ' || attname || ' ' || format_type(atttypid, atttypmod) || ' ' || attnotnull
    || attgenerated::text
FROM pg_attribute a JOIN log ON log.oid = a.attrelid WHERE attnum > 0 AND NOT attisdropped
UNION ALL SELECT log.oid || ' ' || tgname || ' ' || tgenabled::text FROM pg_trigger t JOIN log ON log.oid = t.tgrelid
"""
_PARTITIONS = "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = %s::regclass ORDER BY 1"
_INDEXES = """
SELECT c.conname, coalesce(pg_get_constraintdef(c.oid), pg_get_indexdef(i.indexrelid)), i.indexrelid::regclass::text
FROM pg_index i LEFT JOIN pg_constraint c ON c.conindid = i.indexrelid AND c.contype = 'p'
WHERE i.indrelid = %s::regclass ORDER BY c.conname NULLS LAST, 2
"""
# The column takes what it is given as long as the flag is off; only a superuser can do that, in a bench's own database.
_GENERATED = """
UPDATE pg_attribute SET attgenerated = %s WHERE attname = 'search' AND attrelid IN (
    SELECT 'audit_auditentry'::regclass UNION
    SELECT inhrelid FROM pg_inherits WHERE inhparent = 'audit_auditentry'::regclass)
"""


class CatalogueDiffers(Exception):
    """The filled table is not that of a migrated database."""


@dataclass(slots=True)
class PutAside:
    """What was taken from the log: statements that make its indexes, by table."""

    connection: psycopg.Connection[Any]
    before: set[str]
    statements: dict[str, list[str]]

    @property
    def partitions(self) -> list[str]:
        return [table for table in self.statements if table != LOG]

    def give_back(self, *, built: set[str]) -> None:
        """All indexes again, where those of the partitions in `built` are there. Raises CatalogueDiffers."""
        for table in self.partitions:
            for statement in self.statements[table] if table not in built else ():
                self.connection.execute(statement)
        for statement in self.statements[LOG]:  # takes up what the partitions have
            self.connection.execute(statement.replace(" ON ONLY ", " ON "))
        self.connection.execute(_GENERATED, ["s"])
        differs = self.before ^ _catalogue(self.connection)
        if differs:
            raise CatalogueDiffers("\n".join(sorted(differs)))


def put_aside(connection: psycopg.Connection[Any]) -> PutAside:
    """Take the log's indexes away, and let its column `search` take values."""
    before = _catalogue(connection)
    tables = [LOG, *(row[0] for row in connection.execute(_PARTITIONS, [LOG]))]
    made = {table: _made(connection, table) for table in tables}
    for key, _, name in connection.execute(_INDEXES, [LOG]).fetchall():
        connection.execute(f"ALTER TABLE {LOG} DROP CONSTRAINT {key}" if key else f"DROP INDEX {name}")
    connection.execute(_GENERATED, [""])
    return PutAside(connection, before, made)


def _made(connection: psycopg.Connection[Any], table: str) -> list[str]:
    return [
        f"ALTER TABLE {table} ADD CONSTRAINT {key} {definition}" if key else definition
        for key, definition, _ in connection.execute(_INDEXES, [table])
    ]


def _catalogue(connection: psycopg.Connection[Any]) -> set[str]:
    return {row[0] for row in connection.execute(_ALL)}
