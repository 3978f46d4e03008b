from __future__ import annotations

from datetime import UTC, datetime

import pytest

from audit.models import AuditEntry, LogHead, Tenant
from audit.recording import record_many
from auditsite.demo.intake import Intake
from auditsite.demo.intake.behaviour import Behaviour, busy, html_page
from streaming import leasing
from streaming.delivery import Run
from streaming.health import health_of
from streaming.models import Cursor, DeliveryAttempt, State, Stream
from tests.entries import draft
from tests.streams import MakeStream, deliver_all, deliver_once, make_due

KINDS = ["splunk_hec", "http_bearer", "elasticsearch"]
every_kind = pytest.mark.parametrize("kind", KINDS)


def record_entries(tenant: Tenant, count: int, *, details: str = "") -> None:
    now = datetime.now(UTC)
    record_many(tenant=tenant, drafts=[draft(details=details) for _ in range(count)], now=now)


def arrived(intake: Intake, kind: str) -> list[int | None]:
    return [arrival.sequence for arrival in intake.received(kind)]


def events_of(tenant: Tenant) -> list[str]:
    entries = AuditEntry.objects.of(tenant).order_by("sequence")
    return [event.rpartition(".")[2] for event in entries.values_list("event", flat=True)]


@every_kind
def test_all_entries_arrive_in_order(
    kind: str, acme: Tenant, make_stream: MakeStream, loopback: Intake
) -> None:
    record_entries(acme, 1_234)
    stream = make_stream(kind)

    cursor = deliver_all(stream)

    assert arrived(loopback, kind) == list(range(1, 1_236))
    assert loopback.duplicates(kind) == []
    assert (cursor.place, cursor.delivered, cursor.state) == (1_235, 1_235, State.HEALTHY)


@every_kind
def test_a_busy_destination_is_tried_again_with_the_same_entries(
    kind: str, acme: Tenant, make_stream: MakeStream, loopback: Intake
) -> None:
    record_entries(acme, 3)
    stream = make_stream(kind)
    loopback.behave(kind, busy(retry_after=7), times=1)

    deliver_once(stream)

    cursor = Cursor.objects.get(pk=stream.pk)
    assert (cursor.place, cursor.state, cursor.failures) == (0, State.RETRYING, 1)
    assert cursor.next_attempt_at is not None
    assert (cursor.next_attempt_at - datetime.now(UTC)).total_seconds() > 5
    make_due(stream)
    assert deliver_all(stream).state == State.HEALTHY
    assert arrived(loopback, kind) == [1, 2, 3, 4]


@every_kind
def test_a_refused_token_holds_the_stream_and_is_told_once(
    kind: str, acme: Tenant, make_stream: MakeStream, loopback: Intake
) -> None:
    stream = make_stream(kind)
    loopback.behave(kind, Behaviour(status=401, body="{}"), times=3)

    for _ in range(3):
        deliver_once(stream)
        make_due(stream)

    cursor = Cursor.objects.get(pk=stream.pk)
    assert (cursor.state, cursor.place) == (State.HELD_FOR_CREDENTIALS, 0)
    assert events_of(acme).count("audit_log_streaming_held") == 1

    deliver_all(stream)

    assert Cursor.objects.get(pk=stream.pk).state == State.HEALTHY
    assert events_of(acme)[-2:] == ["audit_log_streaming_held", "audit_log_streaming_recovered"]


@every_kind
def test_a_web_page_that_answers_200_delivers_nothing(
    kind: str, make_stream: MakeStream, loopback: Intake
) -> None:
    stream = make_stream(kind)
    loopback.behave(kind, html_page(), times=1)

    deliver_once(stream)

    cursor = Cursor.objects.get(pk=stream.pk)
    assert (cursor.delivered, cursor.state) == (0, State.HELD_FOR_SETTINGS)


@every_kind
def test_a_stream_held_for_credentials_stays_so_while_the_destination_is_merely_busy(
    kind: str, make_stream: MakeStream, loopback: Intake
) -> None:
    stream = make_stream(kind)
    loopback.behave(kind, Behaviour(status=401, body="{}"), times=1)
    loopback.behave(kind, busy(), times=1)

    deliver_once(stream)
    make_due(stream)
    deliver_once(stream)

    assert Cursor.objects.get(pk=stream.pk).state == State.HELD_FOR_CREDENTIALS


@every_kind
def test_a_batch_taken_without_an_answer_is_sent_again_rather_than_lost(
    kind: str, acme: Tenant, make_stream: MakeStream, loopback: Intake
) -> None:
    record_entries(acme, 3)
    stream = make_stream(kind)
    loopback.behave(kind, Behaviour(connection="take_then_drop"), times=1)

    deliver_once(stream)
    make_due(stream)
    cursor = deliver_all(stream)

    assert cursor.place == 4
    assert arrived(loopback, kind) == [1, 2, 3, 4]
    assert len(loopback.duplicates(kind)) in {0, 4}  # Elasticsearch names them itself, with 409


def test_a_batch_that_is_too_large_is_halved_at_once(
    acme: Tenant, make_stream: MakeStream, loopback: Intake
) -> None:
    record_entries(acme, 99)
    stream = make_stream("http_bearer")
    loopback.behave("http_bearer", Behaviour(status=413), times=2)

    deliver_all(stream)

    sizes = DeliveryAttempt.objects.order_by("pk").values_list("first_sequence", "last_sequence")
    assert [last - first + 1 for first, last in sizes][:3] == [100, 50, 25]
    assert arrived(loopback, "http_bearer") == list(range(1, 101))


def test_a_result_for_settings_that_were_changed_meanwhile_changes_nothing(make_stream: MakeStream) -> None:
    stream = make_stream("http_bearer")

    with Run(stream.pk, owner="slow") as run:
        attempt = run._attempt(
            Stream.objects.select_related("cursor", "tenant").get(pk=stream.pk), now=datetime.now(UTC)
        )
        Stream.objects.filter(pk=stream.pk).update(config_version=99)
        assert attempt is not None
        report = run._settled(attempt, now=datetime.now(UTC))

    assert report.delivered == 0
    assert Cursor.objects.get(pk=stream.pk).place == 0


def test_a_worker_that_wakes_after_its_lease_was_taken_moves_nothing(make_stream: MakeStream) -> None:
    stream = make_stream("http_bearer")

    with Run(stream.pk, owner="slow") as run:
        attempt = run._attempt(
            Stream.objects.select_related("cursor", "tenant").get(pk=stream.pk), now=datetime.now(UTC)
        )
        leasing.fence_off(stream.pk)
        assert attempt is not None
        run._settled(attempt, now=datetime.now(UTC))

    assert Cursor.objects.get(pk=stream.pk).place == 0


@pytest.mark.usefixtures("acme")
def test_a_missing_entry_holds_the_stream_instead_of_being_skipped(
    acme: Tenant, make_stream: MakeStream
) -> None:
    stream = make_stream("http_bearer")
    LogHead.objects.filter(tenant=acme).update(last_sequence=9)
    Cursor.objects.filter(pk=stream.pk).update(place=5, delivered=5)

    deliver_once(stream)

    cursor = Cursor.objects.get(pk=stream.pk)
    assert (cursor.state, cursor.last_error_code) == (State.HELD_FOR_SETTINGS, "entry_missing")
    assert "Entry 6 is not in the log" in cursor.last_error


@pytest.mark.parametrize("chaos", [None, busy(), Behaviour(status=401), Behaviour(connection="reset")])
def test_the_numbers_add_up_at_any_time(
    chaos: Behaviour | None, acme: Tenant, make_stream: MakeStream, loopback: Intake
) -> None:
    record_entries(acme, 250)
    stream = make_stream("http_bearer")
    deliver_once(stream)
    if chaos is not None:
        loopback.behave("http_bearer", chaos, times=1)

    deliver_once(stream)

    health = health_of(Stream.objects.get(pk=stream.pk), now=datetime.now(UTC))
    assert health.recorded == health.delivered + health.waiting + health.set_aside + health.not_streamed
    assert health.recorded == LogHead.objects.get(tenant=acme).last_sequence
