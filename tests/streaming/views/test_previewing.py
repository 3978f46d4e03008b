from __future__ import annotations

import json

import pytest
from django.test import Client

from audit.models import AuditEntry, Tenant
from streaming.models import Stream
from tests.entries import make_entry
from tests.streaming.views.conftest import PAGE, VALUES

HTMX = {"HX-Request": "true"}


@pytest.fixture
def two_entries(acme: Tenant) -> None:
    """Of now, so that they lie in the last days."""
    for by in ("ana@acme.example", "bob@acme.example"):
        make_entry(acme, by=by, at=acme.created_at)


@pytest.mark.usefixtures("two_entries")
def test_the_button_shows_what_would_have_gone_and_saves_nothing(admin: Client) -> None:
    answer = admin.post(f"{PAGE}preview/", {**VALUES, "entry_filter": "by:bob@acme.example"}, headers=HTMX)

    page = answer.content.decode()
    assert "1 of 2 entries of the last 7 days would have gone." in page
    assert "POST https://splunk.acme.example:8088/services/collector/event" in page.replace(
        "<bdi>", ""
    ).replace("</bdi>", "")
    assert "canary" not in page
    assert "<html" not in page
    assert not Stream.objects.exists()


@pytest.mark.usefixtures("two_entries")
def test_without_javascript_it_stands_in_the_whole_page_with_what_was_typed(admin: Client) -> None:
    answer = admin.post(f"{PAGE}preview/", {**VALUES, "entry_filter": "by:bob@acme.example"})

    page = answer.content.decode()
    assert answer.status_code == 200
    assert "1 of 2 entries" in page
    assert 'value="by:bob@acme.example"' in page
    assert "canary" not in page


@pytest.mark.usefixtures("two_entries")
def test_the_exact_bytes_come_as_a_file(admin: Client, acme: Tenant) -> None:
    answer = admin.post(
        f"{PAGE}preview/",
        {**VALUES, "destination_kind": "http_bearer", "url": "https://siem.acme.example", "bytes": "1"},
    )

    bodies = [bytes(entry.body) for entry in AuditEntry.objects.of(acme).order_by("sequence")]
    assert answer.content == b"[" + b",".join(bodies) + b"]"
    assert (answer["Content-Type"], answer["X-Content-Type-Options"]) == (
        "application/octet-stream",
        "nosniff",
    )
    assert "attachment" in answer["Content-Disposition"]


@pytest.mark.parametrize(("headers", "status"), [(HTMX, 200), ({}, 422)])
def test_a_filter_that_cannot_be_used_says_why_and_which_keys_there_are(
    admin: Client, headers: dict[str, str], status: int
) -> None:
    answer = admin.post(f"{PAGE}preview/", {**VALUES, "entry_filter": "acton:x"}, headers=headers)

    assert answer.status_code == status
    assert "“acton” is no filter. Did you mean “action:”?" in answer.content.decode()


def test_a_reloaded_preview_leads_back_to_the_form(admin: Client) -> None:
    assert admin.get(f"{PAGE}preview/")["Location"] == PAGE


def test_a_new_streams_values_are_previewed_as_they_would_be_sent(admin: Client, acme: Tenant) -> None:
    make_entry(acme, at=acme.created_at)
    values = {
        **VALUES,
        "destination_kind": "http_bearer",
        "url": "https://siem.acme.example",
        "framing": "ndjson",
    }

    answer = admin.post(f"{PAGE}streams/new/preview/", {**values, "name": "Blue", "bytes": "1"})

    assert json.loads(answer.content)["sequence"] == 1
