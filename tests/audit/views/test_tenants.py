from __future__ import annotations

import pytest
from django.test import Client

from audit.models import Membership, Person, Role, Tenant
from tests.audit.views.reading import LOG


@pytest.mark.parametrize("address", ["/audit-log/", "/"])
def test_whoever_has_one_tenant_is_led_to_its_log(client: Client, ana: Person, address: str) -> None:
    client.force_login(ana)

    assert client.get(address)["Location"] == LOG


def test_whoever_has_several_chooses_and_comes_back_to_the_last(
    client: Client, ana: Person, globex: Tenant
) -> None:
    Membership.objects.create(person=ana, tenant=globex, role=Role.AUDITOR)
    client.force_login(ana)

    assert client.get("/audit-log/")["Location"] == "/switch/"
    choice = client.get("/switch/").content.decode()
    assert "/t/globex/audit-log/" in choice
    assert "/t/acme/audit-log/" in choice

    client.get("/t/globex/audit-log/")

    assert client.get("/audit-log/")["Location"] == "/t/globex/audit-log/"


def test_a_tenant_that_was_left_is_not_led_to(client: Client, ana: Person, globex: Tenant) -> None:
    membership = Membership.objects.create(person=ana, tenant=globex, role=Role.AUDITOR)
    client.force_login(ana)
    client.get("/t/globex/audit-log/")
    membership.delete()

    assert client.get("/audit-log/")["Location"] == LOG


def test_whoever_has_none_is_told_so(client: Client, db: None) -> None:  # noqa: ARG001 - opens the database
    client.force_login(Person.objects.create_user("new@acme.example"))

    page = client.get("/audit-log/", follow=True)

    assert page.status_code == 200
    assert "You belong to no tenant yet" in page.content.decode()


def test_the_choice_is_for_people_who_are_signed_in(client: Client) -> None:
    assert client.get("/audit-log/")["Location"] == "/accounts/login/?next=/audit-log/"
    assert client.get("/switch/")["Location"] == "/accounts/login/?next=/switch/"
