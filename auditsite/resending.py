"""Replays as scheduled tasks: a look every few seconds, and a run that is short, so that live delivery comes first."""

from __future__ import annotations

import logging
import threading
import time
from datetime import timedelta
from uuid import UUID

from celery import shared_task
from celery.worker import state as worker_state
from django.conf import settings
from django.utils import timezone

from streaming import leasing
from streaming.resending import run as replays

log = logging.getLogger(__name__)

# A replay waits for nobody's newest entry: it may be interrupted, and goes on with the next look.
LONGEST_RUN = timedelta(seconds=5)
# While live delivery sends what just came, a replay looks again in this time, so often; then it lets its thread go.
GIVE_WAY, TIMES_GIVEN_WAY = 0.05, 10
AT_ONCE = 100
# Most threads of a worker are left to live delivery, however many replays there are.
_threads = threading.BoundedSemaphore(max(settings.CELERY_WORKER_CONCURRENCY // 4, 1))


@shared_task
def sweep_replays() -> None:
    """Hand replays that could go on to workers; those of processes that were killed are given free first."""
    replays.free_the_dead()
    for replay_id in replays.due().order_by("asked_at").values_list("pk", flat=True)[:AT_ONCE]:
        replay.apply_async(kwargs={"replay_id": str(replay_id)}, expires=10)


@shared_task
def replay(*, replay_id: str) -> None:
    """Send the next batches of one replay, for a while."""
    if not _threads.acquire(blocking=False):
        return
    try:
        with replays.ReplayRun(UUID(replay_id), owner=leasing.owner_name()) as run:
            _send(run)
    finally:
        _threads.release()


def _send(run: replays.ReplayRun) -> None:
    until, given_way = time.monotonic() + LONGEST_RUN.total_seconds(), 0
    while time.monotonic() < until and worker_state.should_stop is None:
        report = run.send_next_batch(now=timezone.now())
        if report.gave_way and given_way < TIMES_GIVEN_WAY:
            given_way += 1
            time.sleep(GIVE_WAY)
        elif not report.more:
            return
