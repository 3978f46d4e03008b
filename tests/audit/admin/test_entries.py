"""Entries in Django admin: nobody changes one, and nobody looks without a trace (A4, I9)."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from audit.admin.entries import CappedPaginator
from audit.models import AuditEntry, Person, Tenant
from tests.conftest import PASSWORD
from tests.entries import make_entry

LIST = "/admin/audit/auditentry/"


@pytest.fixture
def entry(acme: Tenant) -> AuditEntry:
    return make_entry(acme, parameters={"workflow_name": "Triage <b>"}, details="Version 7")


def looks(tenant: Tenant) -> list[Any]:
    event = "tenant_admin_settings.audit_log_viewed_by_staff"
    return list(AuditEntry.objects.of(tenant).filter(event=event).order_by("sequence"))


@pytest.mark.usefixtures("entry")
def test_a_look_at_the_list_is_an_entry_of_that_tenant(
    staff: Client, sam: Person, acme: Tenant, globex: Tenant
) -> None:
    page = staff.get(LIST, {"tenant__id__exact": str(acme.pk)})

    assert page.status_code == 200
    assert b"Version 7" in page.content
    [look] = looks(acme)
    assert (look.done_by, look.ip) == (sam.email, "203.0.113.7")
    assert look.parameters == {"page": "entries, page 1"}
    assert looks(globex) == []


@pytest.mark.usefixtures("entry")
def test_each_page_and_filter_of_the_list_is_a_look_of_its_own(staff: Client, acme: Tenant) -> None:
    staff.get(LIST, {"tenant__id__exact": str(acme.pk)})
    found = staff.get(
        LIST, {"tenant__id__exact": str(acme.pk), "category": "system_configuration", "q": "triage", "p": "1"}
    )

    assert b"Version 7" in found.content
    filters = {"category": "system_configuration", "q": "triage"}
    assert looks(acme)[1].parameters == {"page": "entries, page 1", "filters": filters}


@pytest.mark.usefixtures("entry")
def test_the_list_shows_the_chosen_tenant_only(staff: Client, acme: Tenant, globex: Tenant) -> None:
    make_entry(globex, details="Of the other side")

    page = staff.get(LIST, {"tenant__id__exact": str(acme.pk)})

    assert b"Of the other side" not in page.content


@pytest.mark.parametrize("chosen", ["", "acme", "018f0000-0000-7000-8000-000000000000", "1' OR 1=1"])
@pytest.mark.usefixtures("entry")
def test_without_a_tenant_staff_are_led_to_the_list_of_tenants(
    staff: Client, acme: Tenant, chosen: str
) -> None:
    answer = staff.get(LIST, {"tenant__id__exact": chosen} if chosen else {})

    assert answer.headers["Location"] == "/admin/audit/tenant/"
    assert looks(acme) == []


def test_a_look_at_one_entry_is_an_entry_too(staff: Client, acme: Tenant, entry: AuditEntry) -> None:
    page = staff.get(f"{LIST}{entry.pk}/change/")

    assert page.status_code == 200
    assert b"Triage &lt;b&gt;" in page.content
    assert entry.leaf_hash.hex() in page.content.decode()
    assert b"_save" not in page.content
    assert [look.parameters for look in looks(acme)] == [{"page": "entry 1"}]


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("door", ["add/", "{}/delete/", "{}/history/"])
def test_no_door_that_writes_opens_for_a_superuser(
    staff: Client, acme: Tenant, entry: AuditEntry, method: str, door: str
) -> None:
    answer = getattr(staff, method)(LIST + door.format(entry.pk))

    assert answer.status_code == 403
    assert [found.pk for found in AuditEntry.objects.of(acme)] == [entry.pk]


@pytest.mark.parametrize("door", ["{}/change/", "?tenant__id__exact={tenant}"])
def test_a_post_to_what_can_be_looked_at_is_refused(
    staff: Client, acme: Tenant, entry: AuditEntry, door: str
) -> None:
    form = {"details": "x", "action": "delete_selected", "_selected_action": str(entry.pk), "post": "yes"}

    answer = staff.post(LIST + door.format(entry.pk, tenant=acme.pk), form)

    assert answer.status_code == 403
    assert AuditEntry.objects.of(acme).get().details == "Version 7"


def test_staff_without_the_permission_do_not_look(acme: Tenant, entry: AuditEntry) -> None:
    lou = Person.objects.create_user("lou@platform.example", PASSWORD, is_staff=True)
    web = Client()
    web.force_login(lou)

    assert web.get(LIST, {"tenant__id__exact": str(acme.pk)}).status_code == 403
    assert web.get(f"{LIST}{entry.pk}/change/").status_code == 403
    assert looks(acme) == []

    lou.user_permissions.add(Permission.objects.get(codename="view_auditentry"))

    assert web.get(LIST, {"tenant__id__exact": str(acme.pk)}).status_code == 200
    assert len(looks(acme)) == 1


def test_a_look_that_cannot_be_recorded_shows_nothing(staff: Client, acme: Tenant, entry: AuditEntry) -> None:
    staff.raise_request_exception = False
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE audit_auditentry ADD CHECK (event NOT LIKE '%viewed_by_staff')")

    for address in (f"{LIST}?tenant__id__exact={acme.pk}", f"{LIST}{entry.pk}/change/"):
        answer = staff.get(address)
        assert answer.status_code == 500
        assert b"Version 7" not in answer.content


@pytest.mark.usefixtures("entry")
def test_a_long_log_is_not_counted_to_its_end(staff: Client, acme: Tenant) -> None:
    with CaptureQueriesContext(connection) as queries:
        staff.get(LIST, {"tenant__id__exact": str(acme.pk), "_facets": "True"})

    counts = [
        query["sql"] for query in queries if "COUNT(*)" in query["sql"] and "auditentry" in query["sql"]
    ]
    assert counts
    assert all("LIMIT 10000" in count for count in counts)
    assert not any('"audit_auditentry"."body"' in query["sql"] for query in queries)


def test_the_paginator_stops_counting(acme: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("audit.admin.entries.COUNTED", 2)
    for _ in range(3):
        make_entry(acme)

    assert CappedPaginator(AuditEntry.objects.of(acme), 50).count == 2


def test_no_other_table_of_the_log_is_in_admin() -> None:
    named = {model.__name__ for model in admin.site._registry}

    assert "AuditEntry" in named
    assert not named & {"LogHead", "ExternalId", "EmailAddress"}
