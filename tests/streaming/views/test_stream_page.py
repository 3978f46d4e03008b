from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.test import Client

from audit.models import Person, Tenant
from streaming.models import ConnectionTest
from tests.streaming.views.conftest import PAGE


@pytest.mark.parametrize("who", ["aud", "vic"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_only_admins_come_in(who: str, method: str, client: Client, request: pytest.FixtureRequest) -> None:
    client.force_login(request.getfixturevalue(who))

    answer = getattr(client, method)(PAGE)

    assert answer.status_code == 403
    assert "Ask an admin" in answer.content.decode()


def test_another_tenants_admin_finds_nothing(client: Client, gus: Person, acme: Tenant) -> None:
    client.force_login(gus)

    assert client.get(f"/t/{acme.slug}/audit-log/settings/").status_code == 404


def test_another_tenants_test_is_not_shown(admin: Client, gus: Person, globex: Tenant) -> None:
    theirs = ConnectionTest.objects.create(
        tenant=globex, asked_by=gus, destination_kind="splunk_hec", url="https://x", created_at=datetime.now(UTC),
        summary="canary of globex",
    )  # fmt: skip

    assert admin.get(f"{PAGE}test/{theirs.pk}/").status_code == 404
    assert "canary of globex" not in admin.get(f"{PAGE}?test={theirs.pk}").content.decode()
