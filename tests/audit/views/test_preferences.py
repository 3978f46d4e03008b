from __future__ import annotations

import pytest
from django.test import Client

from audit.models import Person, Tenant
from tests.audit.views.reading import LOG, read
from tests.entries import make_entry

SAVE = "/preferences/"


def test_theme_and_zone_are_kept_in_the_browser(client: Client, ana: Person) -> None:
    client.force_login(ana)

    response = client.post(SAVE, {"theme": "dark", "next": f"{LOG}?q=x"})
    client.post(SAVE, {"time_zone": "Asia/Tokyo"})

    assert response["Location"] == f"{LOG}?q=x"
    page = client.get(LOG).content.decode()
    assert 'data-bs-theme="dark"' in page
    assert 'value="Asia/Tokyo"' in page


@pytest.mark.parametrize(
    "form",
    [
        {"theme": "pink"},
        {"time_zone": "Mars/Olympus"},
        {"time_zone": "../etc/passwd"},
        {"time_zone": " "},
        {"clock": "sundial"},
        {"keys": "some"},
    ],
)
def test_what_is_not_known_is_refused_in_words(client: Client, ana: Person, form: dict[str, str]) -> None:
    client.force_login(ana)

    response = client.post(SAVE, {**form, "next": LOG})

    assert not set(form) & set(response.cookies)
    assert "Nothing was changed." in client.get(LOG).content.decode()


def test_times_switch_between_the_persons_zone_and_utc(client: Client, ana: Person, acme: Tenant) -> None:
    make_entry(acme)
    client.force_login(ana)
    client.post(SAVE, {"time_zone": "Asia/Tokyo"})

    client.post(SAVE, {"clock": "utc"})

    page = read(client)
    assert "12:00:00 UTC" in page.rows[0][6]
    assert 'value="Asia/Tokyo"' in page.html
    client.post(SAVE, {"clock": "mine"})
    assert "21:00:00 JST" in read(client).rows[0][6]
    client.post(SAVE, {"clock": "utc"})
    client.post(SAVE, {"time_zone": "Europe/Madrid"})
    assert "13:00:00 CET" in read(client).rows[0][6]


def test_keys_are_turned_off_and_on_again(client: Client, ana: Person) -> None:
    client.force_login(ana)

    assert 'data-keys="on"' in read(client).html
    client.post(SAVE, {"keys": "off"})
    assert 'data-keys="off"' in read(client).html
    client.post(SAVE, {"keys": "on"})
    assert 'data-keys="on"' in read(client).html


@pytest.mark.parametrize(
    "away", ["https://evil.example/", "//evil.example", "javascript:alert(1)", "\\\\evil.example", ""]
)
def test_the_way_back_stays_on_this_site(client: Client, away: str) -> None:
    assert client.post(SAVE, {"theme": "dark", "next": away})["Location"] == "/audit-log/"


def test_no_link_can_change_a_preference(client: Client) -> None:
    assert client.get(SAVE, {"theme": "dark"}).status_code == 405
