"""Whole months go when they are past everybody's retention: not before, not in silence, and their leaves stay."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, transaction
from pytest_django import Settings

from audit import retention
from audit.drafts import Actor
from audit.emptying import empty_default
from audit.models import AuditEntry, EntryCount, ExternalId, KeptLeaf, LogHead, Tenant
from audit.partitions import Busy, alone, make_month, months
from audit.people import By
from audit.retention import Outcome, apply_retention, check_days, days_of, record_change
from tests.committing import workers
from tests.entries import NOON, make_entry
from tests.roles import as_replica

pytestmark = pytest.mark.usefixtures("committing_db")

MAY = datetime(2026, 5, 20, tzinfo=UTC)
PARTITION = "audit_auditentry_2026_05"
# June begins 395 days before this.
LATER = datetime(2027, 7, 1, tzinfo=UTC)


@pytest.fixture
def tenant() -> Tenant:
    return Tenant.objects.create(slug="acme", name="Acme")


@pytest.fixture
def other() -> Tenant:
    return Tenant.objects.create(slug="globex", name="Globex")


@pytest.fixture(autouse=True)
def _months(committing_db: None) -> None:  # noqa: ARG001 - the database is opened first
    """Whatever the date of the day is on which the tests run."""
    for at in (MAY, MAY + timedelta(days=40), NOON):
        make_month(at.date())


def nothing_needed() -> Mapping[UUID, int]:
    return {}


def apply(now: datetime = LATER, **options: bool) -> list[Outcome]:
    """What became of the months that hold entries."""
    outcomes = apply_retention(now=now, still_needed=nothing_needed, **options)
    return [outcome for outcome in outcomes if outcome.shares or outcome.kept_because]


def exists(partition: str = PARTITION) -> bool:
    return partition in {month.name for month in months()}


def numbers(tenant: Tenant) -> list[int]:
    return list(AuditEntry.objects.of(tenant).order_by("sequence").values_list("sequence", flat=True))


def leaves(tenant: Tenant) -> dict[int, bytes]:
    found = KeptLeaf.objects.filter(tenant=tenant).values_list("sequence", "leaf_hash")
    return {sequence: bytes(leaf) for sequence, leaf in found}


def counted(tenant: Tenant) -> int:
    """What bars of activity sum up to."""
    return sum(EntryCount.objects.filter(tenant=tenant).values_list("number", flat=True))


def test_a_month_past_its_time_goes_and_its_leaves_stay_byte_for_byte(tenant: Tenant, other: Tenant) -> None:
    for day in range(3):
        make_entry(tenant, at=MAY + timedelta(days=day), external_id=f"evt-{day}")
        make_entry(other, at=MAY)
    make_entry(tenant, at=NOON)
    before = {e.sequence: bytes(e.leaf_hash) for e in AuditEntry.objects.of(tenant).filter(sequence__lte=3)}

    outcomes = apply()

    assert [(o.month.name, o.removed, list(o.kept_because)) for o in outcomes] == [(PARTITION, True, [])]
    assert not exists()
    assert leaves(tenant) == before
    assert sorted(leaves(other)) == [1, 2, 3]
    assert (numbers(tenant), numbers(other)) == ([4, 5], [4])
    assert (counted(tenant), counted(other)) == (2, 1)
    assert ExternalId.objects.count() == 3


def test_each_tenants_log_says_what_went(tenant: Tenant, other: Tenant) -> None:
    make_entry(other, at=MAY)
    make_entry(tenant, at=NOON)
    make_entry(tenant, at=MAY)
    make_entry(tenant, at=MAY)

    apply()

    told = AuditEntry.objects.of(tenant).get(sequence=4)
    assert told.event == "tenant_admin_settings.audit_log_retention_applied"
    assert told.parameters == {
        "entries": 2,
        "first_sequence": 2,
        "last_sequence": 3,
        "from": "2026-05-01T00:00:00.000000Z",
        "to": "2026-06-01T00:00:00.000000Z",
    }
    assert (told.occurred_at, told.done_by, told.actor_type) == (LATER, "Retention", "system")
    assert AuditEntry.objects.of(other).get(sequence=2).parameters["entries"] == 1


def test_a_month_stays_until_the_floor_is_past(tenant: Tenant) -> None:
    make_entry(tenant, at=MAY)

    assert apply(now=LATER - timedelta(microseconds=1)) == []

    assert exists()


def test_the_longest_retention_of_those_who_have_entries_counts(tenant: Tenant, other: Tenant) -> None:
    Tenant.objects.filter(pk=other.pk).update(retention_days=500)
    make_entry(tenant, at=MAY)
    make_entry(other, at=MAY)

    (kept,) = apply()
    assert kept.kept_because == ["globex keeps its entries for 500 days."]
    assert (kept.removed, numbers(tenant), leaves(tenant)) == (False, [1], {})

    assert [o.removed for o in apply(now=LATER + timedelta(days=105)) if o.month.name == PARTITION] == [True]


def test_no_tenant_keeps_its_entries_for_less_than_the_operators_floor(
    tenant: Tenant, settings: Settings
) -> None:
    tenant.retention_days = 30
    assert days_of(tenant) == 395

    settings.RETENTION_DAYS = 800
    assert days_of(tenant) == 800
    with pytest.raises(ValidationError, match="at least 800 days"):
        check_days(799)
    check_days(800)
    check_days(None)


def test_a_clock_of_last_year_does_not_let_an_entry_go_at_once(tenant: Tenant) -> None:
    make_entry(tenant, at=datetime(2020, 1, 1, tzinfo=UTC), now=NOON)
    empty_default(now=NOON)

    (kept,) = apply(now=NOON)

    assert (kept.month.name, kept.removed) == ("audit_auditentry_2020_01", False)
    assert [o.removed for o in apply(now=NOON + timedelta(days=395))] == [True]


def test_a_legal_hold_keeps_the_month_for_everybody_in_it(tenant: Tenant, other: Tenant) -> None:
    Tenant.objects.filter(pk=tenant.pk).update(legal_hold=True)
    make_entry(tenant, at=MAY)
    make_entry(other, at=MAY)

    (kept,) = apply()
    assert (kept.removed, list(kept.kept_because)) == (False, ["acme has a legal hold."])

    Tenant.objects.filter(pk=tenant.pk).update(legal_hold=False)
    assert [o.removed for o in apply()] == [True]


def test_what_a_stream_has_yet_to_deliver_stays_unless_told_otherwise(tenant: Tenant) -> None:
    make_entry(tenant, at=NOON)
    make_entry(tenant, at=MAY)

    def needed() -> Mapping[UUID, int]:
        return {tenant.pk: 2}

    (kept,) = (o for o in apply_retention(now=LATER, still_needed=needed) if o.month.name == PARTITION)
    assert list(kept.kept_because) == ["acme has a stream that has yet to deliver from entry 2 on."]
    assert exists()

    outcomes = apply_retention(now=LATER, still_needed=needed, undelivered=True)
    assert [o.removed for o in outcomes if o.month.name == PARTITION] == [True]


def test_delivered_entries_go_although_later_ones_wait(tenant: Tenant) -> None:
    make_entry(tenant, at=MAY)
    make_entry(tenant, at=NOON)

    outcomes = apply_retention(now=LATER, still_needed=lambda: {tenant.pk: 2})

    assert [o.removed for o in outcomes if o.month.name == PARTITION] == [True]


def test_a_dry_run_says_what_would_go_and_changes_nothing(tenant: Tenant) -> None:
    make_entry(tenant, at=MAY)

    (outcome,) = apply(dry_run=True)

    assert outcome.as_json() == {
        "partition": PARTITION,
        "from": "2026-05-01T00:00:00.000000Z",
        "to": "2026-06-01T00:00:00.000000Z",
        "entries": 1,
        "tenants": ["acme"],
        "removed": True,
        "kept_because": [],
    }
    assert (exists(), numbers(tenant), leaves(tenant)) == (True, [1], {})


@pytest.mark.parametrize("statement", ["DELETE FROM {}", "UPDATE {} SET sequence = 9", "TRUNCATE {}"])
def test_kept_leaves_are_append_only_also_for_a_replica(tenant: Tenant, statement: str) -> None:
    make_entry(tenant, at=MAY)
    apply()

    with pytest.raises(DatabaseError, match="append-only"):
        as_replica(statement.format("audit_keptleaf"))


def test_a_month_in_use_is_kept_whole_until_the_next_time(tenant: Tenant) -> None:
    make_entry(tenant, at=MAY)

    with workers(1) as start, transaction.atomic():
        AuditEntry.objects.of(tenant).count()  # a reader that goes on
        (kept,) = start(apply).result(timeout=30)

    assert list(kept.kept_because) == ["The log is in use: its lock was not to be had in time."]
    assert (exists(), numbers(tenant), leaves(tenant)) == (True, [1], {})
    assert [o.removed for o in apply()] == [True]


def test_an_entry_that_comes_in_meanwhile_keeps_the_month(
    tenant: Tenant, other: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_entry(tenant, at=MAY)
    look = retention._reasons

    def look_while_others_write(*args: Any, **kwargs: Any) -> list[str]:
        with workers(1) as start:
            start(make_entry, other, at=MAY).result(timeout=5)
        return look(*args, **kwargs)

    monkeypatch.setattr(retention, "_reasons", look_while_others_write)
    (kept,) = apply()
    monkeypatch.undo()

    assert list(kept.kept_because) == ["Entries came into the month just now."]
    assert (numbers(tenant), leaves(tenant), leaves(other)) == ([1], {}, {})
    assert [o.removed for o in apply()] == [True]


def test_two_never_do_it_at_once() -> None:
    with alone(), workers(1) as start, pytest.raises(Busy, match="Another process"):
        start(apply).result(timeout=10)


def test_writers_go_on_while_months_go_and_every_sequence_is_accounted_for(
    tenant: Tenant, other: Tenant
) -> None:
    for number in range(60):
        for one in (tenant, other):
            make_entry(one, at=MAY if number % 2 else MAY + timedelta(days=40))
    ended = threading.Event()

    def write(one: Tenant) -> None:
        while not ended.is_set():
            make_entry(one, at=NOON)

    with workers(5) as start:
        writing = [start(write, one) for one in (tenant, other, tenant, other)]
        try:
            removed = any(o.removed for _ in range(10) for o in apply(now=LATER + timedelta(days=31)))
        finally:
            ended.set()
        assert all(w.result(timeout=20) is None for w in writing)

    assert removed
    while not all(o.removed for o in apply(now=LATER + timedelta(days=31))):
        pass
    for one in (tenant, other):
        head = LogHead.objects.get(pk=one.pk).last_sequence
        assert sorted([*numbers(one), *leaves(one)]) == list(range(1, head + 1))
        assert len(leaves(one)) == 60
        assert counted(one) == len(numbers(one))


def test_a_change_of_retention_is_an_entry(tenant: Tenant) -> None:
    tenant.retention_days, tenant.legal_hold = 500, True

    by = By(Actor(email="sam@platform.example"), NOON)
    record_change(tenant, previous_days=None, previous_hold=False, by=by)

    entry = AuditEntry.objects.of(tenant).get(sequence=1)
    assert entry.event == "tenant_admin_settings.audit_log_retention_updated"
    assert entry.parameters == {"days": 500, "previous_days": 395, "legal_hold": "set"}
