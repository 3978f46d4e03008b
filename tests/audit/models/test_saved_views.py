from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError, transaction

from audit.models import Person, SavedView, Tenant
from tests.entries import NOON


def make(tenant: Tenant, owner: Person | None, name: str = "Sign-ins", **fields: Any) -> SavedView:
    return SavedView.objects.create(
        tenant=tenant,
        owner=owner,
        name=name,
        filters="area=users",
        created_at=NOON,
        changed_at=NOON,
        **fields,
    )


def test_a_view_without_an_owner_is_shared(acme: Tenant, ana: Person) -> None:
    assert make(acme, None).shared
    assert not make(acme, ana).shared
    assert str(make(acme, ana, "Mine")) == "Mine"


def test_a_name_is_there_once_for_each_owner_whatever_its_letters(
    acme: Tenant, globex: Tenant, ana: Person, aud: Person
) -> None:
    for owner in (ana, aud, None):
        make(acme, owner)
        with pytest.raises(IntegrityError), transaction.atomic():
            make(acme, owner, "SIGN-INS")
    make(globex, None)


def test_a_tenant_has_one_default_and_it_is_shared(acme: Tenant, globex: Tenant, ana: Person) -> None:
    make(acme, None, is_default=True)
    make(globex, None, is_default=True)

    with pytest.raises(IntegrityError), transaction.atomic():
        make(acme, None, "Other", is_default=True)
    with pytest.raises(IntegrityError), transaction.atomic():
        make(acme, ana, "Mine", is_default=True)
