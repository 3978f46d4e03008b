"""The statement in which a batch gets its numbers: the head moves, kinds are noted, hours are counted.

It is the last thing that a batch asks before its rows are written, and each connection plans it once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from django.db import connection
from psycopg import ClientCursor, Connection, Cursor, errors

from audit.drafts import Draft
from audit.knowing import SHARED, Kind, connected, kind_of
from audit.models import Scope, Tenant
from audit.models.entry_kinds import KIND

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_HOUR = timedelta(hours=1)

_HOLDS = f"""
    AND EXISTS (
        SELECT FROM audit_apikey JOIN audit_tenant ON audit_tenant.id = audit_apikey.tenant_id
        WHERE audit_apikey.digest = %(digest)s AND audit_apikey.tenant_id = %(tenant)s
        AND audit_apikey.name = %(producer)s AND audit_apikey.revoked_at IS NULL
        AND audit_apikey.expires_at > %(now)s AND '{Scope.INGEST}' = ANY (audit_apikey.scopes)
        AND audit_tenant.slug = %(tenant_slug)s AND audit_tenant.name = %(tenant_name)s
    ) AND NOT EXISTS (
        SELECT FROM unnest(%(places)s::uuid[], %(slugs)s::text[], %(names)s::text[]) AS told (id, slug, name)
        WHERE NOT EXISTS (
            SELECT FROM audit_workspace WHERE id = told.id AND tenant_id = %(tenant)s
            AND slug = told.slug AND name = told.name
        )
    )"""  # noqa: S608 - of constants only
_NOTED = f""", kind AS (
    INSERT INTO audit_entrykind (tenant_id, {", ".join(KIND)})
    SELECT %(tenant)s, given.* FROM head, unnest(
        %(events)s::text[], %(areas)s::text[], %(categories)s::text[], %(actors)s::text[], %(outcomes)s::text[],
        %(inside)s::boolean[]
    ) AS given ON CONFLICT DO NOTHING
)"""  # noqa: S608 - of constants only
_KINDS = ("events", "areas", "categories", "actors", "outcomes", "inside")
BEGIN = "INSERT INTO audit_loghead (tenant_id, last_sequence) VALUES (%s, 0) ON CONFLICT DO NOTHING"


class Unsure(Exception):
    """Not all that was remembered of the sender holds any more."""


class Shared(Exception):
    """What the connection knew, the server does not know: begin anew."""


def take(
    drafts: Sequence[Draft],
    *,
    tenant: Tenant,
    now: datetime,
    producer: str,
    digest: bytes | None = None,
    prepare: bool = False,
) -> tuple[int, list[Kind]]:
    """The first of as many sequences as there are drafts, and the kinds that were noted. In a transaction.

    The head stays locked until it ends. With a key's `digest` it raises Unsure unless the key still opens the log, and
    tenant and workspaces are called as the drafts say. With `prepare` it may raise Shared.
    """
    kept, known = connected()
    kinds = known.lacks(tenant.pk, set(map(kind_of, drafts)))
    values = _values(drafts, tenant, now, kinds)
    if digest is not None:
        values |= _held(drafts, tenant, now) | {"digest": digest, "producer": producer}
    statement = _statement(held=digest is not None, noted=bool(kinds))
    found = _asked(kept, statement, values, prepare=prepare)
    if found is None:
        if digest is not None:
            raise Unsure
        with connection.cursor() as cursor:
            cursor.execute(BEGIN, [tenant.pk])  # a tenant's first entry
        found = _asked(kept, statement, values, prepare=prepare)
    assert found is not None  # noqa: S101 - the head was made
    return found - len(drafts) + 1, kinds


def committed(tenant: Tenant, kinds: list[Kind]) -> None:
    """The transaction in which these were noted is done."""
    _, known = connected()
    known.note(tenant.pk, kinds)


@cache
def _statement(*, held: bool, noted: bool) -> str:
    return f"""
WITH head AS (
    UPDATE audit_loghead SET last_sequence = last_sequence + %(number)s
    WHERE tenant_id = %(tenant)s{_HOLDS if held else ""} RETURNING last_sequence
){_NOTED if noted else ""}, hour AS (
    INSERT INTO audit_entrycount (tenant_id, hour, category, number)
    SELECT %(tenant)s, to_timestamp(given.hour * 3600), given.category, given.number FROM head, unnest(
        %(hours)s::bigint[], %(of)s::text[], %(numbers)s::int[]
    ) AS given (hour, category, number)
    ON CONFLICT (tenant_id, hour, category) DO UPDATE SET number = audit_entrycount.number + excluded.number
)
SELECT last_sequence FROM head"""  # noqa: S608 - of constants only


def _asked(kept: Connection[Any], statement: str, values: dict[str, Any], *, prepare: bool) -> int | None:
    kind = Cursor if prepare and not SHARED.is_set() else ClientCursor
    if kind is Cursor and kept.prepare_threshold is None:
        kept.prepare_threshold = 0  # Django forbids it, and its own cursors never prepare
    with connection.wrap_database_errors, kind(kept) as cursor:
        try:
            found = cursor.execute(statement, values, prepare=kind is Cursor).fetchone()
        except (errors.InvalidSqlStatementName, errors.DuplicatePreparedStatement):
            SHARED.set()
            raise Shared from None
    return None if found is None else int(found[0])


def _values(drafts: Sequence[Draft], tenant: Tenant, now: datetime, kinds: list[Kind]) -> dict[str, Any]:
    counted = Counter(
        (((draft.occurred_at or now) - _EPOCH) // _HOUR, draft.event.category._value_) for draft in drafts
    )
    hours, categories = zip(*counted, strict=True)
    columns = zip(*kinds, strict=True) if kinds else ()
    return {
        "tenant": tenant.pk, "number": len(drafts), "hours": list(hours), "of": list(categories),
        "numbers": list(counted.values()), **dict(zip(_KINDS, map(list, columns), strict=False)),
    }  # fmt: skip


def _held(drafts: Sequence[Draft], tenant: Tenant, now: datetime) -> dict[str, Any]:
    places = {draft.workspace for draft in drafts if draft.workspace is not None}
    return {
        "now": now, "tenant_slug": tenant.slug, "tenant_name": tenant.name, "places": [p.id for p in places],
        "slugs": [p.slug for p in places], "names": [p.name for p in places],
    }  # fmt: skip
