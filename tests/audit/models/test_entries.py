"""Append-only, whoever asks and however: by Django, by SQL, by the owner, as a replica."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from audit.binary_rows import COLUMNS
from audit.models import AuditEntry, ExternalId, LogHead, Tenant
from audit.models.entries import AppendOnlyError
from tests.committing import workers
from tests.entries import NOON, make_entry
from tests.roles import become

WRITTEN = ", ".join(COLUMNS)
PARTITION = f"audit_auditentry_{NOON:%Y_%m}"
REFUSED = "append-only|only grows|refused"


@pytest.fixture
def recorded(acme: Tenant) -> Iterator[AuditEntry]:
    """An entry that is the same, to the byte, after whatever a test did to it."""
    entry = make_entry(acme, external_id="evt-1")
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # as after a commit
    before = _rows()
    yield entry
    assert _rows() == before


def _rows() -> list[Any]:
    tables = ("audit_auditentry", "audit_externalid", "audit_loghead")
    with connection.cursor() as cursor:
        rows = []
        for table in tables:
            cursor.execute(f"SELECT t::text FROM {table} AS t ORDER BY 1")
            rows.append(cursor.fetchall())
        return rows


@contextmanager
def _refused_by_postgresql() -> Iterator[None]:
    with pytest.raises(DatabaseError, match=REFUSED), transaction.atomic():
        yield


STATEMENTS = [
    "UPDATE audit_auditentry SET details = 'x'",
    f"UPDATE {PARTITION} SET details = 'x'",
    "UPDATE audit_auditentry SET occurred_at = occurred_at - interval '40 days'",
    "DELETE FROM audit_auditentry",
    f"DELETE FROM ONLY {PARTITION}",
    "TRUNCATE audit_auditentry",
    f"TRUNCATE {PARTITION}",
    "TRUNCATE audit_auditentry_default",
    "TRUNCATE audit_tenant CASCADE",
    "UPDATE audit_externalid SET sequence = 7",
    "DELETE FROM audit_externalid",
    "TRUNCATE audit_externalid",
    "UPDATE audit_loghead SET last_sequence = 0",
    "DELETE FROM audit_loghead",
    "TRUNCATE audit_loghead",
    f"""INSERT INTO audit_auditentry ({WRITTEN}) SELECT {WRITTEN} FROM audit_auditentry
    ON CONFLICT (tenant_id, occurred_at, sequence) DO UPDATE SET details = 'x'""",
    """INSERT INTO audit_externalid SELECT * FROM audit_externalid
    ON CONFLICT (tenant_id, external_id) DO UPDATE SET sequence = 7""",
    "MERGE INTO audit_auditentry e USING (SELECT 1) s ON true WHEN MATCHED THEN DELETE",
    "MERGE INTO audit_auditentry e USING (SELECT 1) s ON true WHEN MATCHED THEN UPDATE SET details = 'x'",
    "WITH gone AS (DELETE FROM audit_auditentry RETURNING 1) SELECT count(*) FROM gone",
]


@pytest.mark.usefixtures("recorded")
@pytest.mark.parametrize("role", ["origin", "replica"])
@pytest.mark.parametrize("statement", STATEMENTS)
def test_postgresql_refuses_to_change_or_remove(statement: str, role: str) -> None:
    with _refused_by_postgresql(), connection.cursor() as cursor:
        become(cursor, role)
        cursor.execute(statement)


ASKED: list[Callable[[AuditEntry], object]] = [
    lambda entry: entry.save(),
    lambda entry: entry.delete(),
    lambda entry: AuditEntry.objects.filter(pk=entry.pk).update(details="x"),
    lambda entry: AuditEntry.objects.filter(pk=entry.pk).delete(),
    lambda entry: AuditEntry.objects.bulk_update([entry], ["details"]),
    lambda entry: AuditEntry.objects.bulk_create([entry]),
    lambda entry: AuditEntry.objects.bulk_create(
        [entry], update_conflicts=True, unique_fields=["id"], update_fields=["details"]
    ),
    lambda entry: AuditEntry.objects.update_or_create(pk=entry.pk, defaults={"details": "x"}),
    lambda entry: AuditEntry.objects.get_or_create(pk=entry.tenant_id),
    lambda entry: AuditEntry.objects.create(id=entry.tenant_id),
    lambda entry: AuditEntry.objects.of(entry.tenant)._raw_delete("default"),
]


@pytest.mark.parametrize("ask", ASKED)
def test_django_refuses_to_change_or_remove(
    recorded: AuditEntry, ask: Callable[[AuditEntry], object]
) -> None:
    recorded.details = "x"
    with pytest.raises((AppendOnlyError, DatabaseError)), transaction.atomic():
        ask(recorded)


@pytest.mark.parametrize(
    "ask",
    [
        lambda: ExternalId.objects.update(sequence=7),
        lambda: ExternalId.objects.all().delete(),
        lambda: LogHead.objects.update(last_sequence=0),
        lambda: LogHead.objects.all().delete(),
    ],
)
def test_django_cannot_rewind_what_numbers_entries(recorded: AuditEntry, ask: Callable[[], object]) -> None:
    assert recorded.sequence == 1
    with _refused_by_postgresql():
        ask()


def test_a_tenant_with_entries_cannot_be_deleted(recorded: AuditEntry, acme: Tenant) -> None:
    assert recorded.tenant_id == acme.pk
    with pytest.raises(Exception, match="protected"):
        acme.delete()


@pytest.mark.usefixtures("recorded")
def test_a_head_does_not_move_to_another_tenant(globex: Tenant) -> None:
    with _refused_by_postgresql(), connection.cursor() as cursor:
        cursor.execute("UPDATE audit_loghead SET tenant_id = %s", [globex.pk])


@pytest.mark.django_db
def test_a_new_month_is_as_closed_as_the_others() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT audit_make_month('2031-05-17'), audit_make_month('2031-05-01')")
        cursor.execute(
            "SELECT tgname, tgenabled FROM pg_trigger WHERE tgrelid = 'audit_auditentry_2031_05'::regclass"
        )
        triggers = dict(cursor.fetchall())
        assert triggers == {"append_only": "A", "no_truncate": "A"}
    with _refused_by_postgresql(), connection.cursor() as cursor:
        become(cursor, "replica")
        cursor.execute("TRUNCATE audit_auditentry_2031_05")


@pytest.mark.django_db
def test_every_partition_refuses_change_also_to_a_replica() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT c.relname, array_agg(t.tgname || t.tgenabled::text ORDER BY t.tgname)
            FROM pg_partition_tree('audit_auditentry') p
            JOIN pg_class c ON c.oid = p.relid LEFT JOIN pg_trigger t ON t.tgrelid = c.oid GROUP BY 1
            """
        )
        closed = dict(cursor.fetchall())

    assert len(closed) > 24
    assert {tuple(triggers) for triggers in closed.values()} == {("append_onlyA", "no_truncateA")}


def test_a_month_of_the_log_is_a_partition_of_its_own(acme: Tenant) -> None:
    make_entry(acme, at=NOON)

    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {PARTITION} WHERE tenant_id = %s", [acme.pk])
        assert cursor.fetchone() == (1,)


@pytest.mark.usefixtures("committing_db")
def test_reading_under_a_lock_holds_up_nobody_who_writes() -> None:
    acme = Tenant.objects.create(slug="acme", name="Acme")
    make_entry(acme)

    with transaction.atomic(), workers(1) as start:
        assert len(AuditEntry.objects.of(acme).select_for_update()) == 1
        written = start(make_entry, acme).result(timeout=5)

    assert written.sequence == 2


def test_an_entry_knows_whether_the_clock_was_off(acme: Tenant) -> None:
    for off, at in [
        (False, timedelta()),
        (False, timedelta(days=-7)),
        (True, timedelta(days=-7, seconds=-1)),
        (False, timedelta(minutes=5)),
        (True, timedelta(minutes=5, seconds=1)),
    ]:
        assert make_entry(acme, at=NOON + at, now=NOON).clock_is_off is off
