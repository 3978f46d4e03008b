"""API keys in Django admin: to look at and to revoke."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.test import Client

from audit import keys
from audit.drafts import Actor
from audit.models import ApiKey, AuditEntry, Person, Scope, Tenant

KEYS = "/admin/audit/apikey/"


@pytest.fixture
def key(acme: Tenant) -> tuple[ApiKey, str]:
    actor = Actor(email="ana@acme.example")
    return keys.make_key(tenant=acme, name="ci", scopes=[Scope.INGEST], now=datetime.now(UTC), actor=actor)


def test_a_key_is_shown_without_what_opens(staff: Client, key: tuple[ApiKey, str]) -> None:
    row, text = key

    shown = staff.get(KEYS).content.decode() + staff.get(f"{KEYS}{row.pk}/change/").content.decode()

    assert row.prefix in shown
    assert text not in shown
    assert bytes(row.digest).hex() not in shown


def test_staff_revoke_a_key_and_the_tenant_sees_who_it_was(
    staff: Client, sam: Person, acme: Tenant, key: tuple[ApiKey, str]
) -> None:
    row, text = key
    chosen = {"action": "revoke", "_selected_action": str(row.pk)}

    told = staff.post(KEYS, chosen, follow=True)
    again = staff.post(KEYS, chosen, follow=True)

    assert b"Revoked: ci." in told.content
    assert b"Nothing to revoke" in again.content
    with pytest.raises(keys.KeyInvalid, match="revoked"):
        keys.recognise(text, now=datetime.now(UTC))
    entry = AuditEntry.objects.of(acme).get(event="users.api_key_deleted")
    assert entry.done_by == sam.email


@pytest.mark.parametrize("door", ["add/", "{}/change/", "{}/delete/"])
def test_a_key_is_not_made_changed_or_deleted_here(staff: Client, key: tuple[ApiKey, str], door: str) -> None:
    assert staff.post(KEYS + door.format(key[0].pk), {"post": "yes"}).status_code == 403
