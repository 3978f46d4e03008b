"""The most frequent values of one column among some entries, with counts: what a menu of the log offers.

Counted are the latest entries, so that it takes as long in a long log as in a short one; whether those were all, it
says. Callers bound the time with `queries.time_limit`.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import nullcontext
from dataclasses import dataclass

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import F, Func, TextField, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast

from audit.limits import walking
from audit.models import Tenant
from audit.models.entries import EntryQuerySet
from audit.narrowing import narrowed
from audit.places import by_words

LATEST = 10_000
"""So many of the latest entries are counted."""
SHOWN = 10
# A parameter that is a list or an object is no value that could be asked for.
_PLAIN = (
    "(SELECT CASE WHEN jsonb_typeof(held) IN ('string', 'number', 'boolean') THEN held #>> '{}' END "
    "FROM (SELECT %(expressions)s AS held) AS parameter)"
)
# Each person is found by the index as the next one after the last: to read them off the entries takes them all.
_NAMES = """
WITH RECURSIVE person (name) AS (
    (SELECT done_by FROM audit_auditentry WHERE tenant_id = %(tenant)s ORDER BY done_by LIMIT 1)
    UNION ALL
    SELECT (
        SELECT done_by FROM audit_auditentry WHERE tenant_id = %(tenant)s AND done_by > name ORDER BY done_by LIMIT 1
    ) FROM person WHERE name IS NOT NULL
) SELECT name FROM person WHERE strpos(lower(name), lower(%(find)s)) > 0 LIMIT %(most)s
"""


@dataclass(frozen=True, slots=True)
class Counted:
    """Values with counts, most frequent first, of `number` entries; if these are not all, a count is "at least"."""

    values: list[tuple[str | None, int]]
    number: int
    complete: bool


NOTHING = Counted([], 0, complete=True)


def of_column(entries: EntryQuerySet, column: str, *, also: Iterable[str] = (), find: str = "") -> Counted:
    """The SHOWN most frequent values of a column with `find` in their text, and those of `also`, which come first."""
    value = Func(F(column), function="host") if column == "ip" else F(column)
    return _counted(entries, Cast(value, TextField()), also=also, find=find, empty=column == "workspace_id")


def of_parameter(entries: EntryQuerySet, key: str, *, also: Iterable[str] = (), find: str = "") -> Counted:
    """The same of a parameter: texts, numbers, true and false, as they are written."""
    value = Func(F("parameters"), Value(key), arg_joiner=" -> ", template="(%(expressions)s)")
    plain = Func(value, template=_PLAIN, output_field=TextField())
    return _counted(entries, plain, also=also, find=find, empty=False)


def people(tenant: Tenant, find: str) -> list[str]:
    """Some of those who ever did something in the tenant, with `find` in their name."""
    with walking(), connection.cursor() as cursor:
        cursor.execute(_NAMES.strip(), {"tenant": tenant.pk, "find": find, "most": SHOWN})
        return [name for (name,) in cursor.fetchall()]


def _counted(
    entries: EntryQuerySet, value: Combinable, *, also: Iterable[str], find: str, empty: bool
) -> Counted:
    entries = narrowed(entries)
    latest = entries.order_by("-occurred_at", "-sequence").annotate(one=value).values_list("one")[:LATEST]
    try:
        inner, params = latest.query.sql_with_params()
    except EmptyResultSet:
        return NOTHING
    chosen, wanted = list(also), "one IS NOT NULL" if not empty else "true"
    sql = (
        f"WITH latest (one) AS MATERIALIZED ({inner}), counted AS (SELECT one, count(*) AS number FROM latest "  # noqa: S608 - Django's own query
        f"WHERE {wanted} AND (%s = '' OR strpos(lower(one), lower(%s)) > 0) GROUP BY one "
        "ORDER BY coalesce(one = ANY(%s), false) DESC, 2 DESC, 1 LIMIT %s) "
        "SELECT one, number, (SELECT count(*) FROM latest) FROM counted RIGHT JOIN (SELECT) AS always ON true"
    )
    with nullcontext() if by_words(entries) else walking(), connection.cursor() as cursor:
        cursor.execute(sql, [*params, find, find, chosen, SHOWN + len(chosen)])
        rows = cursor.fetchall()
    values = [(one, count) for one, count, _ in rows if count]
    return Counted(values, rows[0][2], complete=rows[0][2] < LATEST)
