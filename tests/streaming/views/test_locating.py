from __future__ import annotations

import pytest
from django.test import Client

from audit.models import Person
from streaming import locating
from streaming.models import Stream
from tests.streaming.views.conftest import PAGE, VALUES


@pytest.fixture(autouse=True)
def name_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(locating, "system_resolver", lambda _: ["93.184.216.34"])


def test_the_address_is_shown_while_it_is_entered_and_nothing_is_kept(admin: Client) -> None:
    answer = admin.post(
        f"{PAGE}address/", {"destination_kind": "splunk_hec", "url": "https://s.acme.example"}
    )

    page = answer.content.decode()
    assert (
        "Entries are sent to <code><bdi>https://s.acme.example/services/collector/event</bdi></code>" in page
    )
    assert "93.184.216.34" in page
    assert "<html" not in page
    assert not Stream.objects.exists()


def test_what_is_half_entered_says_nothing(admin: Client) -> None:
    answer = admin.post(f"{PAGE}streams/new/address/", {"destination_kind": "splunk_hec", "url": "https:/"})

    assert answer.content.decode().strip() == ""


def test_after_saving_it_is_shown_without_javascript_too(admin: Client) -> None:
    assert "93.184.216.34" in admin.post(PAGE, VALUES, follow=True).content.decode()
    page = admin.get(PAGE).content.decode()
    assert "93.184.216.34" not in page
    assert 'hx-trigger="load, input' in page


def test_only_url_and_type_go_along(admin: Client) -> None:
    assert 'hx-params="url,destination_kind,csrfmiddlewaretoken"' in admin.get(PAGE).content.decode()


def test_reloaded_the_address_leads_to_the_settings(admin: Client) -> None:
    assert admin.get(f"{PAGE}address/").headers["Location"] == PAGE


def test_an_auditor_asks_in_vain(client: Client, aud: Person) -> None:
    client.force_login(aud)

    assert client.post(f"{PAGE}address/", {"url": "https://s.acme.example"}).status_code == 403
