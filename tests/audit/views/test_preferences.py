from __future__ import annotations

import pytest
from django.test import Client

from audit.models import Person
from tests.audit.views.reading import LOG

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
    "form", [{"theme": "pink"}, {"time_zone": "Mars/Olympus"}, {"time_zone": "../etc/passwd"}]
)
def test_what_is_not_known_is_refused_in_words(client: Client, ana: Person, form: dict[str, str]) -> None:
    client.force_login(ana)

    response = client.post(SAVE, {**form, "next": LOG})

    assert not set(form) & set(response.cookies)
    assert "Nothing was changed." in client.get(LOG).content.decode()


@pytest.mark.parametrize(
    "away", ["https://evil.example/", "//evil.example", "javascript:alert(1)", "\\\\evil.example", ""]
)
def test_the_way_back_stays_on_this_site(client: Client, away: str) -> None:
    assert client.post(SAVE, {"theme": "dark", "next": away})["Location"] == "/audit-log/"


def test_no_link_can_change_a_preference(client: Client) -> None:
    assert client.get(SAVE, {"theme": "dark"}).status_code == 405
