"""A filter from the settings to the destination: what arrives, what is counted, and what another filter changes."""

from __future__ import annotations

from datetime import UTC, datetime

from audit.models import Tenant
from auditsite.demo.intake import Intake
from streaming.configuring import Settings, add_stream, save_settings
from streaming.encryption import Secret
from streaming.health import health_of
from streaming.models import State, Stream
from tests.entries import make_entry
from tests.streams import ANA, MakeStream, deliver_all, make_due


def arrived(loopback: Intake, kind: str) -> list[int]:
    return [one.entry["sequence"] for one in loopback.received(kind)]


def adds_up(stream: Stream) -> bool:
    health = health_of(stream, now=datetime.now(UTC))
    return health.recorded == health.not_streamed + health.delivered + health.waiting + health.set_aside


def change(stream: Stream, entry_filter: str) -> None:
    settings = Settings(
        enabled=True, destination_kind=stream.destination_kind, url=stream.url, entry_filter=entry_filter
    )
    save_settings(
        tenant=stream.tenant, settings=settings, change=ANA, now=datetime.now(UTC), stream_id=stream.pk
    )


def test_only_what_matches_arrives_and_all_is_counted(
    acme: Tenant, make_stream: MakeStream, loopback: Intake
) -> None:
    for by in ("kim@acme.example", "lee@acme.example", "kim@acme.example"):
        make_entry(acme, by=by)
    stream = make_stream(entry_filter="by=kim%40acme.example")

    cursor = deliver_all(stream)

    assert arrived(loopback, "http_bearer") == [1, 3]
    assert (cursor.place, cursor.delivered, cursor.not_matching) == (4, 2, 2)
    assert adds_up(stream)


def test_another_filter_counts_for_what_is_still_to_be_sent(
    acme: Tenant, make_stream: MakeStream, loopback: Intake
) -> None:
    make_entry(acme, by="lee@acme.example")
    stream = make_stream(entry_filter="by=kim%40acme.example")
    deliver_all(stream)

    change(stream, "by=lee%40acme.example")
    make_entry(acme, by="lee@acme.example")
    make_entry(acme, by="kim@acme.example")
    deliver_all(stream)

    assert arrived(loopback, "http_bearer") == [4]
    assert adds_up(stream)


def test_two_streams_deliver_each_its_own_part(
    acme: Tenant, make_stream: MakeStream, loopback: Intake
) -> None:
    first = make_stream(entry_filter="by=kim%40acme.example")
    settings = Settings(
        enabled=True,
        name="Splunk",
        destination_kind="splunk_hec",
        url=loopback.url("splunk_hec"),
        token=Secret(loopback.token("splunk_hec")),
        entry_filter="not.by=kim%40acme.example",
    )
    second = add_stream(tenant=acme, settings=settings, change=ANA, now=datetime.now(UTC))
    for by in ("kim@acme.example", "lee@acme.example"):
        make_entry(acme, by=by)

    deliver_all(first)
    deliver_all(second)

    assert arrived(loopback, "http_bearer") == [3]
    assert arrived(loopback, "splunk_hec") == [2, 4]
    assert adds_up(first)
    assert adds_up(second)


def test_a_filter_that_is_no_longer_valid_holds_the_stream_until_it_is_mended(
    make_stream: MakeStream, loopback: Intake
) -> None:
    stream = make_stream()
    Stream.objects.filter(pk=stream.pk).update(entry_filter="action=gone.event")

    held = deliver_all(stream)
    assert held.state == State.HELD_FOR_SETTINGS
    assert "“gone.event” is no event's code" in held.last_error
    assert arrived(loopback, "http_bearer") == []

    change(stream, "")
    make_due(stream)
    deliver_all(stream)

    assert arrived(loopback, "http_bearer")[:2] == [1, 2]
    assert adds_up(stream)
