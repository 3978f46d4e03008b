from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from audit.models import AuditEntry, LogHead, Tenant
from auditsite.demo.intake import Intake
from streaming.configuring import DATE, NOW, Settings, SettingsRefused, save_settings
from streaming.encryption import Secret, TokenUnreadable
from streaming.models import Cursor, State, Stream
from streaming.tokens import token_of
from tests.entries import make_entry
from tests.streams import ANA, MakeStream, deliver_all

MOMENT = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
SPLUNK = Settings(
    enabled=True,
    destination_kind="splunk_hec",
    url="https://splunk.acme.example:8088",
    token=Secret("11111111-2222-3333-4444-555555555555"),
)


def save(tenant: Tenant, settings: Settings) -> Stream:
    return save_settings(tenant=tenant, settings=settings, change=ANA, now=MOMENT)


def refused(tenant: Tenant, settings: Settings) -> dict[str, str]:
    with pytest.raises(SettingsRefused) as refusal:
        save(tenant, settings)
    return refusal.value.errors


def told(tenant: Tenant) -> list[tuple[str, object]]:
    entries = AuditEntry.objects.of(tenant).order_by("sequence")
    return [(entry.event.rpartition(".")[2], entry.parameters.get("changed")) for entry in entries]


def test_the_first_enabling_starts_at_the_present_and_sends_the_entry_that_tells_of_it(acme: Tenant) -> None:
    make_entry(acme)
    make_entry(acme)

    stream = save(acme, SPLUNK)

    assert (stream.cursor.place, stream.cursor.started_after) == (2, 2)
    assert told(acme)[2:] == [("audit_log_streaming_enabled", None)]


def test_the_first_enabling_can_start_at_a_date(acme: Tenant) -> None:
    for day in range(5):
        make_entry(acme, at=MOMENT - timedelta(days=5 - day))

    stream = save(acme, replace(SPLUNK, start_from=DATE, start_date=MOMENT - timedelta(days=2, hours=1)))

    assert stream.cursor.place == 3


def test_enabling_again_goes_on_where_delivery_stopped(acme: Tenant) -> None:
    save(acme, SPLUNK)
    save(acme, Settings(enabled=False))
    make_entry(acme)

    stream = save(acme, replace(SPLUNK, token=None))

    assert Cursor.objects.get(pk=stream.pk).place == 0


def test_enabling_again_from_now_leaves_out_what_waits_and_counts_it(acme: Tenant) -> None:
    save(acme, SPLUNK)
    save(acme, Settings(enabled=False))
    make_entry(acme)

    stream = save(acme, replace(SPLUNK, token=None, catch_up=NOW))

    cursor = Cursor.objects.get(pk=stream.pk)
    assert (cursor.place, cursor.left_out, cursor.delivered) == (3, 3, 0)


def test_switching_off_keeps_everything_else_as_it_was(acme: Tenant) -> None:
    save(acme, SPLUNK)

    save(acme, Settings(enabled=False, destination_kind="elasticsearch", url="https://evil.example"))

    stream = Stream.objects.get(tenant=acme)
    assert (stream.enabled, stream.destination_kind, stream.url) == (False, "splunk_hec", SPLUNK.url)
    assert told(acme)[-1] == ("audit_log_streaming_disabled", None)


def test_a_change_names_the_fields_and_never_a_value(acme: Tenant) -> None:
    save(acme, SPLUNK)

    save(acme, replace(SPLUNK, url="https://other.acme.example:8088", token=Secret("canary-token-value")))

    assert told(acme)[-1] == ("audit_log_streaming_settings_updated", ["url", "token"])
    assert not [e for e in AuditEntry.objects.of(acme) if b"canary-token" in bytes(e.body)]


@pytest.mark.parametrize(
    "change",
    [
        {"url": "https://other.acme.example:8088"},
        {"url": "https://splunk.acme.example:9999"},
        {"destination_kind": "http_bearer"},
        {"url": "https://splunk.acme.example:8088\\@other.example"},
    ],
)
def test_another_host_port_or_type_asks_for_the_token_again(acme: Tenant, change: dict[str, str]) -> None:
    save(acme, SPLUNK)

    errors = refused(acme, replace(SPLUNK, token=None, **change))  # type: ignore[arg-type]

    assert "again" in errors.get("token", "") or "url" in errors
    assert Stream.objects.get(tenant=acme).url == SPLUNK.url


def test_another_path_on_the_same_host_keeps_the_token(acme: Tenant) -> None:
    save(acme, SPLUNK)

    stream = save(
        acme, replace(SPLUNK, token=None, url="https://splunk.acme.example:8088/services/collector")
    )

    assert token_of(stream) == SPLUNK.token


@pytest.mark.parametrize(
    ("change", "field", "words"),
    [
        ({"url": ""}, "url", "Enter a URL"),
        ({"url": "http://splunk.acme.example"}, "url", "https://"),
        ({"url": "https://10.0.4.12"}, "url", "private"),
        ({"url": "https://169.254.169.254/latest"}, "url", "private"),
        ({"destination_kind": "carrier_pigeon"}, "destination_kind", "Choose a destination type"),
        ({"token": None}, "token", "Enter a token"),
        ({"token": Secret("with\r\nbreak")}, "token", "line break"),
    ],
)
def test_what_cannot_work_is_refused_beside_its_field(
    acme: Tenant, change: dict[str, object], field: str, words: str
) -> None:
    errors = refused(acme, replace(SPLUNK, **change))  # type: ignore[arg-type]

    assert words in errors[field]
    assert not Stream.objects.filter(tenant=acme).exists()
    assert told(acme) == []


def test_the_token_is_stored_encrypted_and_bound_to_its_row(acme: Tenant, globex: Tenant) -> None:
    stream = save(acme, SPLUNK)
    other = save(globex, SPLUNK)

    assert SPLUNK.token is not None
    assert SPLUNK.token.reveal().encode() not in bytes(
        Stream.objects.get(pk=stream.pk).token_encrypted or b""
    )
    Stream.objects.filter(pk=other.pk).update(token_encrypted=stream.token_encrypted)
    with pytest.raises(TokenUnreadable):
        token_of(Stream.objects.get(pk=other.pk))


def test_new_settings_are_tried_at_once(acme: Tenant, make_stream: MakeStream, loopback: Intake) -> None:
    stream = make_stream("http_bearer", token=Secret("not-the-token"))
    assert deliver_all(stream).state == State.HELD_FOR_CREDENTIALS

    make_stream("http_bearer", token=Secret(loopback.token("http_bearer")))

    cursor = Cursor.objects.get(pk=stream.pk)
    assert (cursor.next_attempt_at, cursor.failures) == (None, 0)
    deliver_all(stream)
    assert deliver_all(stream).place == LogHead.objects.get(tenant=acme).last_sequence


def test_a_query_that_may_hold_a_secret_is_not_recorded(acme: Tenant) -> None:
    url = "https://collector.acme.example/ingest?apikey=canary"

    save(acme, replace(SPLUNK, destination_kind="http_bearer", url=url))

    bodies = [json.loads(bytes(entry.body)) for entry in AuditEntry.objects.of(acme)]
    assert [body["parameters"]["url"] for body in bodies] == ["https://collector.acme.example/ingest"]
