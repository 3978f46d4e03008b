from __future__ import annotations

import pytest
from django.test import Client

from audit.models import Export, Person, Tenant
from tests.exports import export_of

LIST = "/admin/audit/export/"


@pytest.fixture
def export(acme: Tenant, ana: Person) -> Export:
    return export_of(ana, acme, state="failed", failure="There is no room left.", link="the-secret-of-a-link")


def test_staff_see_how_exports_are_doing(staff: Client, export: Export) -> None:
    listed = staff.get(LIST).content.decode()
    page = staff.get(f"{LIST}{export.pk}/change/").content.decode()

    assert "EXP-0001" in listed
    assert "ana@acme.example" in listed
    assert "There is no room left." in page
    assert "the-secret-of-a-link" not in listed + page


def test_staff_can_change_nothing_of_an_export(staff: Client, export: Export) -> None:
    answers = [
        staff.get(f"{LIST}add/"),
        staff.post(f"{LIST}{export.pk}/change/", {"state": "ready"}),
        staff.post(f"{LIST}{export.pk}/delete/", {"post": "yes"}),
    ]

    assert [answer.status_code for answer in answers] == [403, 403, 403]
    assert Export.objects.get().state == "failed"
