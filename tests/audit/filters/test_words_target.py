"""Targets in the search column and in an index: the migration `0005_search_target`."""

from __future__ import annotations

from importlib import import_module

from django.db import connection

from audit import queries
from audit.drafts import Target
from audit.filters import filtered
from audit.models import AuditEntry, Tenant
from tests.entries import NOON, make_entry

MIGRATION = import_module("audit.migrations.0005_search_target").Migration


def found(tenant: Tenant, text: str) -> list[int]:
    entries = filtered(queries.readable(tenant), {"q": text}, tenant=tenant, now=NOON)
    return sorted(entries.values_list("sequence", flat=True))


def test_entries_from_before_are_found_by_their_target_and_all_else_as_ever(acme: Tenant) -> None:
    back, forth = [
        [getattr(operation, name) for operation in MIGRATION.operations] for name in ("reverse_sql", "sql")
    ]
    with connection.cursor() as cursor:
        for sql in reversed(back):
            cursor.execute(sql)
        make_entry(acme, target=Target("dashboard", id="D-77"), details='it\'s {odd} \\ "~`^"')
        before = [found(acme, "dashboard"), found(acme, "odd"), found(acme, '"it s odd"')]

        for sql in forth:
            cursor.execute(sql)

    assert before == [[], [1], [1]]
    assert found(acme, '"dashboard D 77"') == found(acme, "odd") == found(acme, '"it s odd"') == [1]


def test_a_target_is_found_by_its_index(acme: Tenant) -> None:
    entries = filtered(AuditEntry.objects.all(), {"target": "D-77"}, tenant=acme, now=NOON)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")

        plan = entries.order_by().explain()

    assert "_target_idx" in plan
    assert "Seq Scan" not in plan
