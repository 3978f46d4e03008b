"""Every change of tenants, workspaces and people is in the log of the tenant that it concerns."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from audit import people
from audit.catalog.areas import tenant_user_management as members
from audit.drafts import Actor
from audit.models import AuditEntry, Membership, Person, Role, Tenant, Workspace
from audit.people import By, Said
from tests.conftest import PASSWORD

BY = By(Actor(name="Command line", type="system"), datetime(2026, 11, 24, 12, tzinfo=UTC))


def told(tenant: Tenant) -> list[tuple[str, str, dict[str, object]]]:
    entries = AuditEntry.objects.of(tenant).order_by("sequence")
    return [(entry.event, entry.workspace_name, entry.parameters) for entry in entries]


@pytest.fixture
def pat(db: None) -> Person:  # noqa: ARG001 - opens the database
    return Person.objects.create_user("pat@acme.example", PASSWORD)


def test_a_new_member_is_recorded_as_invited(pat: Person, acme: Tenant) -> None:
    membership = people.set_membership(person=pat, tenant=acme, role=Role.AUDITOR, by=BY)

    assert membership.role == Role.AUDITOR
    assert told(acme) == [
        ("tenant_user_management.user_invited", "", {"username": pat.email, "role": "Auditor"})
    ]
    assert AuditEntry.objects.of(acme).get().done_by == "Command line"


def test_a_viewer_gets_workspaces_and_each_is_recorded(pat: Person, acme: Tenant, soc: Workspace) -> None:
    people.set_membership(person=pat, tenant=acme, role=Role.VIEWER, workspaces=[soc], by=BY)

    added = {"username": pat.email, "role": "Workspace viewer"}
    assert told(acme)[1:] == [("workspace_management.user_invited_added", "SOC", added)]


def test_another_role_is_recorded_with_the_previous_one_and_takes_the_workspaces_away(
    vic: Person, acme: Tenant
) -> None:
    membership = people.set_membership(person=vic, tenant=acme, role=Role.ADMIN, by=BY)

    assert list(membership.workspaces.all()) == []
    changed = {"username": vic.email, "role": "Tenant admin", "previous_role": "Workspace viewer"}
    assert told(acme) == [
        ("tenant_user_management.user_role_changed", "", changed),
        ("workspace_management.user_removed", "SOC", {"username": vic.email}),
    ]


def test_the_same_membership_again_is_no_entry(vic: Person, acme: Tenant, soc: Workspace) -> None:
    people.set_membership(person=vic, tenant=acme, role=Role.VIEWER, workspaces=[soc], by=BY)

    assert told(acme) == []


def test_a_removed_member_stays_a_person(aud: Person, acme: Tenant) -> None:
    people.remove_member(aud.memberships.get(), by=BY)

    assert Person.objects.filter(pk=aud.pk).exists()
    assert not Membership.objects.exists()
    assert told(acme) == [("tenant_user_management.user_deleted", "", {"username": aud.email})]


def test_a_person_of_two_tenants_is_deactivated_in_both_logs(
    ana: Person, acme: Tenant, globex: Tenant
) -> None:
    Membership.objects.create(person=ana, tenant=globex, role=Role.AUDITOR)

    people.set_active(ana, active=False, by=BY)
    people.set_active(ana, active=True, by=BY)

    for tenant in (acme, globex):
        assert [event for event, *_ in told(tenant)] == [
            "tenant_user_management.user_deactivated",
            "tenant_user_management.user_activated",
        ]


def test_workspaces_are_recorded_as_they_come_and_go(acme: Tenant) -> None:
    workspace = people.create_workspace(tenant=acme, slug="quality", name="品質保証 Tokyo", by=BY)
    workspace.name = "Quality"
    workspace.save()
    people.record_workspace(workspace, previous_name="品質保証 Tokyo", by=BY)
    people.delete_workspace(workspace, by=BY)

    renamed = {"workspace_name": "Quality", "previous_name": "品質保証 Tokyo"}
    assert told(acme) == [
        ("workspace_management.workspace_created", "品質保証 Tokyo", {"workspace_name": "品質保証 Tokyo"}),
        ("workspace_management.workspace_name_updated", "Quality", renamed),
        ("workspace_management.workspace_deleted", "Quality", {"workspace_name": "Quality"}),
    ]


def test_what_cannot_be_recorded_does_not_happen(pat: Person, acme: Tenant) -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE audit_auditentry ADD CHECK (done_by <> 'Command line')")

    with pytest.raises(Exception, match="check constraint"):
        people.set_membership(person=pat, tenant=acme, role=Role.ADMIN, by=BY)

    assert not Membership.objects.exists()


def test_logs_are_locked_in_one_order_so_that_nobody_waits_in_a_circle(pat: Person) -> None:
    tenants = [Tenant.objects.create(slug=f"t{n}", name=f"T{9 - n}") for n in range(4)]
    for tenant in reversed(tenants):
        Membership.objects.create(person=pat, tenant=tenant, role=Role.ADMIN)
    said = Said(members.USER_ACTIVATED, {"username": pat.email})

    with CaptureQueriesContext(connection) as queries:
        assert people.record_in_each_tenant(pat, said, by=BY) == 4

    statements = [query["sql"].replace("-", "") for query in queries]
    # Each one's first entry: its head is made, and locked by that.
    locks = [sql for sql in statements if "INTO audit_loghead" in sql]
    places = [next(n for n, lock in enumerate(locks) if tenant.pk.hex in lock) for tenant in tenants]
    assert places == sorted(places)


@pytest.mark.django_db
@pytest.mark.parametrize("slug", ["", "Acme", "a_b", "-a", "a-", "a/b", "ä", "x" * 64])
def test_a_slug_that_reads_badly_in_an_address_is_refused(slug: str) -> None:
    with pytest.raises(ValidationError):
        people.create_tenant(slug=slug, name="Acme")


def test_a_taken_slug_is_refused(acme: Tenant) -> None:
    with pytest.raises(ValidationError, match="already exists"):
        people.create_tenant(slug=acme.slug, name="Another")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("password", "why"),
    [("short", "at least 12"), ("qwertyuiop123", "common"), ("lukasik@acme.example", "similar")],
)
def test_a_weak_password_is_refused_and_the_person_told_why(password: str, why: str) -> None:
    with pytest.raises(ValidationError, match=why):
        people.create_person(email="lukasik@acme.example", password=password)

    assert not Person.objects.exists()


@pytest.mark.django_db
def test_a_password_may_be_long_and_hold_any_characters_and_is_not_cut() -> None:
    password = "ключ от всех дверей " * 10

    person = people.create_person(email="Ada@Acme.example ", password=password)

    assert person.email == "ada@acme.example"
    assert person.password.startswith("argon2$argon2id$")
    assert person.check_password(password)
    assert not person.check_password(password[:-1])
