from __future__ import annotations

from typing import Any

import pytest
from auditsite_client.django.configured import client_for, configured, key_for, options
from django.core.exceptions import ImproperlyConfigured
from pytest_django import Settings

from tests.clients.python.server import Server


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({}, "needs KEY, URL"),
        ({"URL": "https://audit.example"}, "needs KEY"),
        ({"URL": "https://audit.example", "KEY": "k", "Queue": "x"}, "knows no Queue; known are ACTOR, KEY"),
    ],
)
def test_settings_that_will_not_do_say_what_is_wrong(
    settings: Settings, given: dict[str, Any], words: str
) -> None:
    settings.AUDITSITE_CLIENT = given

    with pytest.raises(ImproperlyConfigured, match=words):
        configured()


def test_a_key_is_text_or_found_by_tenant(settings: Settings) -> None:
    settings.AUDITSITE_CLIENT = {"URL": "https://audit.example", "KEY": "alk_1", "OPTIONS": {"timeout": 3}}
    assert (key_for("acme"), options().timeout) == ("alk_1", 3)

    settings.AUDITSITE_CLIENT = {"URL": "https://audit.example", "KEY": "alk_{}".format}
    key = key_for("acme")
    assert callable(key)
    assert key() == "alk_acme"


def test_a_client_is_kept_and_needs_a_folder(producer: Server, settings: Settings) -> None:
    assert producer.url == settings.AUDITSITE_CLIENT["URL"]
    assert client_for("acme") is client_for("acme")
    with pytest.raises(ValueError, match="no tenant's slug"):
        client_for("../acme")

    settings.AUDITSITE_CLIENT = {"URL": "https://audit.example", "KEY": "alk_1"}

    with pytest.raises(ImproperlyConfigured, match="needs QUEUE"):
        client_for("acme")
