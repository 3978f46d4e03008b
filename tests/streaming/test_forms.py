from __future__ import annotations

from datetime import UTC, datetime

import pytest

from audit.models import Tenant
from streaming.configuring import BEGINNING, DATE, NOW, RESUME
from streaming.forms import SettingsForm, destination_choices
from streaming.models import Stream
from tests.streams import MakeStream

ACME = Tenant(slug="acme", name="Acme")
FILLED = {
    "enabled": "on",
    "destination_kind": "splunk_hec",
    "url": "https://splunk.acme.example:8088",
    "token": "canary",
    "start_from": "beginning",
}


def first(**changes: str) -> SettingsForm:
    """The form of a tenant that never saved anything."""
    return SettingsForm({**FILLED, **changes}, tenant=ACME, stream=None)


@pytest.fixture
def stopped(make_stream: MakeStream) -> Stream:
    """A stream that ran and was switched off."""
    stream = make_stream(url="https://siem.acme.example/ingest")
    stream.enabled = False
    return stream


def test_the_choice_of_types_is_the_products() -> None:
    assert [label for _, label in destination_choices()] == [
        "Splunk HEC",
        "HTTP (Bearer Auth)",
        "Elasticsearch",
    ]


def test_the_values_become_settings() -> None:
    form = first()

    assert form.is_valid()
    settings = form.settings()
    assert (settings.enabled, settings.destination_kind, settings.url) == (True, "splunk_hec", FILLED["url"])
    assert (settings.start_from, settings.catch_up) == (BEGINNING, RESUME)
    assert settings.token is not None
    assert settings.token.reveal() == "canary"


@pytest.mark.parametrize("token", ["", "   "])
def test_an_empty_token_means_the_saved_one(token: str) -> None:
    form = first(token=token)

    assert form.is_valid()
    assert form.settings().token is None


def test_a_first_day_starts_at_midnight() -> None:
    form = first(start_from="date", start_date="2026-11-20")

    assert form.is_valid()
    assert form.settings().start_from == DATE
    assert form.settings().start_date == datetime(2026, 11, 20, tzinfo=UTC)


@pytest.mark.parametrize("day", ["", "soon"])
def test_a_first_day_that_is_no_day_gets_one_sentence(day: str) -> None:
    form = first(start_from="date", start_date=day)

    assert not form.is_valid()
    assert len(form.errors["start_date"]) == 1


def test_switched_off_nothing_else_counts() -> None:
    form = SettingsForm({"destination_kind": "nonsense", "start_date": "soon"}, tenant=ACME, stream=None)

    assert form.is_valid()
    assert form.settings().enabled is False


def test_what_an_inactive_form_could_not_send_is_kept(stopped: Stream) -> None:
    form = SettingsForm({"enabled": "on"}, tenant=stopped.tenant, stream=stopped)

    assert form.is_valid()
    assert (form.settings().destination_kind, form.settings().url) == (stopped.destination_kind, stopped.url)


def test_the_place_to_start_from_is_asked_once(stopped: Stream) -> None:
    assert "start_from" in SettingsForm(tenant=ACME, stream=None).fields
    assert "start_from" not in SettingsForm(tenant=stopped.tenant, stream=stopped).fields


def test_entries_that_wait_are_asked_about_only_when_switching_on_again(stopped: Stream) -> None:
    form = SettingsForm(
        {"enabled": "on", "catch_up": "now"}, tenant=stopped.tenant, stream=stopped, waiting=1_234
    )

    labels = [label for _, label in form.fields["catch_up"].choices]  # type: ignore[attr-defined] # a ChoiceField
    assert labels == [
        "Send the 1,234 entries that wait, in order, then go on",
        "Leave out the 1,234 entries that wait and start from now",
    ]
    assert form.is_valid()
    assert form.settings().catch_up == NOW
    assert "catch_up" not in SettingsForm(tenant=stopped.tenant, stream=stopped, waiting=0).fields
    stopped.enabled = True
    assert "catch_up" not in SettingsForm(tenant=stopped.tenant, stream=stopped, waiting=9).fields


def test_a_refusal_stands_beside_its_field_or_above_all() -> None:
    form = first()
    assert form.is_valid()

    form.refuse({"url": "Enter a URL.", "catch_up": "No such field here."})

    assert form.errors["url"] == ["Enter a URL."]
    assert form.non_field_errors() == ["No such field here."]
