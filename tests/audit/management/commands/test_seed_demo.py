"""`seed_demo`: a believable history, through the one door."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from audit.catalog.lookup import CATALOG
from audit.models import AuditEntry, LogHead, Person, Tenant


def seed(*more: str) -> str:
    out = StringIO()
    call_command("seed_demo", "--tenant", "acme", *more, stdout=out)
    return out.getvalue()


@pytest.mark.usefixtures("soc")
def test_the_whole_vocabulary_appears_in_order_and_on_time(acme: Tenant) -> None:
    answer = json.loads(seed("--entries", "600", "--json"))

    entries = list(AuditEntry.objects.of(acme).order_by("sequence"))
    assert answer == {"tenant": "acme", "entries": 600, "last_sequence": 600}
    assert [entry.sequence for entry in entries] == list(range(1, 601))
    assert {entry.event for entry in entries} == {event.code for event in CATALOG.events()}
    moments = [entry.occurred_at for entry in entries]
    assert moments == sorted(moments)
    assert datetime.now(UTC) - timedelta(days=91) < moments[0] < moments[-1] <= datetime.now(UTC)
    assert not any(entry.clock_is_off for entry in entries)
    assert all(entry.occurred_at <= entry.recorded_at <= datetime.now(UTC) for entry in entries)


@pytest.mark.usefixtures("soc")
def test_entries_hold_what_their_event_carries(acme: Tenant, ana: Person) -> None:
    seed("--entries", "600")

    entries = list(AuditEntry.objects.of(acme))
    for entry in entries:
        assert set(entry.parameters) == set(CATALOG.event(entry.event).parameters)
    assert {entry.actor_type for entry in entries} == {"user", "service_account", "system"}
    assert {entry.outcome for entry in entries} == {"success", "failure"}
    assert {entry.workspace_name for entry in entries} == {"", "SOC"}
    assert ana.email in {entry.done_by for entry in entries}


def test_a_tenant_without_workspaces_is_given_some(acme: Tenant) -> None:
    seed("--entries", "5")

    assert "品質保証 Tokyo" in set(acme.workspaces.values_list("name", flat=True))
    assert LogHead.objects.get(tenant=acme).last_sequence == 5 + acme.workspaces.count()


@pytest.mark.usefixtures("acme")
@pytest.mark.parametrize(
    ("more", "why"),
    [
        (["--entries", "0"], "1 or more"),
        (["--entries", "many"], "invalid int"),
        (["--entries", "5", "--days", "0"], "from 1 to"),
        (["--entries", "5", "--tenant", "other"], "No tenant has the slug 'other'"),
    ],
)
def test_what_cannot_be_seeded_is_refused(more: list[str], why: str) -> None:
    with pytest.raises(CommandError, match=why):
        seed(*more)

    assert not AuditEntry.objects.exists()
