"""Saved views in Django admin: to look at."""

from __future__ import annotations

import pytest
from django.test import Client

from audit.models import Person, SavedView, Tenant
from tests.entries import NOON

VIEWS = "/admin/audit/savedview/"


@pytest.fixture
def view(acme: Tenant, ana: Person) -> SavedView:
    return SavedView.objects.create(
        tenant=acme, owner=ana, name="Sign-ins", filters="area=users", created_at=NOON, changed_at=NOON
    )


def test_staff_see_whose_views_there_are(staff: Client, view: SavedView) -> None:
    shown = staff.get(VIEWS, {"q": "ana@"}).content.decode()
    page = staff.get(f"{VIEWS}{view.pk}/change/").content.decode()

    assert "Sign-ins" in shown
    assert "ana@acme.example" in shown
    assert "area=users" in page


@pytest.mark.parametrize("door", ["add/", "{}/change/", "{}/delete/"])
def test_a_view_is_not_made_changed_or_deleted_here(staff: Client, view: SavedView, door: str) -> None:
    assert staff.post(VIEWS + door.format(view.pk), {"post": "yes"}).status_code == 403
