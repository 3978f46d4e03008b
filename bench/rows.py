"""SQL that makes the rows of a filled log on the server: templates of `bench.population`, filled in by format().

The canonical bytes and their hashes are real. The column `search` is what its own expression makes of a template's
texts, with the row's own words put in: to make it anew for each row takes longer than all the rest.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from bench import population
from bench.population import PERSON, PLACE, Template, form

FORMS = """
CREATE SCHEMA bench;
CREATE TABLE bench.template (
    number int, event text, area text, category text, action text, by_user bool, in_workspace bool, has_ip bool,
    done_by text, actor_type text, actor_id text, actor_name text, workspace_name text,
    parameters jsonb, details text, target jsonb, outcome text,
    body_form text, parameters_form text, search_form text
);
CREATE TABLE bench.tenant AS
    SELECT right(slug, 4)::int AS number, id, right(slug, 4) AS slug FROM audit_tenant WHERE slug LIKE 'tenant-%';
CREATE TABLE bench.place AS
    SELECT right(t.slug, 4)::int AS tenant, right(w.slug, 2)::int AS number, w.id, right(w.slug, 2) AS slug, w.name
    FROM audit_workspace w JOIN audit_tenant t ON t.id = w.tenant_id;
CREATE TABLE bench.share (month int, tenant int, before bigint, number bigint);
ALTER TABLE bench.template ALTER body_form SET STORAGE PLAIN, ALTER parameters_form SET STORAGE PLAIN,
    ALTER search_form SET STORAGE PLAIN;
"""
_COLUMNS = (
    "number", "event", "area", "category", "action", "by_user", "in_workspace", "has_ip", "done_by", "actor_type",
    "actor_id", "actor_name", "workspace_name", "parameters", "details", "target", "outcome", "body_form",
    "parameters_form",
)  # fmt: skip
COPY = f"COPY bench.template ({', '.join(_COLUMNS)}) FROM STDIN"
SEARCHED = "SELECT number, ({expression})::text FROM bench.template"
EXPRESSION = """
SELECT pg_get_expr(adbin, adrelid) FROM pg_attrdef JOIN pg_attribute ON attrelid = adrelid AND attnum = adnum
WHERE adrelid = 'audit_auditentry'::regclass AND attname = 'search'
"""

# Of one month: which tenant has an entry when, made of what; in the order of time, as rows come in.
_KEYS = """
SELECT s.tenant, s.before + k AS sequence, 1 + floor(random() * %(templates)s)::int AS template,
       %(first)s::timestamptz + (%(until)s::timestamptz - %(first)s::timestamptz)
           * ((k - 1 + random()) / s.number) AS at,
       floor(random() ^ 1.6 * %(people)s)::int AS person, floor(random() ^ 2 * %(places)s)::int AS place,
       '10.' || floor(random() * 4)::int || '.7.' || floor(random() * %(addresses)s)::int AS ip,
       lpad(floor(random() * 1e12)::bigint::text, 12, '0') AS reference,
       gen_random_uuid() AS chance, uuid_send(gen_random_uuid()) AS salt
FROM bench.share s CROSS JOIN generate_series(1, s.number) AS k
WHERE s.month = %(month)s ORDER BY at
"""
# The arguments of format(), in the order of population.HOLES.
_TOLD = """lpad(k.person::text, 2, '0'), t.slug, lpad(to_hex(k.person + 1), 2, '0'), k.ip, r.id, r.moment, k.reference,
           k.sequence, t.id, p.id, p.slug"""
_ROWS = f"""
WITH keys AS MATERIALIZED ({_KEYS})
INSERT INTO {{table}} (id, tenant_id, sequence, event, area, category, action, workspace_id, workspace_name, done_by,
    actor_type, actor_id, actor_email, actor_name, parameters, details, target, outcome, ip, occurred_at, recorded_at,
    producer, external_id, body, salt, leaf_hash, search)
SELECT r.id, t.id, k.sequence, e.event, e.area, e.category, e.action, p.id, coalesce(p.name, ''),
    CASE WHEN e.by_user THEN r.email ELSE e.done_by END, e.actor_type,
    CASE WHEN e.by_user THEN '00000000-0000-0000-0000-0000000000' || lpad(to_hex(k.person + 1), 2, '0')
         ELSE e.actor_id END,
    CASE WHEN e.by_user THEN r.email ELSE '' END,
    CASE WHEN e.by_user THEN 'Person ' || lpad(k.person::text, 2, '0') ELSE e.actor_name END,
    format(e.parameters_form, {_TOLD})::jsonb, e.details, e.target, e.outcome,
    CASE WHEN e.has_ip THEN k.ip::inet END, k.at, k.at, 'platform', NULL,
    b.body, k.salt, sha256('\\x00'::bytea || k.salt || b.body), format(e.search_form, {_TOLD})::tsvector
FROM keys k
JOIN bench.template e ON e.number = k.template
JOIN bench.tenant t ON t.number = k.tenant
LEFT JOIN bench.place p ON e.in_workspace AND p.tenant = k.tenant AND p.number = k.place
CROSS JOIN LATERAL (SELECT
    -- Version 7 of RFC 9562: the moment in milliseconds, then chance.
    encode(substr(int8send(floor(extract(epoch FROM k.at) * 1000)::bigint), 3)
           || set_byte(substr(uuid_send(k.chance), 7, 2), 0, 112 + get_byte(k.salt, 0) %% 16)
           || substr(uuid_send(k.chance), 9), 'hex')::uuid AS id,
    to_char(k.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS moment,
    'person' || lpad(k.person::text, 2, '0') || '@tenant-' || t.slug || '.example' AS email OFFSET 0) r
CROSS JOIN LATERAL (SELECT {{body}} AS body OFFSET 0) b
"""
_BODY = f"convert_to(format(e.body_form, {_TOLD}), 'UTF8')"


def statement(table: str, *, with_bodies: bool) -> str:
    """What fills this partition. Bodies lie out of line, where no search comes by, and take half of the disk."""
    return _ROWS.format(table=table, body=_BODY if with_bodies else "''::bytea")


def numbers(templates: int, *, month: int, first: datetime, until: datetime) -> dict[str, Any]:
    """What the statement is told of one month."""
    return {
        "templates": templates, "month": month, "first": first, "until": until, "people": population.PEOPLE,
        "places": population.WORKSPACES, "addresses": population.ADDRESSES,
    }  # fmt: skip


def lines(templates: Iterable[Template]) -> list[tuple[Any, ...]]:
    """The templates as COPY takes them."""
    return [_line(number, one) for number, one in enumerate(templates, start=1)]


def _line(number: int, one: Template) -> tuple[Any, ...]:
    draft, event, actor, target = one.draft, one.draft.event, one.draft.actor, one.draft.target
    user = actor.type == "user"
    about = None if target is None else population.as_json(target)
    return (
        number, event.code, event.area.code, event.category.value, event.label, user, draft.workspace is not None,
        draft.context is not None, population.user_email() if user else actor.done_by, actor.type, actor.id,
        f"Person {PERSON}" if user else actor.name, f"Workspace {PLACE}" if draft.workspace else "",
        one.parameters, draft.details, about, draft.outcome, form(one.body), form(one.parameters),
    )  # fmt: skip
