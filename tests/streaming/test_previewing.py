from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from audit import queries
from audit.models import AuditEntry, Tenant
from streaming.checking import Settings, SettingsRefused
from streaming.encryption import Secret
from streaming.models import Stream
from streaming.previewing import Preview, preview
from tests.entries import NOON, make_entry
from tests.streams import MakeStream

TOKEN = "canary-11111111"
SPLUNK = Settings(
    enabled=True, destination_kind="splunk_hec", url="https://splunk.acme.example:8088", token=Secret(TOKEN)
)
HTTP = replace(SPLUNK, destination_kind="http_bearer", url="https://siem.acme.example/in")


def shown(tenant: Tenant, settings: Settings, stream: Stream | None = None) -> Preview:
    return preview(tenant=tenant, settings=settings, stream=stream, now=NOON)


def test_the_last_five_are_the_bytes_that_the_destination_would_get(acme: Tenant) -> None:
    for _ in range(7):
        make_entry(acme)

    found = shown(acme, HTTP)

    [request] = found.requests
    bodies = [bytes(entry.body) for entry in AuditEntry.objects.of(acme).order_by("sequence")[2:]]
    assert request.body == b"[" + b",".join(bodies) + b"]" == found.body
    assert (found.entries, found.is_sample) == (5, False)
    assert found.sentence == "All entries of the last 7 days would have gone: 7."


def test_a_filter_is_counted_and_applied(acme: Tenant) -> None:
    make_entry(acme)
    make_entry(acme, by="bob@acme.example")
    make_entry(acme, at=NOON - timedelta(days=8), by="bob@acme.example")

    found = shown(acme, replace(SPLUNK, entry_filter="by=bob%40acme.example"))

    assert found.sentence == "1 of 2 entries of the last 7 days would have gone."
    assert json.loads(found.body)["event"]["sequence"] == 2


def test_a_count_that_stops_says_more_than(acme: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "COUNTED", 2)
    for _ in range(3):
        make_entry(acme)

    found = shown(acme, replace(HTTP, entry_filter="by=ana%40acme.example"))

    assert found.sentence == "More than 2 of more than 2 entries of the last 7 days would have gone."


def test_what_could_not_be_counted_is_no_number(acme: Tenant) -> None:
    make_entry(acme)
    found = shown(acme, replace(HTTP, entry_filter="by=ana%40acme.example"))

    slow = replace(found, taken=queries.Total(None))

    assert slow.sentence.endswith("would have gone could not be counted within a second.")


@pytest.mark.parametrize("kind", ["splunk_hec", "http_bearer", "elasticsearch"])
def test_no_token_stands_in_a_preview_but_the_form_of_its_header(acme: Tenant, kind: str) -> None:
    make_entry(acme)

    found = shown(acme, replace(HTTP, destination_kind=kind))

    assert TOKEN not in repr(found)
    headers = dict(found.requests[0].headers)
    assert headers["Authorization"].endswith(" ••••••••")
    assert headers["Content-Type"]


def test_without_a_token_yet_there_is_a_preview(acme: Tenant) -> None:
    found = shown(acme, replace(HTTP, token=None))

    assert dict(found.requests[0].headers)["Authorization"] == "Bearer ••••••••"


def test_a_saved_token_is_not_shown_either(acme: Tenant, make_stream: MakeStream) -> None:
    stream = make_stream(token=Secret(TOKEN))
    settings = replace(HTTP, url=stream.url, token=None)

    assert TOKEN not in repr(shown(acme, settings, stream))


def test_where_nothing_would_go_a_marked_entry_shows_the_form(acme: Tenant) -> None:
    make_entry(acme)

    found = shown(acme, replace(HTTP, entry_filter="by=nobody"))

    assert found.sentence == "0 of 1 entries of the last 7 days would have gone."
    assert (found.is_sample, found.entries) == (True, 0)
    assert json.loads(found.body)[0]["test"] is True


def test_documents_are_indented_and_operations_stay_on_their_line(acme: Tenant) -> None:
    make_entry(acme)

    lines = shown(acme, replace(HTTP, destination_kind="elasticsearch")).requests[0].lines

    assert lines[0].startswith('{"create":')
    assert lines[1] == "{"
    assert json.loads("".join(lines[1:]))["@timestamp"]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"url": ""}, "url"),
        ({"destination_kind": "pigeon"}, "destination_kind"),
        ({"entry_filter": "action=gone.event"}, "entry_filter"),
        ({"framing": "csv"}, "framing"),
        ({"token": Secret("two words")}, "token"),
    ],
)
def test_what_cannot_be_shown_is_refused_beside_its_field(
    acme: Tenant, change: dict[str, object], field: str
) -> None:
    with pytest.raises(SettingsRefused) as refusal:
        shown(acme, replace(HTTP, **change))  # type: ignore[arg-type]

    assert list(refusal.value.errors) == [field]


def test_another_tenants_entries_are_not_shown(acme: Tenant, globex: Tenant) -> None:
    make_entry(globex)

    found = shown(acme, HTTP)

    assert (found.is_sample, found.sentence) == (True, "No entry of the last 7 days is in the log.")


def test_a_long_body_is_cut_on_the_page_and_whole_in_the_file(acme: Tenant) -> None:
    make_entry(acme, parameters={"workflow_name": "x" * 30_000})

    found = shown(acme, HTTP)

    assert found.requests[0].exact.endswith("can be downloaded)")
    assert len(found.requests[0].exact) < 21_000
    assert len(found.body) > 30_000
