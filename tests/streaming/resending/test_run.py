from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest
from django.db.models.functions import Now
from pytest_django.fixtures import Settings as DjangoSettings

from audit.models import AuditEntry, Tenant
from auditsite.demo.intake import Intake
from auditsite.demo.intake.behaviour import Behaviour, busy
from streaming import leasing, replaying
from streaming.models import Cursor, Replay, ReplayState, State, Stream
from streaming.resending.run import ReplayRun, due, free_the_dead
from tests.entries import make_entry
from tests.replays import catch_up, make_due, record_entries, send_all, start
from tests.streams import MakeStream

KINDS = ["splunk_hec", "http_bearer", "elasticsearch"]
every_kind = pytest.mark.parametrize("kind", KINDS)


@every_kind
def test_a_replay_sends_the_range_again_with_the_same_ids_and_moves_no_cursor(
    kind: str, acme: Tenant, make_stream: MakeStream, loopback: Intake
) -> None:
    record_entries(acme, 1_200)
    stream = make_stream(kind)
    catch_up(stream)
    sent = {arrival.sequence: arrival.id for arrival in loopback.received(kind)}
    replay = start(stream, first=101, last=1_100)
    before = Cursor.objects.get(pk=stream.pk)

    done = send_all(replay)

    assert (done.state, done.delivered, done.place) == (ReplayState.DONE, 1_000, 1_100)
    assert loopback.duplicates(kind) == [sent[number] for number in range(101, 1_101)]
    after = Cursor.objects.get(pk=stream.pk)
    assert (after.place, after.delivered, after.lease_epoch) == (
        before.place,
        before.delivered,
        before.lease_epoch,
    )


def test_the_http_destination_is_told_that_it_is_a_replay_and_gets_the_same_bytes(
    make_stream: MakeStream, loopback: Intake
) -> None:
    stream = make_stream("http_bearer")
    catch_up(stream)
    live = loopback.requests[-1]

    send_all(start(stream, last=1))

    again = loopback.requests[-1]
    told = ("X-Audit-Event-Type", "X-Audit-First-Seq", "X-Audit-Count")
    assert [live.headers[name] for name in told] == ["batch", "1", "1"]
    assert [again.headers[name] for name in told] == ["replay", "1", "1"]
    assert again.body_size == live.body_size
    assert again.headers["Idempotency-Key"] != live.headers["Idempotency-Key"]


def test_a_replay_gives_way_between_batches_while_live_delivery_has_something(
    acme: Tenant, make_stream: MakeStream
) -> None:
    record_entries(acme, 500)
    stream = make_stream()
    catch_up(stream)
    replay = start(stream, batch_limit=100)
    with ReplayRun(replay.pk, owner="test") as run:
        assert run.send_next_batch(now=datetime.now(UTC)).more
        make_entry(acme)

        report = run.send_next_batch(now=datetime.now(UTC))

        assert (report.gave_way, report.more) == (True, False)
        catch_up(stream)
        assert run.send_next_batch(now=datetime.now(UTC)).more


def test_a_replay_waits_while_its_stream_is_in_trouble_or_off(make_stream: MakeStream) -> None:
    stream = make_stream()
    replay = start(stream)
    assert due().filter(pk=replay.pk).exists()

    Cursor.objects.filter(pk=stream.pk).update(state=State.HELD_FOR_CREDENTIALS)
    assert not due().filter(pk=replay.pk).exists()

    Cursor.objects.filter(pk=stream.pk).update(state=State.HEALTHY)
    Stream.objects.filter(pk=stream.pk).update(enabled=False)
    assert not due().filter(pk=replay.pk).exists()


@every_kind
def test_a_busy_destination_is_asked_again_later(
    kind: str, acme: Tenant, make_stream: MakeStream, loopback: Intake
) -> None:
    record_entries(acme, 20)
    stream = make_stream(kind)
    replay = start(stream, last=20)
    loopback.behave(kind, busy(retry_after=7), times=1)

    waiting = send_all(replay)

    assert (waiting.state, waiting.failures, waiting.place) == (ReplayState.RUNNING, 1, 0)
    assert waiting.next_attempt_at is not None
    assert waiting.next_attempt_at > datetime.now(UTC) + timedelta(seconds=5)
    assert waiting.last_error
    assert not due().filter(pk=replay.pk).exists()
    assert Cursor.objects.get(pk=stream.pk).state == State.HEALTHY
    make_due(replay)
    assert send_all(replay).state == ReplayState.DONE


def test_a_replay_that_crashed_goes_on_from_its_place_when_its_lease_has_run_out(
    acme: Tenant, make_stream: MakeStream, loopback: Intake
) -> None:
    record_entries(acme, 500)
    stream = make_stream()
    replay = start(stream, last=500, batch_limit=200)
    crashed = ReplayRun(replay.pk, owner="gone")
    crashed.__enter__()
    assert crashed.send_next_batch(now=datetime.now(UTC)).delivered == 200
    assert not due().filter(pk=replay.pk).exists()

    type(replay).objects.filter(pk=replay.pk).update(leased_until=Now())

    assert (send_all(replay).delivered, loopback.duplicates("http_bearer")) == (500, _ids(acme, 500))
    assert crashed.send_next_batch(now=datetime.now(UTC)).delivered == 0
    crashed._client.close()


def test_what_a_process_held_that_is_gone_is_free_at_once(make_stream: MakeStream) -> None:
    replay = start(make_stream(), last=1)
    host = leasing.owner_name().split("|")[0]
    ended = subprocess.run(
        [sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, check=True, text=True
    )
    run = ReplayRun(replay.pk, owner=f"{host}|{ended.stdout.strip()}|abc")
    run.__enter__()

    assert free_the_dead() == 1
    assert due().filter(pk=replay.pk).exists()
    assert run.send_next_batch(now=datetime.now(UTC)).delivered == 0
    with ReplayRun(replay.pk, owner=leasing.owner_name()):
        assert free_the_dead() == 0
    run._client.close()


def test_a_result_for_settings_that_changed_meanwhile_does_not_count(
    make_stream: MakeStream,
) -> None:
    stream = make_stream()
    replay = start(stream, last=1)
    with ReplayRun(replay.pk, owner="test") as run:
        attempt = run._attempt(type(replay).objects.get(pk=replay.pk), now=datetime.now(UTC))
        Stream.objects.filter(pk=stream.pk).update(config_version=9)

        from streaming.resending import settling

        assert run.lease is not None
        assert not settling.settle(attempt, run.lease, now=datetime.now(UTC))


def test_paused_means_no_further_batch_and_resumed_goes_on(acme: Tenant, make_stream: MakeStream) -> None:
    record_entries(acme, 500)
    stream = make_stream()
    replay = start(stream, last=500, batch_limit=200)
    with ReplayRun(replay.pk, owner="test") as run:
        assert run.send_next_batch(now=datetime.now(UTC)).delivered == 200
        replaying.pause(replay)
        assert run.send_next_batch(now=datetime.now(UTC)).delivered == 0

    assert send_all(replay).place == 200
    replaying.resume(replay)
    assert send_all(replay).state == ReplayState.DONE


def test_a_token_that_is_not_accepted_waits_ever_longer(make_stream: MakeStream, loopback: Intake) -> None:
    replay = start(make_stream("splunk_hec"), last=1)
    loopback.behave("splunk_hec", Behaviour(hec_code=4), times=1)

    waiting = send_all(replay)

    assert waiting.next_attempt_at is not None
    assert waiting.next_attempt_at > datetime.now(UTC) + timedelta(seconds=20)
    assert waiting.state == ReplayState.RUNNING


def test_an_error_of_our_own_postpones_it(make_stream: MakeStream) -> None:
    replay = start(make_stream(), last=1)

    def fail() -> None:
        with ReplayRun(replay.pk, owner="test") as run:
            run._now = datetime.now(UTC)
            raise RuntimeError("boom")

    with pytest.raises(RuntimeError):
        fail()

    replay.refresh_from_db()
    assert (replay.failures, "RuntimeError" in replay.last_error) == (1, True)
    assert replay.next_attempt_at is not None


def _ids(tenant: Tenant, last: int) -> list[str]:
    entries = AuditEntry.objects.of(tenant).filter(sequence__lte=last).order_by("sequence")
    return [str(entry_id) for entry_id in entries.values_list("id", flat=True)]


def test_replays_take_a_quarter_of_what_a_host_takes_at_most(
    acme: Tenant, make_stream: MakeStream, settings: DjangoSettings
) -> None:
    settings.STREAMS_PER_HOST = 4
    stream = make_stream()
    replay = start(stream, last=1)
    neighbour = Stream.objects.create(tenant=acme, name="Neighbour", url="")
    Cursor.objects.create(stream=neighbour, host=Cursor.objects.get(pk=stream.pk).host)
    other = Replay.objects.create(
        stream=neighbour, asked_at=datetime.now(UTC), first_sequence=1, last_sequence=1, counted=1, place=0,
        leased_until=datetime.now(UTC) + timedelta(minutes=1),
    )  # fmt: skip
    with ReplayRun(replay.pk, owner="test") as run:
        assert run.lease is None

    Replay.objects.filter(pk=other.pk).update(leased_until=None)

    assert send_all(replay).state == ReplayState.DONE
