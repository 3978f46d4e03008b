from __future__ import annotations

import pytest
from django.test import Client

from audit.models import Person, Role, Tenant
from tests.audit.views.reading import LOG
from tests.entries import make_entry

PAGES = [LOG, f"{LOG}0198a000-0000-7000-8000-000000000000/", f"{LOG}export/"]


@pytest.mark.parametrize("page", PAGES)
def test_whoever_is_not_signed_in_is_led_there_and_back(client: Client, acme: Tenant, page: str) -> None:
    response = client.get(f"{page}?q={acme.slug}")

    assert response.status_code == 302
    assert response["Location"] == f"/accounts/login/?next={page}%3Fq%3Dacme"


@pytest.mark.parametrize("page", PAGES)
def test_a_tenant_of_others_looks_like_one_that_does_not_exist(
    client: Client, gus: Person, acme: Tenant, page: str
) -> None:
    make_entry(acme)
    client.force_login(gus)

    foreign = client.get(page)
    missing = client.get(page.replace("/t/acme/", "/t/nowhere/"))

    assert foreign.status_code == missing.status_code == 404
    assert foreign.content == missing.content


def test_staff_have_no_road_of_their_own_into_a_log(client: Client, acme: Tenant) -> None:
    make_entry(acme)
    client.force_login(Person.objects.create_superuser("staff@platform.example"))

    assert client.get(LOG).status_code == 404


def test_a_role_that_was_taken_away_opens_nothing_any_more(client: Client, ana: Person) -> None:
    client.force_login(ana)
    assert client.get(LOG).status_code == 200

    ana.memberships.all().delete()

    assert client.get(LOG).status_code == 404


def test_the_role_is_read_with_every_request(client: Client, ana: Person) -> None:
    client.force_login(ana)
    ana.memberships.update(role=Role.VIEWER)

    assert client.post(f"{LOG}export/", {"format": "csv"}).status_code == 403
