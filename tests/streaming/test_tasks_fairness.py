"""One tenant's trouble is not another's delay: who gets a worker's threads, and who is called next."""

from __future__ import annotations

import sys
from datetime import UTC, datetime

import pytest
import redis
from django.conf import settings
from pytest_django.fixtures import Settings as DjangoSettings

from audit.models import Tenant
from auditsite.demo.intake import Intake
from streaming import settling, tasks
from streaming.models import Cursor, Stream
from streaming.sharing import Standing, Threads
from tests.entries import make_entry
from tests.streams import MakeStream


@pytest.fixture(autouse=True)
def threads(monkeypatch: pytest.MonkeyPatch) -> Threads:
    """Four threads that nobody uses yet."""
    threads = Threads(4)
    monkeypatch.setattr(tasks, "threads", threads)
    return threads


def is_rung(stream: Stream) -> bool:
    with redis.Redis.from_url(settings.REDIS_URL) as client:
        return bool(client.exists(f"auditsite:wake:{stream.pk}"))


def place(stream: Stream) -> int:
    return Cursor.objects.get(pk=stream.pk).place


def test_a_tenant_in_trouble_leaves_threads_to_the_others(
    acme: Tenant, globex: Tenant, make_stream: MakeStream, threads: Threads
) -> None:
    ours, others = make_stream(), make_stream(tenant=globex)
    assert threads.enter(ours.pk, Standing(acme.pk, slow=True))

    tasks.deliver(stream_id=str(ours.pk))
    tasks.deliver(stream_id=str(others.pk))

    assert (place(ours), place(others)) == (0, 1)


def test_the_stream_that_found_no_thread_is_called_when_one_is_free(
    acme: Tenant, make_stream: MakeStream, threads: Threads
) -> None:
    stream, another = make_stream(), Stream.objects.create(tenant=acme, name="another", url="")
    Cursor.objects.create(stream=another)
    standing = Standing(acme.pk, slow=False)
    threads.enter(another.pk, standing)
    tasks.deliver(stream_id=str(stream.pk))
    threads._of_tenant.clear()

    tasks.deliver(stream_id=str(another.pk))

    assert is_rung(stream)


def test_a_thread_is_given_back_after_an_error_too(
    make_stream: MakeStream, threads: Threads, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("an error of our own")

    stream = make_stream()
    monkeypatch.setattr(tasks, "Run", fail)
    with pytest.raises(RuntimeError):
        tasks.deliver(stream_id=str(stream.pk))
    monkeypatch.undo()

    assert threads._of_tenant == {}
    assert threads._slow == 0


def test_who_leaves_a_crowded_host_calls_the_next_one(
    acme: Tenant, globex: Tenant, make_stream: MakeStream, settings: DjangoSettings, loopback: Intake
) -> None:
    settings.STREAMS_PER_HOST = 1
    ours, others = make_stream(), make_stream(tenant=globex)
    make_entry(acme)

    tasks.deliver(stream_id=str(ours.pk))

    assert loopback.counts("http_bearer").received == 2
    assert is_rung(others)


def test_the_sweep_calls_those_in_trouble_last(
    globex: Tenant, make_stream: MakeStream, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours, others = make_stream(), make_stream(tenant=globex)
    Cursor.objects.filter(pk=ours.pk).update(failures=2, next_attempt_at=datetime(2026, 1, 1, tzinfo=UTC))
    monkeypatch.setattr(tasks, "SWEEP_SIZE", 1)

    tasks.sweep()

    assert (is_rung(ours), is_rung(others)) == (False, True)


def test_what_comes_while_a_run_sends_goes_with_it(
    acme: Tenant, make_stream: MakeStream, loopback: Intake, monkeypatch: pytest.MonkeyPatch
) -> None:
    stream, late = make_stream(), [1]
    epoch = Cursor.objects.get(pk=stream.pk).lease_epoch

    def settle(*args: object, real: object = settling.settle, **kwargs: object) -> object:
        if late and late.pop():
            make_entry(acme)
        return real(*args, **kwargs)  # type: ignore[operator] # the function itself

    monkeypatch.setattr(settling, "settle", settle)

    tasks.deliver(stream_id=str(stream.pk))

    assert loopback.counts("http_bearer").received == 2
    assert Cursor.objects.get(pk=stream.pk).lease_epoch == epoch + 1


def test_a_worker_knows_how_many_threads_it_was_started_with_and_they_take_short_turns() -> None:
    class Worker:
        concurrency = 7

    usual = sys.getswitchinterval()
    try:
        tasks.count_threads(instance=Worker())

        assert tasks.threads.number == 7
        assert sys.getswitchinterval() < usual
    finally:
        sys.setswitchinterval(usual)
