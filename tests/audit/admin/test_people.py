"""People and memberships in Django admin, and what the tenants' logs say of it."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import Permission
from django.test import Client

from audit.models import AuditEntry, Membership, Person, Role, Tenant, Workspace
from tests.conftest import PASSWORD

PEOPLE = "/admin/audit/person/"


def told(tenant: Tenant) -> list[tuple[str, dict[str, Any]]]:
    entries = AuditEntry.objects.of(tenant).order_by("sequence")
    return [(entry.event.partition(".")[2], entry.parameters) for entry in entries]


def form(person: Person, *rows: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """The person's page as it is sent: `rows` are the memberships, those with an `id` first."""
    values: dict[str, Any] = {"name": person.name, "is_active": "on", **changes}
    if not values["is_active"]:
        del values["is_active"]
    values["memberships-TOTAL_FORMS"] = len(rows)
    values["memberships-INITIAL_FORMS"] = sum("id" in row for row in rows)
    for number, row in enumerate(rows):
        for name, value in {"person": person.pk, **row}.items():
            values[f"memberships-{number}-{name}"] = value
    return values


def row(membership: Membership, **changes: Any) -> dict[str, Any]:
    workspaces = [workspace.pk for workspace in membership.workspaces.all()]
    standing = {"id": membership.pk, "tenant": membership.tenant_id, "role": membership.role}
    return {**standing, "workspaces": workspaces, **changes}


def test_a_person_is_added_with_a_password_and_then_made_a_member(
    staff: Client, sam: Person, acme: Tenant
) -> None:
    weak = staff.post(
        f"{PEOPLE}add/", {"email": "Pat@Acme.example", "password1": "short", "password2": "short"}
    )
    assert b"at least 12 characters" in weak.content

    new = {
        "email": "Pat@Acme.example",
        "password1": PASSWORD,
        "password2": PASSWORD,
        "usable_password": "true",
    }
    staff.post(f"{PEOPLE}add/", new)
    pat = Person.objects.get(email="pat@acme.example")
    assert pat.check_password(PASSWORD)
    saved = staff.post(f"{PEOPLE}{pat.pk}/change/", form(pat, {"tenant": acme.pk, "role": Role.AUDITOR}))

    assert saved.status_code == 302
    assert pat.memberships.get().role == Role.AUDITOR
    assert told(acme) == [("user_invited", {"username": pat.email, "role": "Auditor"})]
    entry = AuditEntry.objects.of(acme).get()
    assert (entry.done_by, entry.ip) == (sam.email, "203.0.113.7")


def test_changed_roles_and_removed_members_are_recorded(
    staff: Client, ana: Person, acme: Tenant, globex: Tenant, soc: Workspace
) -> None:
    there = Membership.objects.create(person=ana, tenant=globex, role=Role.AUDITOR)
    here = ana.memberships.get(tenant=acme)
    rows = [row(here, role=Role.VIEWER, workspaces=[soc.pk]), row(there, DELETE="on")]

    answer = staff.post(f"{PEOPLE}{ana.pk}/change/", form(ana, *rows))

    assert answer.status_code == 302
    assert [membership.tenant for membership in ana.memberships.all()] == [acme]
    assert list(ana.memberships.get().workspaces.all()) == [soc]
    assert [event for event, _ in told(acme)] == ["user_role_changed", "user_invited_added"]
    assert told(globex) == [("user_deleted", {"username": ana.email})]


def test_saving_without_a_change_records_nothing(staff: Client, vic: Person, acme: Tenant) -> None:
    answer = staff.post(f"{PEOPLE}{vic.pk}/change/", form(vic, row(vic.memberships.get())))

    assert answer.status_code == 302
    assert told(acme) == []


def test_a_person_is_deactivated_in_the_log_of_each_tenant(
    staff: Client, ana: Person, acme: Tenant, globex: Tenant
) -> None:
    Membership.objects.create(person=ana, tenant=globex, role=Role.AUDITOR)
    rows = [row(membership) for membership in ana.memberships.order_by("pk")]

    staff.post(f"{PEOPLE}{ana.pk}/change/", form(ana, *rows, is_active=""))

    ana.refresh_from_db()
    assert not ana.is_active
    for tenant in (acme, globex):
        assert told(tenant) == [("user_deactivated", {"username": ana.email})]


def test_a_viewer_is_not_given_a_workspace_of_another_tenant(
    staff: Client, vic: Person, globex: Tenant
) -> None:
    strange = Workspace.objects.create(tenant=globex, slug="vault", name="Vault")

    answer = staff.post(
        f"{PEOPLE}{vic.pk}/change/", form(vic, row(vic.memberships.get(), workspaces=[strange.pk]))
    )

    assert b"Vault: not in Acme." in answer.content
    assert strange not in vic.memberships.get().workspaces.all()


def test_only_viewers_are_given_workspaces(staff: Client, aud: Person, soc: Workspace) -> None:
    answer = staff.post(
        f"{PEOPLE}{aud.pk}/change/", form(aud, row(aud.memberships.get(), workspaces=[soc.pk]))
    )

    assert b"Only viewers are given workspaces" in answer.content


def test_a_membership_stays_with_its_tenant(staff: Client, aud: Person, acme: Tenant, globex: Tenant) -> None:
    staff.post(f"{PEOPLE}{aud.pk}/change/", form(aud, row(aud.memberships.get(), tenant=globex.pk)))

    assert [membership.tenant for membership in aud.memberships.all()] == [acme]


def test_people_are_not_deleted(staff: Client, ana: Person) -> None:
    assert staff.post(f"{PEOPLE}{ana.pk}/delete/", {"post": "yes"}).status_code == 403
    chosen = {"action": "delete_selected", "_selected_action": str(ana.pk), "post": "yes"}
    staff.post(PEOPLE, chosen)

    assert Person.objects.filter(pk=ana.pk).exists()


def test_staff_who_are_no_superuser_make_nobody_staff(staff: Client, sam: Person, ana: Person) -> None:
    Person.objects.filter(pk=sam.pk).update(is_superuser=False)
    sam.user_permissions.set(Permission.objects.filter(content_type__app_label="audit"))

    answer = staff.post(
        f"{PEOPLE}{ana.pk}/change/", form(ana, row(ana.memberships.get()), is_staff="on", is_superuser="on")
    )

    assert answer.status_code == 302
    ana.refresh_from_db()
    assert (ana.is_staff, ana.is_superuser) == (False, False)


def test_the_list_of_people_names_their_tenants(staff: Client, ana: Person) -> None:
    assert b"acme (admin)" in staff.get(PEOPLE, {"q": ana.email}).content
