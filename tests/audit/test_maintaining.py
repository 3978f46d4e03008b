from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.db import transaction

from audit.maintaining import maintain
from audit.models import AuditEntry, Tenant
from audit.partitions import alone, months
from tests.committing import workers
from tests.entries import make_entry

pytestmark = pytest.mark.usefixtures("committing_db")

# Later than any month that is there from the start.
NOW = datetime(2040, 11, 24, tzinfo=UTC)


@pytest.fixture
def tenant() -> Tenant:
    return Tenant.objects.create(slug="acme", name="Acme")


def test_a_round_makes_this_month_and_those_ahead_and_the_next_round_nothing() -> None:
    first, second = maintain(now=NOW, ahead=2), maintain(now=NOW, ahead=2)

    assert first.made == tuple(f"audit_auditentry_{name}" for name in ("2040_11", "2040_12", "2041_01"))
    assert (second.made, second.later) == ((), "")
    assert months()[-1].name == "audit_auditentry_2041_01"


def test_months_are_made_for_a_year_ahead() -> None:
    assert maintain(now=NOW).made[-1] == "audit_auditentry_2041_11"


def test_strays_of_a_month_to_be_made_are_moved_into_it(tenant: Tenant) -> None:
    make_entry(tenant, at=NOW)
    make_entry(tenant, at=datetime(1970, 1, 1, tzinfo=UTC))

    done = maintain(now=NOW, ahead=1)

    assert done.as_json() == {"made": ("audit_auditentry_2040_12",), "moved": 1, "strays": 1, "later": ""}
    assert AuditEntry.objects.of(tenant).count() == 2


def test_what_is_in_use_waits_for_the_next_round(tenant: Tenant) -> None:
    make_entry(tenant, at=NOW)

    with workers(1) as start, transaction.atomic():
        assert AuditEntry.objects.count() == 1
        done = start(maintain, now=NOW).result(timeout=30)

    assert (done.made, done.moved, done.later) == (
        (),
        0,
        "The log is in use: its lock was not to be had in time.",
    )
    assert maintain(now=NOW).moved == 1


def test_two_rounds_never_run_at_once() -> None:
    with workers(1) as start, alone():
        done = start(maintain, now=NOW).result(timeout=10)

    assert (done.made, done.strays) == ((), None)
    assert "Another process" in done.later
