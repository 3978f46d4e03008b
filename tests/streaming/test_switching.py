"""Stopped, paused and let go on: a stream keeps its place, and each entry of the log is counted exactly once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from audit.models import AuditEntry, Tenant
from auditsite.demo.intake import Intake
from streaming import leasing, settling, switching
from streaming.attempting import Attempt
from streaming.checking import NOW, RESUME, Settings
from streaming.configuring import save_settings
from streaming.health import health_of
from streaming.models import Cursor, Stream
from streaming.reading import payloads_after
from streaming.wire.messages import Response
from streaming.wire.outcome import Outcome, Verdict
from tests.entries import NOON, make_entry
from tests.replays import record_entries
from tests.streams import ANA, MakeStream, deliver_all


@pytest.fixture
def stream(acme: Tenant, make_stream: MakeStream) -> Stream:
    """Delivered up to its own enabling, entry 3."""
    record_entries(acme, 2)
    made = make_stream()
    deliver_all(made)
    return made


def adds_up(stream: Stream) -> tuple[int, int, int]:
    """What waits, was left out, and was delivered, of all that is recorded."""
    stream.refresh_from_db()
    health = health_of(stream, now=datetime.now(UTC))
    assert health.recorded == health.not_streamed + health.delivered + health.waiting + health.set_aside
    return health.waiting, health.not_streamed, health.delivered


def pause(stream: Stream) -> bool:
    return switching.pause(stream.pk, change=ANA, now=NOON)


def last_entry(tenant: Tenant) -> AuditEntry:
    return AuditEntry.objects.of(tenant).order_by("-sequence")[0]


def test_a_paused_stream_sends_nothing_and_says_since_when_and_by_whom(acme: Tenant, stream: Stream) -> None:
    assert pause(stream)
    make_entry(acme)

    deliver_all(stream)

    assert adds_up(stream) == (2, 0, 3)
    health = health_of(stream, now=NOON)
    assert (health.state, health.label, health.paused_at) == ("paused", "Paused", NOON)
    assert (health.paused_by, health.next_attempt_at) == ("ana@acme.example", None)
    assert health.sentence.startswith("2 entries wait and will follow in order")


def test_a_pause_is_an_entry_of_its_own(acme: Tenant, stream: Stream) -> None:
    pause(stream)

    entry = last_entry(acme)
    assert entry.event == "tenant_admin_settings.audit_log_streaming_disabled"
    assert entry.parameters["paused"] is True
    assert entry.details.startswith("Paused. Its place is kept")


def test_what_waited_follows_in_order_when_it_is_resumed(
    acme: Tenant, stream: Stream, loopback: Intake
) -> None:
    pause(stream)
    record_entries(acme, 4)

    begun = switching.resume(stream.pk, change=ANA, now=NOON)

    assert begun is not None
    assert (begun.waiting, begun.left_out) == (5, 0)
    assert last_entry(acme).parameters["catch_up"] == RESUME
    assert last_entry(acme).details == "It goes on with 5 entries recorded meanwhile."
    deliver_all(stream)
    assert adds_up(stream) == (0, 0, 9)
    assert [one.sequence for one in loopback.received("http_bearer")] == list(range(1, 10))


def test_what_waited_is_left_out_by_the_number_that_was_told_and_counted(
    acme: Tenant, stream: Stream
) -> None:
    pause(stream)
    record_entries(acme, 4)
    told = health_of(stream, now=NOON)
    make_entry(acme)

    begun = switching.resume(stream.pk, change=ANA, now=NOON, catch_up=NOW, through=told.recorded)

    assert begun is not None
    assert (begun.left_out, told.waiting) == (5, 5)
    entry = last_entry(acme)
    assert {name: entry.parameters[name] for name in ("catch_up", "left_out", "after")} == {
        "catch_up": NOW,
        "left_out": 5,
        "after": 8,
    }
    assert entry.details == "It goes on from now: 5 entries recorded meanwhile are left out."
    deliver_all(stream)
    assert adds_up(stream) == (0, 5, 5)


@pytest.mark.parametrize(("through", "left_out"), [(None, 3), (10**12, 3), (0, 0)])
def test_a_number_that_was_never_told_leaves_out_what_there_is_at_most(
    acme: Tenant, stream: Stream, through: int | None, left_out: int
) -> None:
    pause(stream)
    record_entries(acme, 2)

    begun = switching.resume(stream.pk, change=ANA, now=NOON, catch_up=NOW, through=through)

    assert begun is not None
    assert begun.left_out == left_out
    assert adds_up(stream)[1] == left_out


def test_only_what_runs_is_paused_and_only_what_is_paused_is_resumed(acme: Tenant, stream: Stream) -> None:
    assert switching.resume(stream.pk, change=ANA, now=NOON) is None
    assert pause(stream)
    assert not pause(stream)
    assert switching.resume(stream.pk, change=ANA, now=NOON) is not None
    save_settings(tenant=acme, settings=Settings(enabled=False), change=ANA, now=NOON)
    number = AuditEntry.objects.of(acme).count()

    assert not pause(stream)
    assert switching.resume(stream.pk, change=ANA, now=NOON) is None
    assert AuditEntry.objects.of(acme).count() == number


def test_a_resumed_stream_is_tried_at_once(acme: Tenant, stream: Stream) -> None:
    Cursor.objects.filter(pk=stream.pk).update(next_attempt_at=NOON + timedelta(days=999), failures=9)
    pause(stream)
    make_entry(acme)

    switching.resume(stream.pk, change=ANA, now=NOON)

    assert deliver_all(stream).place == AuditEntry.objects.of(acme).count()


def test_an_answer_that_comes_after_what_it_is_for_was_left_out_changes_nothing(
    acme: Tenant, stream: Stream
) -> None:
    make_entry(acme)
    claimed = leasing.claim(stream.pk, owner="test")
    assert claimed is not None
    read = Stream.objects.select_related("cursor", "tenant").get(pk=stream.pk)
    batch = payloads_after(acme.pk, read.cursor.place, most=1)
    pause(stream)
    switching.resume(stream.pk, change=ANA, now=NOON, catch_up=NOW)

    verdict = Verdict(outcome=Outcome.DELIVERED, reason="", code="http_200", delivered=1, http_status=200)
    late = Attempt(read, batch, verdict, at=NOON, answer=Response(status=200))

    assert not settling.settle(late, claimed, now=NOON)
    assert adds_up(stream) == (1, 2, 3)


def test_switching_a_paused_stream_off_ends_the_pause_and_keeps_the_place(
    acme: Tenant, stream: Stream
) -> None:
    pause(stream)

    saved = save_settings(tenant=acme, settings=Settings(enabled=False), change=ANA, now=NOON)

    assert (saved.enabled, saved.is_paused, saved.paused_by) == (False, False, "")
    assert "paused" not in last_entry(acme).parameters
    assert adds_up(stream)[0] == 2


def test_enabling_tells_where_it_begins(acme: Tenant, stream: Stream) -> None:
    first = AuditEntry.objects.of(acme).get(sequence=3)
    assert (first.parameters["start_from"], first.parameters["after"]) == ("beginning", 0)
    assert first.details == "It begins with 2 entries recorded before."
    save_settings(tenant=acme, settings=Settings(enabled=False), change=ANA, now=NOON)
    values = {"destination_kind": stream.destination_kind, "url": stream.url}

    save_settings(tenant=acme, settings=Settings(enabled=True, catch_up=NOW, **values), change=ANA, now=NOON)  # type: ignore[arg-type] # texts

    assert last_entry(acme).parameters["left_out"] == 1
