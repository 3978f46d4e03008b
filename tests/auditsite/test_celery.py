from __future__ import annotations

from collections.abc import Iterator
from uuid import uuid4

import pytest
import redis
from django.conf import settings

from auditsite.celery import app

TASKS = {"deliver", "sweep", "test_connection", "prune"}


@pytest.fixture
def broker() -> Iterator[redis.Redis]:
    with redis.Redis.from_url(settings.REDIS_URL) as client:
        yield client


def test_the_worker_knows_every_task_and_beat_only_such() -> None:
    app.loader.import_default_modules()

    assert {f"streaming.tasks.{name}" for name in TASKS} <= set(app.tasks)
    assert {line["task"] for line in app.conf.beat_schedule.values()} <= set(app.tasks)


def test_a_message_reaches_its_queue_although_the_broker_has_lost_everything(broker: redis.Redis) -> None:
    """Kombu keeps bindings of named exchanges in Redis; the anonymous one, which is ours, needs none."""
    queue = f"test-{uuid4()}"
    app.send_task("streaming.tasks.sweep", queue=queue)

    broker.delete(queue, *broker.keys("_kombu.binding.*"))
    app.send_task("streaming.tasks.sweep", queue=queue)

    assert broker.llen(queue) == 1
    broker.delete(queue)


def test_a_message_outlives_the_worker_that_took_it() -> None:
    assert app.conf.task_acks_late
    assert app.conf.task_reject_on_worker_lost
    assert app.conf.worker_prefetch_multiplier == 1


def test_messages_are_data_never_code() -> None:
    assert app.conf.accept_content == ["json"]
    assert app.conf.task_serializer == "json"
