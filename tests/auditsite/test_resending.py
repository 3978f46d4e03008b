from __future__ import annotations

import pytest
import redis
from django.conf import settings

from audit.models import Tenant
from auditsite import resending
from auditsite.celery import app
from auditsite.demo.intake import Intake
from streaming.models import ReplayState
from streaming.resending.run import ReplayRun
from tests.entries import make_entry
from tests.replays import record_entries, start
from tests.streaming.broker import queued
from tests.streams import MakeStream


@pytest.fixture
def empty_queue() -> None:
    with redis.Redis.from_url(settings.REDIS_URL) as client:
        client.delete("celery")


@pytest.mark.usefixtures("empty_queue")
def test_the_sweep_hands_over_what_could_go_on(make_stream: MakeStream) -> None:
    app.loader.import_default_modules()
    start(make_stream())

    resending.sweep_replays()

    assert queued() == 1


@pytest.mark.usefixtures("empty_queue")
def test_a_replay_whose_stream_has_something_to_deliver_is_not_handed_over(
    acme: Tenant, make_stream: MakeStream
) -> None:
    start(make_stream())
    make_entry(acme)

    resending.sweep_replays()

    assert queued() == 0


def test_a_worker_sends_a_replay_to_its_end(acme: Tenant, make_stream: MakeStream, loopback: Intake) -> None:
    record_entries(acme, 700)
    replay = start(make_stream(), last=700)

    resending.replay(replay_id=str(replay.pk))

    replay.refresh_from_db()
    assert (replay.state, replay.leased_until) == (ReplayState.DONE, None)
    assert len(loopback.duplicates("http_bearer")) == 700


def test_most_threads_are_left_to_live_delivery(make_stream: MakeStream) -> None:
    replay = start(make_stream(), last=1)
    number = settings.CELERY_WORKER_CONCURRENCY // 4
    assert all(resending._threads.acquire(blocking=False) for _ in range(number))
    try:
        resending.replay(replay_id=str(replay.pk))
    finally:
        for _ in range(number):
            resending._threads.release()

    replay.refresh_from_db()
    assert replay.delivered == 0


def test_a_run_gives_its_thread_away_while_live_delivery_goes_on(
    acme: Tenant, make_stream: MakeStream
) -> None:
    record_entries(acme, 700)
    replay = start(make_stream(), last=700)
    with ReplayRun(replay.pk, owner="test") as run:
        make_entry(acme)

        resending._send(run)

    replay.refresh_from_db()
    assert (replay.delivered, replay.state) == (0, ReplayState.RUNNING)
