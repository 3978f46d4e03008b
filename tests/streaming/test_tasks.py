"""The doorbells, called as functions; what they publish goes to the real Redis."""

from __future__ import annotations

import socket
import time
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
import redis
from django.conf import settings
from django.db.models.functions import Now
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from audit.models import Person, Tenant
from auditsite.demo.intake import Intake
from auditsite.demo.intake.behaviour import busy
from streaming import leasing, tasks
from streaming.asking import ask_for_test
from streaming.configuring import Settings
from streaming.destinations.http_bearer import HttpBearer
from streaming.encryption import Secret
from streaming.leasing import Lease
from streaming.models import ConnectionTest, Cursor, DeliveryAttempt, ProbeStatus, Stream, WorkerSeen
from tests.entries import draft, make_entry
from tests.streaming.broker import AWAY, broker_at, queued, silent_redis
from tests.streams import MakeStream


def place(stream: Stream) -> int:
    return Cursor.objects.get(pk=stream.pk).place


def mark(stream_id: UUID) -> bool:
    """Whether somebody has rung for the stream and nobody has answered yet."""
    with redis.Redis.from_url(settings.REDIS_URL) as client:
        return bool(client.exists(f"auditsite:wake:{stream_id}"))


def test_many_rings_are_one_message_until_somebody_answers() -> None:
    stream, before = uuid4(), queued()

    for _ in range(5):
        tasks.doorbell.ring(stream)
    assert queued() == before + 1

    tasks.doorbell.answered(stream)
    tasks.doorbell.ring(stream)
    assert queued() == before + 2


def test_a_mark_whose_message_was_lost_goes_by_itself() -> None:
    stream = uuid4()
    tasks.doorbell.ring(stream)

    with redis.Redis.from_url(settings.REDIS_URL) as client:
        assert 0 < client.pttl(f"auditsite:wake:{stream}") <= tasks.WAKE_LIVES * 1000


def test_a_mark_that_would_stay_for_ever_does_not_silence_the_sweep(make_stream: MakeStream) -> None:
    stream = make_stream()
    with redis.Redis.from_url(settings.REDIS_URL) as client:
        client.delete(f"auditsite:wake:{stream.pk}")
        client.rpush(f"auditsite:wake:{stream.pk}", "of somebody else")
    before = queued()

    tasks.sweep()

    assert queued() == before + 1


@pytest.mark.parametrize("kind", ["away", "silent"])
def test_a_broker_that_is_gone_holds_nobody_up(kind: str) -> None:
    with silent_redis() as silent, broker_at(AWAY if kind == "away" else silent):
        began = time.monotonic()
        for _ in range(50):
            tasks.doorbell.ring(uuid4())
        tasks.doorbell.answered(uuid4())

        assert time.monotonic() - began < 3


def test_after_the_pause_the_broker_is_asked_again() -> None:
    stream, before = uuid4(), queued()
    with broker_at(AWAY):
        tasks.doorbell.ring(stream)
        asked_again = tasks.doorbell._silent_until

    assert 0 < asked_again - time.monotonic() <= tasks.BROKER_PAUSE
    tasks.doorbell.ring(stream)
    assert queued() == before + 1


def test_entries_of_a_tenant_ring_for_its_enabled_streams_only(
    acme: Tenant, globex: Tenant, make_stream: MakeStream
) -> None:
    ours, others = make_stream(), make_stream(tenant=globex)
    off = Stream.objects.create(tenant=acme, name="off", url="")

    tasks.nudge(None, tenant_id=acme.pk)

    assert [mark(stream.pk) for stream in (ours, others, off)] == [True, False, False]


def test_in_a_burst_the_database_is_asked_ten_times_a_second(
    acme: Tenant,
    make_stream: MakeStream,
    django_assert_max_num_queries: DjangoAssertNumQueries,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(tasks, "listeners", tasks._Listeners())
    clock = [5.2]
    monkeypatch.setattr(time, "monotonic", lambda: clock[0])
    stream = make_stream()

    with django_assert_max_num_queries(tasks.SELDOM):
        assert all(tasks.listeners.of(acme.pk) == [stream.pk] for _ in range(50))
    Stream.objects.update(enabled=False)
    clock[0] = 6.0

    assert tasks.listeners.of(acme.pk) == []


def test_one_message_delivers_everything(acme: Tenant, make_stream: MakeStream, loopback: Intake) -> None:
    from audit.recording import record_many

    stream = make_stream()
    record_many(tenant=acme, drafts=[draft() for _ in range(1_200)], now=timezone.now())
    tasks.doorbell.ring(stream.pk)

    tasks.deliver(stream_id=str(stream.pk))

    assert (place(stream), loopback.counts("http_bearer").received) == (1_201, 1_201)
    assert not mark(stream.pk)


def test_an_entry_that_comes_between_the_last_look_and_the_release_is_delivered_by_the_same_message(
    acme: Tenant, make_stream: MakeStream, monkeypatch: pytest.MonkeyPatch
) -> None:
    stream = make_stream()
    late = [1]

    def release(lease: Lease, real: object = leasing.release) -> None:
        if late and late.pop():
            make_entry(acme)
        real(lease)  # type: ignore[operator] # the function itself

    monkeypatch.setattr(leasing, "release", release)

    tasks.deliver(stream_id=str(stream.pk))

    assert place(stream) == 2


def test_a_run_that_took_its_time_gives_way_and_comes_again(
    make_stream: MakeStream, monkeypatch: pytest.MonkeyPatch
) -> None:
    stream, before = make_stream(), queued()
    monkeypatch.setattr(tasks, "LONGEST_RUN", timedelta(0))

    tasks.deliver(stream_id=str(stream.pk))

    assert (place(stream), queued()) == (0, before + 1)
    assert mark(stream.pk)


def test_a_destination_in_trouble_is_not_asked_again_by_the_same_message(
    make_stream: MakeStream, loopback: Intake
) -> None:
    stream = make_stream()
    loopback.behave("http_bearer", busy(retry_after=30))

    tasks.deliver(stream_id=str(stream.pk))
    tasks.deliver(stream_id=str(stream.pk))

    assert DeliveryAttempt.objects.count() == 1


def test_an_error_of_our_own_is_tried_again_later_and_said(
    make_stream: MakeStream, monkeypatch: pytest.MonkeyPatch
) -> None:
    stream = make_stream()
    with monkeypatch.context() as broken:
        broken.delattr(HttpBearer, "size_of")
        with pytest.raises(TypeError):
            tasks.deliver(stream_id=str(stream.pk))

    cursor = Cursor.objects.get(pk=stream.pk)
    assert (cursor.place, cursor.failures, cursor.state, cursor.leased_until) == (0, 1, "retrying", None)
    assert "error inside Auditsite" in cursor.last_error
    assert cursor.next_attempt_at is not None
    Cursor.objects.filter(pk=stream.pk).update(next_attempt_at=Now() + timedelta(minutes=1))
    assert not Cursor.objects.due().exists()
    Cursor.objects.filter(pk=stream.pk).update(next_attempt_at=Now())
    tasks.deliver(stream_id=str(stream.pk))
    assert place(stream) == 1


def test_the_sweep_rings_for_those_that_are_due_and_no_others(
    globex: Tenant, make_stream: MakeStream
) -> None:
    due, later = make_stream(), make_stream(tenant=globex)
    Cursor.objects.filter(pk=later.pk).update(next_attempt_at=Now() + timedelta(minutes=1))

    tasks.sweep()

    assert [mark(stream.pk) for stream in (due, later)] == [True, False]


def test_the_sweep_frees_what_a_killed_worker_held(make_stream: MakeStream) -> None:
    stream = make_stream()
    owner = leasing.owner_name().split("|")
    leasing.claim(stream.pk, owner="|".join([owner[0], str(2**22 + 1), owner[2]]))

    tasks.sweep()

    assert mark(stream.pk)


@pytest.mark.django_db
def test_each_sweep_leaves_a_sign_of_life() -> None:
    tasks.sweep()
    tasks.sweep()

    seen = WorkerSeen.objects.get()
    assert seen.hostname == socket.gethostname()
    assert timezone.now() - seen.at < timedelta(seconds=10)


def test_a_connection_test_crosses_the_broker_by_its_id_alone(
    acme: Tenant, ana: Person, loopback: Intake
) -> None:
    values = Settings(
        enabled=True,
        destination_kind="http_bearer",
        url=loopback.url("http_bearer"),
        token=Secret(loopback.token("http_bearer")),
    )
    test = ask_for_test(tenant=acme, settings=values, stream=None, by=ana, now=timezone.now())

    tasks.start_test(test.pk)

    with redis.Redis.from_url(settings.REDIS_URL) as client:
        (message,) = [m for m in client.lrange("celery", 0, -1) if str(test.pk).encode() in m]
    assert loopback.token("http_bearer").encode() not in message
    tasks.test_connection(test_id=str(test.pk))
    assert ConnectionTest.objects.get(pk=test.pk).status == ProbeStatus.PASSED


def test_a_test_that_cannot_be_started_says_so_soon() -> None:
    began = time.monotonic()

    with broker_at(AWAY), pytest.raises(tasks.BrokerAway, match="the queue does not answer"):
        tasks.start_test(uuid4())

    assert time.monotonic() - began < 3


@pytest.mark.django_db
def test_pruning_removes_workers_long_gone() -> None:
    WorkerSeen.objects.create(hostname="gone", at=timezone.now() - timedelta(days=2))

    tasks.prune()

    assert not WorkerSeen.objects.exists()
