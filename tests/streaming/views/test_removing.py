from __future__ import annotations

import pytest
from django.test import Client

from audit.models import Person, Tenant
from streaming.models import Stream
from tests.streaming.views.conftest import PAGE, VALUES


@pytest.fixture
def address(admin: Client) -> str:
    """The page that removes a stream which is switched off."""
    admin.post(PAGE, VALUES)
    admin.post(PAGE, {})
    return f"{PAGE}streams/{Stream.objects.get().pk}/remove/"


def test_the_page_says_what_goes_and_asks_for_the_name(admin: Client, address: str) -> None:
    page = admin.get(address).content.decode()

    assert "Waiting, will not be sent" in page
    assert "Type <strong><bdi>SIEM</bdi></strong> to confirm" in page


def test_its_name_removes_it_and_the_settings_begin_anew(admin: Client, address: str) -> None:
    answer = admin.post(address, {"name": "SIEM"}, follow=True)

    page = answer.content.decode()
    assert "The stream SIEM was removed." in page
    assert "Not set up" in page
    assert not Stream.objects.exists()


def test_another_name_leaves_it_where_it_is(admin: Client, address: str) -> None:
    answer = admin.post(address, {"name": "Blue"})

    assert answer.status_code == 422
    assert "Not removed." in answer.content.decode()
    assert Stream.objects.exists()


def test_a_stream_that_is_on_has_to_be_switched_off_first(admin: Client, address: str) -> None:
    admin.post(PAGE, {"enabled": "on"})

    assert "Switch it off and save, then remove it." in admin.get(address).content.decode()
    assert admin.post(address, {"name": "SIEM"}).status_code == 422
    assert Stream.objects.exists()


@pytest.mark.usefixtures("acme")
def test_other_people_find_nothing_to_remove(
    client: Client, address: str, aud: Person, gus: Person, globex: Tenant
) -> None:
    client.force_login(aud)
    assert client.post(address, {"name": "SIEM"}).status_code == 403

    client.force_login(gus)
    assert client.post(address, {"name": "SIEM"}).status_code == 404
    assert client.post(address.replace("acme", globex.slug), {"name": "SIEM"}).status_code == 404
    assert Stream.objects.exists()
