"""Strays leave the default partition while others write and read, and nobody misses an entry."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from django.db import DatabaseError, connection, transaction

from audit import emptying
from audit.emptying import empty_default, strays
from audit.models import AuditEntry, LogHead, Tenant
from audit.partitions import Busy, make_month
from audit.recording import record
from tests.committing import workers
from tests.entries import NOON, draft, make_entry
from tests.roles import as_replica

pytestmark = pytest.mark.usefixtures("committing_db")

OLD = datetime(2025, 3, 31, 23, 59, 59, 999999, tzinfo=UTC)
APRIL = datetime(2025, 4, 1, tzinfo=UTC)
ROW = "SELECT t::text FROM audit_auditentry t ORDER BY tenant_id, sequence"


@pytest.fixture
def tenant() -> Tenant:
    return Tenant.objects.create(slug="acme", name="Acme")


@pytest.fixture(autouse=True)
def _this_month(committing_db: None) -> None:  # noqa: ARG001 - the database is opened first
    """Whatever the date of the day is on which the tests run."""
    make_month(NOON.date())


def rows() -> list[tuple[str]]:
    with connection.cursor() as cursor:
        cursor.execute(ROW)
        return list(cursor.fetchall())


def held_in(partition: str) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT sequence FROM ONLY {partition} ORDER BY sequence")
        return [row[0] for row in cursor.fetchall()]


def triggers() -> set[tuple[str, ...]]:
    """What stands on the log and every partition: a name and how it is enabled, for each trigger."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT array_agg(t.tgname || t.tgenabled::text ORDER BY t.tgname)
            FROM pg_partition_tree('audit_auditentry') p LEFT JOIN pg_trigger t
            ON t.tgrelid = p.relid GROUP BY p.relid"""
        )
        return {tuple(row[0]) for row in cursor.fetchall()}


def building() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname FROM pg_class WHERE relkind = 'r' AND relname ~ '_making$'")
        return [row[0] for row in cursor.fetchall()]


@contextmanager
def held(lock: str) -> Iterator[None]:
    """Somebody holds this lock in a transaction of their own."""
    taken, done = threading.Event(), threading.Event()

    def hold() -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(lock)
            taken.set()
            done.wait(30)

    with workers(1) as start:
        holding = start(hold)
        taken.wait(10)
        try:
            yield
        finally:
            done.set()
            holding.result(timeout=10)


def test_strays_move_into_months_of_their_own_byte_for_byte(tenant: Tenant) -> None:
    for at in (NOON, OLD, APRIL, OLD - timedelta(days=3)):
        make_entry(tenant, at=at, now=NOON, parameters={"workflow_name": "Triage"}, external_id=str(at))
    before = rows()

    assert empty_default(now=NOON) == 3

    assert rows() == before
    assert (held_in("audit_auditentry_2025_03"), held_in("audit_auditentry_2025_04")) == ([2, 4], [3])
    assert strays() == 0
    assert triggers() == {("append_onlyA", "no_truncateA")}


def test_emptying_again_moves_nothing(tenant: Tenant) -> None:
    make_entry(tenant, at=OLD, now=NOON)

    assert (empty_default(now=NOON), empty_default(now=NOON)) == (1, 0)


def test_what_a_clock_ten_years_off_wrote_stays_in_the_default(tenant: Tenant) -> None:
    make_entry(tenant, at=datetime(1970, 1, 1, tzinfo=UTC), now=NOON)
    make_entry(tenant, at=datetime(2999, 12, 31, tzinfo=UTC), now=NOON)
    make_entry(tenant, at=OLD, now=NOON)

    assert empty_default(now=NOON) == 1

    assert held_in("audit_auditentry_default") == [1, 2]
    assert AuditEntry.objects.of(tenant).count() == 3


def test_new_strays_of_a_moved_month_go_to_the_month(tenant: Tenant) -> None:
    make_entry(tenant, at=OLD, now=NOON)
    empty_default(now=NOON)

    make_entry(tenant, at=OLD - timedelta(days=9), now=NOON)

    assert (held_in("audit_auditentry_2025_03"), strays()) == ([1, 2], 0)


def test_the_new_default_catches_strays_and_refuses_changes(tenant: Tenant) -> None:
    make_entry(tenant, at=OLD, now=NOON)
    empty_default(now=NOON)

    make_entry(tenant, at=APRIL, now=NOON)

    assert held_in("audit_auditentry_default") == [2]
    for statement in ("DELETE FROM {}", "TRUNCATE {}", "UPDATE {} SET details = 'x'"):
        for partition in ("audit_auditentry_default", "audit_auditentry_2025_03"):
            with pytest.raises(DatabaseError, match="append-only"):
                as_replica(statement.format(partition))


def test_a_month_is_not_made_over_strays_that_lie_in_it(tenant: Tenant) -> None:
    make_entry(tenant, at=OLD, now=NOON)

    with pytest.raises(Busy, match="2025_03"):
        make_month(OLD.date())

    assert (held_in("audit_auditentry_default"), len(rows())) == ([1], 1)


@pytest.mark.parametrize(
    "lock", ["SELECT count(*) FROM audit_auditentry", "LOCK TABLE audit_auditentry_default"]
)
def test_whoever_reads_or_writes_for_long_is_not_waited_for(tenant: Tenant, lock: str) -> None:
    make_entry(tenant, at=OLD, now=NOON)

    with held(lock):
        begin = time.monotonic()
        with pytest.raises(Busy, match="in use"):
            empty_default(now=NOON)
        waited = time.monotonic() - begin

    assert waited < 8
    assert (building(), held_in("audit_auditentry_default")) == ([], [1])
    assert empty_default(now=NOON) == 1


def test_copies_that_a_killed_round_left_are_cleared_away(tenant: Tenant) -> None:
    make_entry(tenant, at=OLD, now=NOON)
    with connection.cursor() as cursor:
        cursor.execute("SELECT audit_build_month('audit_auditentry_2025_03_making', '2025-03-01')")
        cursor.execute("SELECT audit_build_partition(%s)", [emptying.REST])

    assert empty_default(now=NOON) == 1

    assert (building(), len(rows()), held_in("audit_auditentry_2025_03")) == ([], 1, [1])


def write(tenant: Tenant, ended: threading.Event) -> int:
    """Present entries, and strays of ever older months, until the end; gives their number."""
    count = 0
    while not ended.is_set():
        stray = OLD - timedelta(days=31 * (count // 12 % 90))
        record(tenant=tenant, draft=draft(occurred_at=stray if count % 2 else NOON), now=NOON)
        count += 1
    return count


def read(tenant: Tenant, ended: threading.Event) -> int:
    """Whoever knows the head before they look finds as many entries; gives the number of looks."""
    looks = 0
    while not ended.is_set():
        head = LogHead.objects.filter(pk=tenant.pk).values_list("last_sequence", flat=True).first() or 0
        assert AuditEntry.objects.of(tenant).filter(sequence__lte=head).count() == head
        looks += 1
    return looks


def moved() -> int:
    time.sleep(0.3)
    try:
        return empty_default(now=NOON)
    except Busy:
        return 0


def test_writers_go_on_and_no_reader_misses_an_entry_while_strays_are_moved(tenant: Tenant) -> None:
    tenants = [tenant, *(Tenant.objects.create(slug=f"t{number}", name="T") for number in range(3))]
    ended = threading.Event()

    with workers(6) as start:
        writing = [start(write, one, ended) for one in tenants]
        reading = [start(read, one, ended) for one in tenants[:2]]
        try:
            rounds = [moved() for _ in range(8)]
        finally:
            ended.set()
        written = [one.result(timeout=20) for one in writing]
        assert all(one.result(timeout=20) > 3 for one in reading)

    assert sum(number > 0 for number in rounds) >= 3
    empty_default(now=NOON)
    assert strays() == 0
    for one, count in zip(tenants, written, strict=True):
        numbers = AuditEntry.objects.of(one).order_by("sequence").values_list("sequence", flat=True)
        assert list(numbers) == list(range(1, count + 1))
    assert triggers() == {("append_onlyA", "no_truncateA")}
