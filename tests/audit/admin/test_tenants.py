"""Tenants and workspaces in Django admin."""

from __future__ import annotations

from django.test import Client

from audit.models import AuditEntry, Tenant, Workspace
from tests.entries import make_entry


def events(tenant: Tenant) -> list[str]:
    entries = AuditEntry.objects.of(tenant).order_by("sequence")
    return [entry.event.partition(".")[2] for entry in entries]


def test_staff_make_a_tenant_whose_slug_then_stays(staff: Client) -> None:
    refused = staff.post("/admin/audit/tenant/add/", {"name": "Acme", "slug": "Acme_1"})
    assert b"small letters, digits and hyphens, a letter" in refused.content

    staff.post("/admin/audit/tenant/add/", {"name": "Acme", "slug": "acme"})
    acme = Tenant.objects.get()
    staff.post(f"/admin/audit/tenant/{acme.pk}/change/", {"name": "Acme Ltd", "slug": "other"})

    acme.refresh_from_db()
    assert (acme.name, acme.slug) == ("Acme Ltd", "acme")


def test_retention_and_legal_hold_are_set_within_the_floor_and_recorded(staff: Client, acme: Tenant) -> None:
    page, told = f"/admin/audit/tenant/{acme.pk}/change/", {"name": "Acme"}

    refused = staff.post(page, {**told, "retention_days": "30"})
    assert b"kept for at least 395 days" in refused.content
    staff.post(page, {**told, "retention_days": "500"})
    staff.post(page, {**told, "retention_days": "500", "legal_hold": "on"})
    staff.post(page, {**told, "name": "Acme Ltd", "retention_days": "500", "legal_hold": "on"})
    staff.post(page, told)

    changes = AuditEntry.objects.of(acme).order_by("sequence")
    assert [entry.parameters for entry in changes] == [
        {"days": 500, "previous_days": 395},
        {"days": 500, "previous_days": 500, "legal_hold": "set"},
        {"days": 395, "previous_days": 500, "legal_hold": "lifted"},
    ]
    assert events(acme) == ["audit_log_retention_updated"] * 3


def test_a_tenant_is_not_deleted(staff: Client, acme: Tenant) -> None:
    assert staff.post(f"/admin/audit/tenant/{acme.pk}/delete/", {"post": "yes"}).status_code == 403


def test_the_list_leads_to_the_entries_of_each(staff: Client, acme: Tenant, globex: Tenant) -> None:
    make_entry(acme)

    page = staff.get("/admin/audit/tenant/").content.decode()

    assert f'?tenant__id__exact={acme.pk}">1</a>' in page
    assert f'?tenant__id__exact={globex.pk}">0</a>' in page


def test_workspaces_are_recorded_as_they_are_made_renamed_and_deleted(staff: Client, acme: Tenant) -> None:
    room = "/admin/audit/workspace/"
    staff.post(f"{room}add/", {"tenant": acme.pk, "name": "SOC", "slug": "soc"})
    soc = Workspace.objects.get()
    staff.post(f"{room}{soc.pk}/change/", {"name": "SOC"})
    staff.post(f"{room}{soc.pk}/change/", {"name": "Security"})
    staff.post(f"{room}{soc.pk}/delete/", {"post": "yes"})

    assert events(acme) == ["workspace_created", "workspace_name_updated", "workspace_deleted"]
    renamed = AuditEntry.objects.of(acme).get(sequence=2)
    assert renamed.parameters == {"workspace_name": "Security", "previous_name": "SOC"}
    assert not Workspace.objects.exists()


def test_several_workspaces_deleted_at_once_are_recorded_each(
    staff: Client, acme: Tenant, soc: Workspace, lab: Workspace
) -> None:
    chosen = {"action": "delete_selected", "_selected_action": [str(soc.pk), str(lab.pk)], "post": "yes"}

    staff.post("/admin/audit/workspace/", chosen)

    assert events(acme) == ["workspace_deleted", "workspace_deleted"]
