"""The broker as tests see it: the real Redis, one that is away, and one that never answers."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager

import redis
from django.conf import settings
from kombu import pools

from auditsite.celery import app
from streaming import tasks

AWAY = "redis://127.0.0.1:1/0"


def queued(queue: str = "celery") -> int:
    """How many messages wait for a worker."""
    with redis.Redis.from_url(settings.REDIS_URL) as client:
        return int(client.llen(queue))


@contextmanager
def broker_at(url: str) -> Iterator[None]:
    """Marks and messages go to this address."""
    real = settings.REDIS_URL, app.conf.broker_url
    _use(url, url)
    try:
        yield
    finally:
        _use(*real)


@contextmanager
def silent_redis() -> Iterator[str]:
    """The address of something that takes connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"redis://127.0.0.1:{server.getsockname()[1]}/0"


def _use(marks: str, messages: str) -> None:
    settings.REDIS_URL = marks
    app.conf.update(broker_url=messages, broker_write_url=messages, broker_read_url=messages)
    # Celery keeps its pools for ever, and has no public way to let go of them.
    vars(app)["_pool"] = None
    vars(app.amqp)["_producer_pool"] = None
    pools.reset()
    tasks._redis.cache_clear()
    tasks.doorbell._silent_until = 0.0
