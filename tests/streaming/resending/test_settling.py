from __future__ import annotations

from datetime import UTC, datetime

import pytest

from audit.models import AuditEntry, LogHead, Tenant
from auditsite.demo.intake import Intake
from auditsite.demo.intake.behaviour import Behaviour
from streaming import replaying
from streaming.models import ReplayState, Stream
from streaming.resending.run import ReplayRun
from tests.entries import NOON, make_entry
from tests.replays import record_entries, send_all, start
from tests.streams import ANA, MakeStream

REPLAYED = "tenant_admin_settings.audit_log_replayed"


def told(tenant: Tenant) -> list[dict[str, object]]:
    entries = AuditEntry.objects.of(tenant).filter(event=REPLAYED).order_by("sequence")
    return [entry.parameters for entry in entries]


def test_start_and_end_are_recorded_with_range_and_counts(acme: Tenant, make_stream: MakeStream) -> None:
    record_entries(acme, 3)
    replay = start(make_stream(), first=2, last=4)

    send_all(replay)

    begun, ended = told(acme)
    assert (begun["result"], begun["from_sequence"], begun["to_sequence"], begun["entries"]) == (
        "started", 2, 4, 3,
    )  # fmt: skip
    assert (ended["result"], ended["entries"], ended["refused"], ended["removed"]) == ("done", 3, 0, 0)
    assert begun["replay_id"] == ended["replay_id"] == str(replay.pk)
    by = (
        AuditEntry.objects.of(acme)
        .filter(event=REPLAYED)
        .order_by("sequence")
        .values_list("done_by", flat=True)
    )
    assert list(by) == ["ana@acme.example", "Audit log streaming"]


def test_a_filter_that_takes_little_moves_the_place_without_a_request(
    acme: Tenant, make_stream: MakeStream, loopback: Intake
) -> None:
    for event in ("cases.case_shared", *["workflows.workflow_published"] * 4):
        make_entry(acme, event)
    stream = make_stream()
    replay = start(stream, first=2, last=5)
    Stream.objects.filter(pk=stream.pk).update(entry_filter="action=cases.case_shared")
    asked = loopback.counts("http_bearer").requests

    done = send_all(replay)

    assert (done.state, done.not_matching, done.delivered) == (ReplayState.DONE, 4, 0)
    assert loopback.counts("http_bearer").requests == asked


def test_a_filter_that_cannot_be_applied_any_more_is_said(make_stream: MakeStream) -> None:
    stream = make_stream()
    replay = start(stream, last=1)
    Stream.objects.filter(pk=stream.pk).update(entry_filter="action=no.such_event")

    waiting = send_all(replay)

    assert (waiting.place, waiting.state) == (0, ReplayState.RUNNING)
    assert waiting.last_error


def test_an_entry_that_is_nowhere_pauses_the_replay(acme: Tenant, make_stream: MakeStream) -> None:
    make_entry(acme)
    stream = make_stream()
    replay = start(stream)
    LogHead.objects.filter(pk=acme.pk).update(last_sequence=9)
    replay.last_sequence = make_entry(acme).sequence
    replay.save()
    stream.cursor.refresh_from_db()
    stream.cursor.left_out, stream.cursor.place = 10 - stream.cursor.delivered, 10
    stream.cursor.save()

    waiting = send_all(replay)

    assert (waiting.state, waiting.place) == (ReplayState.PAUSED, 0)
    assert "is not in the log any more" in waiting.last_error


def test_what_is_too_large_is_halved(acme: Tenant, make_stream: MakeStream, loopback: Intake) -> None:
    record_entries(acme, 40)
    replay = start(make_stream(), last=40)
    loopback.behave("http_bearer", Behaviour(status=413), times=2)

    done = send_all(replay)

    assert (done.state, done.delivered) == (ReplayState.DONE, 40)
    counts = [request.headers["X-Audit-Count"] for request in loopback.requests[-5:]]
    assert counts[:3] == ["40", "20", "10"]


def test_a_replay_cancelled_while_its_last_batch_is_on_its_way_stays_cancelled(
    acme: Tenant, make_stream: MakeStream
) -> None:
    replay = start(make_stream(), last=1)
    with ReplayRun(replay.pk, owner="test") as run:
        attempt = run._attempt(type(replay).objects.get(pk=replay.pk), now=NOON)
        replaying.cancel(replay, change=ANA, now=NOON)

        from streaming.resending import settling

        assert run.lease is not None
        assert settling.settle(attempt, run.lease, now=datetime.now(UTC))

    replay.refresh_from_db()
    assert (replay.state, replay.delivered, replay.place) == (ReplayState.CANCELLED, 1, 1)
    assert [entry["result"] for entry in told(acme)] == ["started", "cancelled"]


def test_a_destination_without_gzip_is_remembered(
    acme: Tenant, make_stream: MakeStream, loopback: Intake
) -> None:
    record_entries(acme, 30)
    stream = make_stream("splunk_hec")
    replay = start(stream, last=30)
    loopback.behave("splunk_hec", Behaviour(status=415), times=1)

    assert send_all(replay).state == ReplayState.DONE
    assert not Stream.objects.get(pk=stream.pk).gzip


@pytest.mark.parametrize("batches", [1, 2])
def test_the_sums_of_a_replay_hold_after_each_batch(
    batches: int, acme: Tenant, make_stream: MakeStream
) -> None:
    record_entries(acme, 450)
    replay = start(make_stream(), first=11, last=450, batch_limit=100)

    with ReplayRun(replay.pk, owner="test") as run:
        for _ in range(batches):
            run.send_next_batch(now=datetime.now(UTC))

    replay.refresh_from_db()
    assert replay.place == 10 + replay.delivered == 10 + (100, 300)[batches - 1]
