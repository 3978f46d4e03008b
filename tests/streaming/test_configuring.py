from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from audit.models import AuditEntry, LogHead, Tenant
from auditsite.demo.intake import Intake
from streaming import configuring
from streaming.configuring import DATE, NOW, Settings, SettingsRefused, add_stream, save_settings
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

    stream = save(acme, replace(SPLUNK, catch_up=NOW))

    cursor = Cursor.objects.get(pk=stream.pk)
    assert (cursor.place, cursor.left_out, cursor.delivered) == (3, 3, 0)
    assert told(acme)[4:] == [("audit_log_streaming_settings_updated", ["token"])]


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


def test_further_streams_have_their_own_names_filters_and_cursors(acme: Tenant) -> None:
    first = save(acme, SPLUNK)
    wanted = replace(SPLUNK, name="Red team", entry_filter="by=ana%40acme.example")

    second = add_stream(tenant=acme, settings=wanted, change=ANA, now=MOMENT)

    assert [stream.name for stream in acme.streams.order_by("created_at")] == ["SIEM", "Red team"]
    assert (first.entry_filter, second.entry_filter) == ("", "by=ana%40acme.example")
    assert second.cursor.pk != first.cursor.pk
    assert told(acme)[-1] == ("audit_log_streaming_enabled", None)


def test_a_name_is_taken_once_in_a_tenant(acme: Tenant, globex: Tenant) -> None:
    save(acme, SPLUNK)

    with pytest.raises(SettingsRefused) as refusal:
        add_stream(tenant=acme, settings=replace(SPLUNK, name="siem"), change=ANA, now=MOMENT)

    assert refusal.value.errors == {"name": "Another stream has this name. Enter a different one."}
    assert (
        add_stream(tenant=globex, settings=replace(SPLUNK, name="siem"), change=ANA, now=MOMENT).name
        == "siem"
    )


def test_a_tenant_has_not_more_streams_than_the_sweep_should_look_at(
    acme: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(configuring, "MOST_STREAMS", 1)
    save(acme, SPLUNK)

    with pytest.raises(SettingsRefused, match=r"at most 1 streams. Remove one first"):
        add_stream(tenant=acme, settings=replace(SPLUNK, name="two"), change=ANA, now=MOMENT)


@pytest.mark.parametrize("enabled", [True, False])
def test_a_new_name_is_told_with_the_old_one_and_disturbs_nothing(acme: Tenant, enabled: bool) -> None:
    stream = save(acme, SPLUNK)
    if not enabled:
        save(acme, Settings(enabled=False))
    settings = replace(SPLUNK, enabled=enabled, token=None, name="Blue")

    save_settings(tenant=acme, settings=settings, change=ANA, now=MOMENT, stream_id=stream.pk)

    after = Stream.objects.get(pk=stream.pk)
    assert (after.name, after.enabled, after.config_version) == ("Blue", enabled, stream.config_version)
    entry = AuditEntry.objects.of(acme).order_by("-sequence")[0]
    assert (entry.parameters["changed"], entry.details) == (["name"], "“SIEM” is called “Blue” now.")


def test_another_filter_keeps_the_place_and_counts_from_then_on(acme: Tenant) -> None:
    stream = save(acme, SPLUNK)
    Cursor.objects.filter(pk=stream.pk).update(place=1, delivered=1, window_end=9, batch_limit=3)

    save(acme, replace(SPLUNK, token=None, entry_filter="by=ana%40acme.example"))

    cursor = Cursor.objects.get(pk=stream.pk)
    assert (cursor.place, cursor.delivered, cursor.window_end, cursor.batch_limit) == (1, 1, None, None)
    assert Stream.objects.get(pk=stream.pk).config_version == stream.config_version + 1
    assert told(acme)[-1] == ("audit_log_streaming_settings_updated", ["entry_filter"])


def test_a_signing_secret_is_kept_encrypted_told_by_its_name_and_taken_away(acme: Tenant) -> None:
    http = replace(SPLUNK, destination_kind="http_bearer", url="https://siem.acme.example/in")
    secret = "whsec_" + "Y2FuYXJ5" * 4
    save(acme, replace(http, signing_secret=Secret(secret), framing="ndjson", payload_format="ocsf"))

    stream = save(acme, replace(http, token=None, signing_secret=Secret(secret)))
    assert secret.encode() not in bytes(stream.signing_secret_encrypted or b"")
    assert (stream.framing, stream.payload_format) == ("ndjson", "ocsf")
    assert told(acme)[-1][1] == ["signing_secret"]

    assert save(acme, replace(http, token=None, signing_secret=Secret(""))).signing_secret_encrypted is None
    assert not [e for e in AuditEntry.objects.of(acme) if b"Y2FuYXJ5" in bytes(e.body)]


def test_settings_that_are_saved_before_the_switch_are_told_too(acme: Tenant) -> None:
    save(acme, replace(SPLUNK, enabled=None))

    assert told(acme) == [("audit_log_streaming_settings_updated", ["destination_kind", "url", "token"])]


def test_a_stream_that_was_removed_meanwhile_is_not_made_again(acme: Tenant) -> None:
    with pytest.raises(SettingsRefused, match="removed meanwhile"):
        save_settings(tenant=acme, settings=SPLUNK, change=ANA, now=MOMENT, stream_id=uuid4())

    assert not Stream.objects.exists()


@pytest.mark.parametrize(
    "trouble", [{"state": "retrying", "failures": 7}, {"warning": "x", "ack_timeouts": 2}]
)
def test_saving_what_is_in_trouble_tries_again_at_once_although_nothing_was_changed(
    acme: Tenant, trouble: dict[str, object]
) -> None:
    stream = save(acme, SPLUNK)
    Cursor.objects.update(next_attempt_at=datetime.now(UTC) + timedelta(hours=1), **trouble)

    save(acme, replace(SPLUNK, token=None))

    cursor = Cursor.objects.get(pk=stream.pk)
    assert (cursor.next_attempt_at, cursor.failures, cursor.ack_timeouts, cursor.warning) == (None, 0, 0, "")
    assert len(told(acme)) == 1


def test_saving_what_is_well_and_unchanged_disturbs_nobody(acme: Tenant) -> None:
    stream = save(acme, SPLUNK)
    before = Cursor.objects.get(pk=stream.pk).lease_epoch

    save(acme, replace(SPLUNK, token=None))

    assert Cursor.objects.get(pk=stream.pk).lease_epoch == before
