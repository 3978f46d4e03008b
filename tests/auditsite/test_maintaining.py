from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta

import pytest
from pytest_django import Settings

from audit.models import AuditEntry, Tenant
from audit.partitions import alone, make_month, month_of, months, name_of
from auditsite.maintaining import apply_retention, maintain_partitions
from tests.committing import workers
from tests.entries import make_entry

OLD = datetime.now(UTC) - timedelta(days=730)
NAME = name_of(month_of(OLD, 0))


def test_strays_are_moved_by_the_task(acme: Tenant, caplog: pytest.LogCaptureFixture) -> None:
    make_entry(acme, at=OLD)

    with caplog.at_level(logging.INFO):
        maintain_partitions()

    assert NAME in {month.name for month in months()}
    assert "strays moved: 1" in caplog.text


@pytest.mark.parametrize(("apply", "left"), [(False, [1]), (True, [2])])
def test_nothing_is_removed_unless_the_operator_says_so(
    acme: Tenant, settings: Settings, *, apply: bool, left: list[int]
) -> None:
    make_month(OLD.date())
    make_entry(acme, at=OLD, now=OLD)
    settings.RETENTION_APPLY = apply

    apply_retention()

    assert list(AuditEntry.objects.of(acme).values_list("sequence", flat=True)) == left


@pytest.mark.usefixtures("committing_db")
def test_what_is_busy_is_left_for_the_next_time(settings: Settings, caplog: pytest.LogCaptureFixture) -> None:
    settings.RETENTION_APPLY = True

    with workers(1) as start, alone():
        start(apply_retention).result(timeout=10)
        start(maintain_partitions).result(timeout=10)

    assert "Retention waits for the next day: Another process" in caplog.text
    assert "wait for the next round: Another process" in caplog.text
