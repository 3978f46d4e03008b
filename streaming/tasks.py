"""Celery's doorbells. PostgreSQL is the queue: a message lost here costs seconds, never an entry."""

from __future__ import annotations

import logging
import socket
import sys
import time
from datetime import timedelta
from functools import cache
from typing import Any
from uuid import UUID

import redis
from celery import shared_task
from celery.signals import celeryd_after_setup
from celery.worker import state as worker_state
from django.conf import settings
from django.db import connection
from django.utils import timezone
from kombu.exceptions import OperationalError as BrokerError

from streaming import leasing, pruning
from streaming.delivery import Run
from streaming.models import Cursor, WorkerSeen
from streaming.probing import run_connection_test
from streaming.sharing import Threads, standing_of

log = logging.getLogger(__name__)

# One run gives way to other streams after this; what is left goes on in the next message.
LONGEST_RUN = timedelta(seconds=20)
# What comes while a run sends goes with it for so long: others may be waiting for the thread.
LINGERS = timedelta(seconds=0.5)
# Seconds that a thread which computes keeps the interpreter from one that waits for it: with Python's 5 ms, an entry
# that has just come would wait behind a backlog so long after each of its two dozen round trips.
SHORT_TURN = 0.0005
# A wake-up that nobody took for this long was lost with its message.
WAKE_LIVES = 2
# What Redis answers for the life of a key that has no end.
FOR_EVER = -1
# After the broker could not be reached, producers are not held up by it again for this long, in seconds.
BROKER_PAUSE = 5.0
# After so many nudges for a tenant within a second, a process knows its enabled streams for the rest of that second:
# asking again after each single entry took longer than the entry. One enabled meanwhile is found by the sweep.
SELDOM = 10
MOST_TENANTS = 10_000
SWEEP_SIZE = 1000
# In SQL: asked after every request that records, and the ORM takes ten times as long to write it.
ENABLED = "SELECT id FROM streaming_stream WHERE tenant_id = %s AND enabled"


class BrokerAway(Exception):
    """Redis does not answer, so no worker can be asked for anything."""


class _Doorbell:
    """Rings once for any number of entries: whoever takes the message clears the mark before it reads."""

    def __init__(self) -> None:
        self._silent_until = 0.0

    def ring(self, stream_id: UUID, *, doubt: bool = False) -> None:
        """Wake a worker for this stream, unless one is on its way; never raises, never waits long.

        `doubt`: a mark that would never expire is not ours, whoever made it, and does not count.
        """
        if time.monotonic() < self._silent_until:
            return
        try:
            if doubt and _redis().ttl(self._mark(stream_id)) == FOR_EVER:
                _redis().delete(self._mark(stream_id))
            if _redis().set(self._mark(stream_id), 1, nx=True, ex=WAKE_LIVES):
                deliver.delay(stream_id=str(stream_id))
        except (redis.RedisError, BrokerError, OSError) as error:
            self._silent_until = time.monotonic() + BROKER_PAUSE
            log.warning("The broker cannot be reached (%s); the sweep will deliver instead.", error)

    def answered(self, stream_id: UUID) -> None:
        try:
            _redis().delete(self._mark(stream_id))
        except redis.RedisError:
            log.info("The wake-up mark of stream %s stays until it expires.", stream_id)

    @staticmethod
    def _mark(stream_id: UUID) -> str:
        return f"auditsite:wake:{stream_id}"


class _Listeners:
    """The enabled streams of tenants."""

    def __init__(self) -> None:
        self._asked: dict[UUID, tuple[int, int, list[UUID]]] = {}

    def of(self, tenant_id: UUID) -> list[UUID]:
        second = int(time.monotonic())
        at, times, streams = self._asked.get(tenant_id, (0, 0, []))
        if at != second:
            times = 0
        if times < SELDOM:
            streams = self._ask(tenant_id)
            if len(self._asked) >= MOST_TENANTS:
                self._asked.clear()
            self._asked[tenant_id] = second, times + 1, streams
        return streams

    @staticmethod
    def _ask(tenant_id: UUID) -> list[UUID]:
        with connection.cursor() as cursor:
            cursor.execute(ENABLED, [tenant_id])
            return [row[0] for row in cursor.fetchall()]


doorbell = _Doorbell()
listeners = _Listeners()
threads = Threads(settings.CELERY_WORKER_CONCURRENCY)


@celeryd_after_setup.connect
def count_threads(instance: Any, **_: Any) -> None:
    """A worker may be started with another `--concurrency` than the settings have; its threads take short turns."""
    threads.number = instance.concurrency
    sys.setswitchinterval(SHORT_TURN)


@cache
def _redis() -> redis.Redis:
    return redis.Redis.from_url(settings.REDIS_URL, socket_connect_timeout=1, socket_timeout=1)


def nudge(sender: Any, tenant_id: UUID, **_: Any) -> None:  # noqa: ARG001 - a signal's receiver
    """Entries of this tenant were committed: ring for its enabled streams."""
    for stream_id in listeners.of(tenant_id):
        doorbell.ring(stream_id)


@shared_task
def deliver(*, stream_id: str) -> None:
    """Deliver what waits for one stream, up to `LONGEST_RUN`; then come again."""
    stream = UUID(stream_id)
    doorbell.answered(stream)
    standing = standing_of(stream)
    if standing is None or not threads.enter(stream, standing):
        return
    try:
        _deliver(stream)
    finally:
        if waiting := threads.leave(standing):
            doorbell.ring(waiting)


def _deliver(stream: UUID) -> None:
    until = time.monotonic() + LONGEST_RUN.total_seconds()
    while _goes_on(until):
        with Run(stream, owner=leasing.owner_name()) as run:
            lease = run.lease
            _send(run, until)
        if lease is None:
            return
        if lease.crowded and (other := leasing.waiting_for_host_of(stream)):
            doorbell.ring(other)
        # An entry that came between the last look and the release found the stream taken: look once more.
        if not Cursor.objects.due().filter(pk=stream).exists():
            return
    doorbell.ring(stream)


def _send(run: Run, until: float) -> None:
    """Send what waits, and what comes meanwhile: a new run would begin with a new connection."""
    look_again_until = time.monotonic() + LINGERS.total_seconds()
    report = run.deliver_next_batch(now=timezone.now())
    while _goes_on(until) and (report.more or (report.delivered and time.monotonic() < look_again_until)):
        report = run.deliver_next_batch(now=timezone.now())


def _goes_on(until: float) -> bool:
    """Whether a run has time left and its worker is not being asked to end."""
    return time.monotonic() < until and worker_state.should_stop is None


@shared_task
def sweep() -> None:
    """Find streams that are behind, due and not leased: the guarantee that a lost nudge only costs seconds.

    Those in trouble come last: many of them must not keep the others out of the sweep.
    """
    WorkerSeen.objects.update_or_create(hostname=socket.gethostname(), defaults={"at": timezone.now()})
    leasing.free_the_dead()
    due = Cursor.objects.due().order_by("failures", "next_attempt_at")
    for stream_id in due.values_list("pk", flat=True)[:SWEEP_SIZE]:
        doorbell.ring(stream_id, doubt=True)


def start_test(test_id: UUID) -> None:
    """Hand a waiting connection test to a worker. Raises BrokerAway, in words."""
    try:
        test_connection.delay(test_id=str(test_id))
    except (BrokerError, OSError) as error:
        log.warning("A connection test could not be started: %s", error)
        raise BrokerAway("the queue does not answer. Try again in a minute.") from None


@shared_task
def test_connection(*, test_id: str) -> None:
    """Run one connection test."""
    run_connection_test(UUID(test_id), now=timezone.now())


@shared_task
def prune() -> None:
    """Remove attempts and tests that nobody looks at any more."""
    pruning.prune(now=timezone.now())
