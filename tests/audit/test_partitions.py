"""Months are made beside the log and attached; nobody who writes or reads is held up by it."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime
from functools import partial
from urllib.parse import quote

import pytest
from django.db import connection, transaction
from pytest_django import Settings

from audit.models import AuditEntry, Tenant
from audit.partitions import (
    Busy,
    Month,
    alone,
    as_owner,
    make_month,
    month_of,
    months,
    name_of,
    patient,
    several_times,
)
from audit.recording import record
from tests.committing import workers
from tests.entries import NOON, draft, make_entry
from tests.roles import may_make_roles

DAY = date(2031, 5, 17)
MAY = Month("audit_auditentry_2031_05", datetime(2031, 5, 1, tzinfo=UTC), datetime(2031, 6, 1, tzinfo=UTC))


@pytest.fixture
def tenant(committing_db: None) -> Tenant:  # noqa: ARG001 - opens the database
    make_month(NOON.date())
    return Tenant.objects.create(slug="acme", name="Acme")


def ask(sql: str) -> list[tuple[object, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return list(cursor.fetchall())


@pytest.mark.django_db
def test_a_month_is_made_once_with_the_logs_indexes_and_triggers() -> None:
    make_month(DAY)
    make_month(date(2031, 5, 1))

    assert months()[-1] == MAY
    made, log = (
        ask(
            "SELECT regexp_replace(pg_get_indexdef(indexrelid), '^.* USING ', '') FROM pg_index "
            f"WHERE indrelid = '{name}'::regclass ORDER BY 1"
        )
        for name in (MAY.name, "audit_auditentry")
    )
    assert made == log
    triggers = f"SELECT tgname, tgenabled FROM pg_trigger WHERE tgrelid = '{MAY.name}'::regclass ORDER BY 1"
    assert ask(triggers) == [("append_only", "A"), ("no_truncate", "A")]
    assert (
        ask(
            f"SELECT conname FROM pg_constraint WHERE conrelid = '{MAY.name}'::regclass AND conname ~ 'month'"
        )
        == []
    )


@pytest.mark.usefixtures("tenant")
def test_a_month_with_a_foreign_name_is_not_taken_for_a_partition() -> None:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE audit_auditentry_2031_05 (x int)")

    with pytest.raises(Exception, match="already exists"):
        make_month(DAY)

    assert MAY.name not in {month.name for month in months()}


def test_a_writer_in_an_open_transaction_is_not_held_up_and_holds_up_nothing(tenant: Tenant) -> None:
    with workers(1) as start, transaction.atomic():
        record(tenant=tenant, draft=draft(), now=NOON)
        start(make_month, DAY).result(timeout=5)
        record(tenant=tenant, draft=draft(), now=NOON)

    assert AuditEntry.objects.of(tenant).count() == 2
    assert MAY in months()


def test_making_months_gives_way_to_whoever_reads_all_of_the_log(tenant: Tenant) -> None:
    make_entry(tenant)

    with workers(2) as start, transaction.atomic():
        assert AuditEntry.objects.count() == 1
        with pytest.raises(Busy, match="in use"):
            start(make_month, DAY).result(timeout=5)

    assert MAY not in months()
    assert ask("SELECT count(*) FROM pg_class WHERE relname ~ '_making$'") == [(0,)]


def test_writers_write_while_years_of_months_are_made(tenant: Tenant) -> None:
    ended = threading.Event()

    def write() -> float:
        slowest = 0.0
        while not ended.is_set():
            begin = time.monotonic()
            record(tenant=tenant, draft=draft(), now=NOON)
            slowest = max(slowest, time.monotonic() - begin)
        return slowest

    with workers(3) as start:
        writing = [start(write), start(write)]
        try:
            for number in range(60, 84):
                several_times(partial(make_month, month_of(NOON, number)))
        finally:
            ended.set()
        slowest = max(one.result(timeout=10) for one in writing)

    assert name_of(month_of(NOON, 83)) == months()[-1].name
    written = list(AuditEntry.objects.of(tenant).order_by("sequence").values_list("sequence", flat=True))
    assert written == list(range(1, len(written) + 1))
    assert slowest < 3


@pytest.mark.django_db
def test_a_transaction_waits_for_no_lock_for_long_and_no_longer_than_itself() -> None:
    with patient() as cursor:
        cursor.execute("SHOW lock_timeout")
        assert cursor.fetchone() == ("300ms",)


def test_what_is_busy_is_tried_again_and_then_given_up() -> None:
    tried = []

    def work() -> int:
        tried.append(1)
        if len(tried) < 3:
            raise Busy("not now")
        return len(tried)

    def never() -> None:
        tried.append(1)
        raise Busy("never")

    assert several_times(work) == 3
    tried.clear()
    with pytest.raises(Busy, match="never"):
        several_times(never)
    assert len(tried) == 5


@pytest.mark.usefixtures("committing_db")
def test_one_maintenance_at_a_time_and_the_next_after_it() -> None:
    with workers(1) as start:
        with alone(), pytest.raises(Busy, match="Another process"):
            start(_alone).result(timeout=5)
        start(_alone).result(timeout=5)


def _alone() -> None:
    with alone():
        pass


@pytest.mark.parametrize(
    ("number", "day"),
    [(0, (2026, 11)), (1, (2026, 12)), (2, (2027, 1)), (-11, (2025, 12)), (-23, (2024, 12)), (26, (2029, 1))],
)
def test_months_are_counted_from_now(number: int, day: tuple[int, int]) -> None:
    assert month_of(NOON, number) == date(*day, 1)


@pytest.fixture
def keeper(committing_db: None, settings: Settings) -> Iterator[str]:  # noqa: ARG001 - opens the database
    """A role of its own, which acts as the owner of the tables."""
    if not may_make_roles():
        pytest.skip("the given server's role may not make another one")
    given = connection.settings_dict
    with connection.cursor() as cursor:
        cursor.execute("DROP ROLE IF EXISTS keeper_of_the_log")
        cursor.execute("CREATE ROLE keeper_of_the_log LOGIN PASSWORD 'a secret' NOSUPERUSER")
        cursor.execute("SELECT current_user")
        cursor.execute(f'GRANT "{cursor.fetchone()[0]}" TO keeper_of_the_log')
    host = quote(given["HOST"] or given["OPTIONS"].get("host", ""), safe="")
    port = f":{given['PORT']}" if given["PORT"] else ""
    settings.RETENTION_DATABASE_URL = (
        f"postgresql://keeper_of_the_log:a%20secret@{host}{port}/{given['NAME']}"
    )
    yield "keeper_of_the_log"
    with connection.cursor() as cursor:
        cursor.execute("DROP ROLE keeper_of_the_log")


def test_upkeep_runs_as_the_role_that_the_operator_named(keeper: str) -> None:
    with as_owner():
        assert ask("SELECT current_user") == [(keeper,)]
        make_month(DAY)
        assert MAY in months()

    assert ask("SELECT current_user") != [(keeper,)]


@pytest.mark.django_db
def test_without_a_role_of_its_own_upkeep_runs_as_the_application() -> None:
    usual = ask("SELECT current_user")

    with as_owner():
        assert ask("SELECT current_user") == usual
