"""Slugs are unique where they have to be."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction

from audit.models import Tenant, Workspace


def test_a_workspaces_slug_is_there_once_in_its_tenant_and_may_be_in_another(
    acme: Tenant, globex: Tenant, soc: Workspace
) -> None:
    Workspace.objects.create(tenant=globex, slug=soc.slug, name="SOC")

    with pytest.raises(IntegrityError), transaction.atomic():
        Workspace.objects.create(tenant=acme, slug=soc.slug, name="Another")


def test_a_tenants_slug_is_there_once(acme: Tenant) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Tenant.objects.create(slug=acme.slug, name="Another")
