from __future__ import annotations

from dataclasses import replace

import pytest

from streaming.checking import Settings, SettingsRefused, check, kind_of, wrong_format, wrong_name, wrong_url
from streaming.destination import destination
from streaming.encryption import Secret

HTTP = Settings(
    enabled=True,
    destination_kind="http_bearer",
    url=" https://siem.acme.example/in ",
    token=Secret(" canary "),
)


def refused(settings: Settings) -> dict[str, str]:
    with pytest.raises(SettingsRefused) as refusal:
        check(settings, stream=None)
    return refusal.value.errors


def test_what_was_pasted_along_is_taken_away() -> None:
    checked = check(replace(HTTP, name="  Red team  "), stream=None)

    assert (checked.url, checked.token, checked.name) == (
        "https://siem.acme.example/in",
        Secret("canary"),
        "Red team",
    )


def test_every_field_that_needs_attention_is_named_at_once() -> None:
    errors = refused(replace(HTTP, url="", token=None, name=" ", payload_format="xml", framing="csv"))

    assert set(errors) == {"url", "token", "name", "payload_format", "framing"}
    assert "native, ecs, ocsf" in errors["payload_format"]


def test_a_kind_that_does_not_exist_is_refused() -> None:
    with pytest.raises(SettingsRefused, match="Choose a destination type"):
        kind_of(replace(HTTP, destination_kind="carrier_pigeon"))


@pytest.mark.parametrize(
    ("name", "words"),
    [("", "Enter a name"), ("x" * 101, "at most 100"), ("two\nlines", "all of them visible")],
)
def test_a_name_that_cannot_be_used_says_why(name: str, words: str) -> None:
    assert words in wrong_name(name)["name"]


def test_what_is_not_asked_for_is_not_wrong() -> None:
    assert wrong_name(None) == {}
    assert wrong_format(HTTP) == {}
    assert wrong_url(destination("http_bearer"), "https://siem.acme.example") == {}
