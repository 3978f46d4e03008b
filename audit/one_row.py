"""One entry in one statement, which is one transaction: the head moves, the body gets its number, the row is
written, and it is counted and its kind noted.

What several entries need five questions for, one needs one; over HTTP the questions are what takes the time. The values
are those of COPY (`binary_rows`), and the body and its hash are made by PostgreSQL as `binary_rows.row` makes them.
"""

from __future__ import annotations

from threading import Event
from typing import Any
from weakref import WeakSet

from django.db import connection
from psycopg import Connection, errors, pq
from psycopg.pq.abc import PGresult

from audit.binary_rows import COLUMNS, Prepared, fields
from audit.models.entry_kinds import KIND

# Of the columns before `sequence`, and of the body's two parts.
_FORMS = {
    "id": "uuid", "tenant_id": "uuid", "workspace_id": "uuid", "recorded_at": "timestamptz",
    "occurred_at": "timestamptz", "parameters": "jsonb", "target": "jsonb", "ip": "inet", "salt": "bytea",
}  # fmt: skip
_NUMBERS = {
    "uuid": 2950,
    "timestamptz": 1184,
    "jsonb": 3802,
    "inet": 869,
    "bytea": 17,
    "text": 25,
}  # pg_type.dat
_GIVEN = COLUMNS[: COLUMNS.index("sequence")]
_TYPES = [_NUMBERS[_FORMS.get(name, "text")] for name in _GIVEN] + [_NUMBERS["bytea"]] * 2
_TENANT, _SALT, _MOMENT, _CATEGORY = (
    f"${_GIVEN.index(name) + 1}" for name in ("tenant_id", "salt", "occurred_at", "category")
)
_KIND = ", ".join(f"${_GIVEN.index(name) + 1}" for name in KIND[:-1])
_IN_WORKSPACE = f"${_GIVEN.index('workspace_id') + 1} IS NOT NULL"
_BEFORE, _AFTER = f"${len(_GIVEN) + 1}", f"${len(_GIVEN) + 2}"

INSERT = f"""
WITH head AS (
    UPDATE audit_loghead SET last_sequence = last_sequence + 1 WHERE tenant_id = {_TENANT} RETURNING last_sequence
), entry AS (
    SELECT last_sequence, {_BEFORE} || convert_to(last_sequence::text, 'UTF8') || {_AFTER} AS body FROM head
), kind AS (
    INSERT INTO audit_entrykind (tenant_id, {", ".join(KIND)}) SELECT {_TENANT}, {_KIND}, {_IN_WORKSPACE} FROM head
    ON CONFLICT DO NOTHING
), hour AS (
    INSERT INTO audit_entrycount (tenant_id, hour, category, number)
    SELECT {_TENANT}, date_trunc('hour', {_MOMENT}, 'UTC'), {_CATEGORY}, 1 FROM head
    ON CONFLICT (tenant_id, hour, category) DO UPDATE SET number = audit_entrycount.number + 1
)
INSERT INTO audit_auditentry ({", ".join(COLUMNS)})
SELECT {", ".join(f"${at + 1}" for at in range(len(_GIVEN)))},
    last_sequence, body, sha256('\\x00'::bytea || {_SALT} || body)
FROM entry RETURNING sequence
""".encode()  # noqa: S608 - of constants only


# Planning the statement takes PostgreSQL as long as running it: each connection does it once. Behind a pooler that
# gives each transaction another of the server's connections that cannot be kept: then it is not tried again.
_NAME = b"auditsite_one_row"
_KNOWS: WeakSet[Connection[Any]] = WeakSet()
_SHARED = Event()
_OF_ANOTHER = frozenset({b"26000", b"42P05"})  # there is no such prepared statement; there is one already


def insert(prepared: Prepared) -> int | None:
    """Write the entry and commit; its sequence, or None where its tenant has no head yet. In autocommit only."""
    values = [*fields(prepared), prepared.before, prepared.after]
    with connection.cursor(), connection.wrap_database_errors:
        server = connection.connection.pgconn
        result = _executed(connection.connection, values)
        if server.status == pq.ConnStatus.BAD:
            raise errors.OperationalError(server.error_message.decode(errors="replace"))
        if result.status != pq.ExecStatus.TUPLES_OK:
            raise errors.error_from_result(result)
    return int(result.get_value(0, 0) or 0) if result.ntuples else None


def _executed(kept: Connection[Any], values: list[bytes | None]) -> PGresult:
    server, binary = kept.pgconn, [1] * len(values)
    if not _SHARED.is_set() and _knows(kept):
        result = server.exec_prepared(_NAME, values, binary)  # type: ignore[arg-type] # None is null, as in exec_params
        if not _is_shared(result):
            return result
    return server.exec_params(INSERT, values, _TYPES, binary)


def _knows(kept: Connection[Any]) -> bool:
    if kept not in _KNOWS:
        made = kept.pgconn.prepare(_NAME, INSERT, _TYPES)
        if made.status == pq.ExecStatus.COMMAND_OK:
            _KNOWS.add(kept)
        return not _is_shared(made) and kept in _KNOWS
    return True


def _is_shared(result: PGresult) -> bool:
    """Whether this answer came from another of the server's connections than the one before."""
    if result.error_field(pq.DiagnosticField.SQLSTATE) in _OF_ANOTHER:
        _SHARED.set()
        return True
    return False
