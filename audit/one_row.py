"""One entry in one statement, which is one transaction: the head moves, the body gets its number, the row is
written, and it is counted and its kind noted.

What several entries need five questions for, one needs one; over HTTP the questions are what takes the time. The values
are those of COPY (`binary_rows`), and the body and its hash are made by PostgreSQL as `binary_rows.row` makes them.

A process may remember who sends and where (`Sure`), but relies on none of it: the same statement looks whether all of
it still holds, and writes nothing where it does not. So a key that was revoked opens nothing from then on.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection
from psycopg import errors, pq
from psycopg.pq.abc import PGresult

from audit.binary_rows import COLUMNS, Prepared, fields
from audit.knowing import SHARED, Kind, Known, connected
from audit.models import Scope
from audit.models.entry_kinds import KIND

# Of the columns before `sequence`, of the body's two parts, and of what has to hold.
_FORMS = {
    "id": "uuid", "tenant_id": "uuid", "workspace_id": "uuid", "recorded_at": "timestamptz",
    "occurred_at": "timestamptz", "parameters": "jsonb", "target": "jsonb", "ip": "inet", "salt": "bytea",
    "before": "bytea", "after": "bytea", "digest": "bytea",
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
_HELD = ("digest", "tenant_slug", "tenant_name", "workspace_slug")
_ALL = (*_GIVEN, "before", "after", *_HELD)
_TYPES = [_NUMBERS[_FORMS.get(name, "text")] for name in _ALL]
_P = {name: f"${at + 1}" for at, name in enumerate(_ALL)}
_KIND = ", ".join(_P[name] for name in KIND[:-1])

_HOLDS = f"""
    AND EXISTS (
        SELECT FROM audit_apikey JOIN audit_tenant ON audit_tenant.id = audit_apikey.tenant_id
        WHERE audit_apikey.digest = {_P["digest"]} AND audit_apikey.tenant_id = {_P["tenant_id"]}
        AND audit_apikey.name = {_P["producer"]} AND audit_apikey.revoked_at IS NULL
        AND audit_apikey.expires_at > {_P["recorded_at"]} AND '{Scope.INGEST}' = ANY (audit_apikey.scopes)
        AND audit_tenant.slug = {_P["tenant_slug"]} AND audit_tenant.name = {_P["tenant_name"]}
    ) AND ({_P["workspace_id"]} IS NULL OR EXISTS (
        SELECT FROM audit_workspace WHERE id = {_P["workspace_id"]} AND tenant_id = {_P["tenant_id"]}
        AND slug = {_P["workspace_slug"]} AND name = {_P["workspace_name"]}
    ))"""  # noqa: S608 - of constants only
_NOT_KNOWN = f"""
    AND NOT EXISTS (
        SELECT FROM audit_externalid WHERE tenant_id = {_P["tenant_id"]} AND external_id = {_P["external_id"]}
    )"""
_REMEMBERED = f""", remembered AS (
    INSERT INTO audit_externalid (tenant_id, external_id, sequence)
    SELECT {_P["tenant_id"]}, {_P["external_id"]}, last_sequence FROM head
)"""  # noqa: S608 - of constants only
_NOTED = f""", kind AS (
    INSERT INTO audit_entrykind (tenant_id, {", ".join(KIND)})
    SELECT {_P["tenant_id"]}, {_KIND}, {_P["workspace_id"]} IS NOT NULL FROM head ON CONFLICT DO NOTHING
)"""  # noqa: S608 - of constants only

# Planning the statement takes PostgreSQL as long as running it: each connection does it once, unless it is shared.
_NAME = "auditsite_one_row"
_OF_ANOTHER = frozenset({b"26000", b"42P05"})  # there is no such prepared statement; there is one already


class Sure(NamedTuple):
    """What has to hold as the entry is written, beside what the entry says of its tenant, producer and workspace."""

    digest: bytes
    tenant_slug: str
    tenant_name: str
    workspace_slug: str | None


class _Form(NamedTuple):
    """What a statement does beyond the least. Kinds are never removed, so one that is known is not noted again."""

    held: bool
    noted: bool
    external_id: bool

    @property
    def name(self) -> bytes:
        parts = (name for name, wanted in zip(self._fields, self, strict=True) if wanted)
        return "_".join((_NAME, *parts)).encode()


def insert(
    prepared: Prepared,
    *,
    tenant_id: UUID,
    kind: Kind,
    with_external_id: bool = False,
    sure: Sure | None = None,
) -> int | None:
    """Write the entry and commit; its sequence. In autocommit only.

    None, and nothing is written, where its tenant has no head yet, its `external_id` is known, or not all of `sure`
    holds. With `sure` also where anything else speaks against it: going the long way says what.
    """
    values = [*fields(prepared), prepared.before, prepared.after, *_encoded(sure)]
    with connection.wrap_database_errors:
        kept, known = connected()
        noted = known.lacks(tenant_id, {kind})
        result = _executed(kept.pgconn, known, _Form(sure is not None, bool(noted), with_external_id), values)
        if kept.pgconn.status == pq.ConnStatus.BAD:
            raise errors.OperationalError(kept.pgconn.error_message.decode(errors="replace"))
        if result.status != pq.ExecStatus.TUPLES_OK and sure is None:
            raise errors.error_from_result(result)
    if result.status != pq.ExecStatus.TUPLES_OK or not result.ntuples:
        return None
    known.note(tenant_id, noted)
    return int(result.get_value(0, 0) or 0)


@cache
def statement(form: _Form) -> bytes:
    """The statement of this form. With a producer's id that another brings at the same time it fails as a whole."""
    held = _HOLDS if form.held else ""
    new = _NOT_KNOWN if form.external_id else ""
    return f"""
WITH head AS (
    UPDATE audit_loghead SET last_sequence = last_sequence + 1
    WHERE tenant_id = {_P["tenant_id"]}{held}{new} RETURNING last_sequence
), entry AS (
    SELECT last_sequence, {_P["before"]} || convert_to(last_sequence::text, 'UTF8') || {_P["after"]} AS body FROM head
), hour AS (
    INSERT INTO audit_entrycount (tenant_id, hour, category, number)
    SELECT {_P["tenant_id"]}, date_trunc('hour', {_P["occurred_at"]}, 'UTC'), {_P["category"]}, 1 FROM head
    ON CONFLICT (tenant_id, hour, category) DO UPDATE SET number = audit_entrycount.number + 1
){_NOTED if form.noted else ""}{_REMEMBERED if form.external_id else ""}
INSERT INTO audit_auditentry ({", ".join(COLUMNS)})
SELECT {", ".join(_P[name] for name in _GIVEN)},
    last_sequence, body, sha256('\\x00'::bytea || {_P["salt"]} || body)
FROM entry RETURNING sequence
""".encode()  # noqa: S608 - of constants only


def _encoded(sure: Sure | None) -> Sequence[bytes | None]:
    if sure is None:
        return (None,) * len(_HELD)
    slug = None if sure.workspace_slug is None else sure.workspace_slug.encode()
    return sure.digest, sure.tenant_slug.encode(), sure.tenant_name.encode(), slug


def _executed(server: Any, known: Known, form: _Form, values: list[bytes | None]) -> PGresult:
    binary = [1] * len(values)
    if not SHARED.is_set() and _knows(server, known, form):
        result: PGresult = server.exec_prepared(form.name, values, binary)
        if not _is_shared(result):
            return result
    again: PGresult = server.exec_params(statement(form), values, _TYPES, binary)
    return again


def _knows(server: Any, known: Known, form: _Form) -> bool:
    if form not in known.statements:
        made = server.prepare(form.name, statement(form), _TYPES)
        if made.status == pq.ExecStatus.COMMAND_OK:
            known.statements.add(form)
        return not _is_shared(made) and form in known.statements
    return True


def _is_shared(result: PGresult) -> bool:
    """Whether this answer came from another of the server's connections than the one before."""
    if result.error_field(pq.DiagnosticField.SQLSTATE) in _OF_ANOTHER:
        SHARED.set()
        return True
    return False
