"""Delivery without the broker: each worker looks for itself when no sweep has run lately.

Beat may be gone, Redis may be gone or flushed, and a consumer may be connected and hear nothing (celery#8091, #10205):
none of it may hold entries up. A thread beside the worker's own asks the database and delivers what is due.
"""

from __future__ import annotations

import logging
import threading
from datetime import datetime, timedelta
from typing import Any

from celery.signals import worker_init, worker_shutting_down
from django.db import DatabaseError, close_old_connections
from django.utils import timezone

from streaming import leasing
from streaming.models import Cursor, WorkerSeen
from streaming.tasks import deliver

log = logging.getLogger(__name__)

LOOKS_EVERY = 2.0
# Three sweeps missed: the messages do not come through.
NO_SWEEP_FOR = timedelta(seconds=6)
AT_ONCE = 20
OURS = "auditsite"

_ending = threading.Event()


def reconcile(*, now: datetime) -> int:
    """Deliver what is due, unless sweeps are running; gives the number of streams that were looked after."""
    swept = WorkerSeen.objects.order_by("-at").values_list("at", flat=True).first()
    if swept is not None and now - swept < NO_SWEEP_FOR:
        return 0
    leasing.free_the_dead()
    due = list(Cursor.objects.due().order_by("next_attempt_at").values_list("pk", flat=True)[:AT_ONCE])
    for stream_id in due:
        deliver(stream_id=str(stream_id))
    return len(due)


def _watch() -> None:
    while not _ending.wait(LOOKS_EVERY):
        try:
            if number := reconcile(now=timezone.now()):
                log.warning("No sweep came through the broker; %d streams were delivered without it.", number)
        except DatabaseError as error:
            log.warning("The database does not answer: %s", error)
        finally:
            close_old_connections()


# Not once it is ready, which a worker that starts without its broker is not until that is back.
@worker_init.connect
def _start(sender: Any, **_: object) -> None:
    if sender.app.main != OURS:
        return  # a producer's own worker in this process
    threading.Thread(target=_watch, name="reconciling", daemon=True).start()


@worker_shutting_down.connect
def _end(**_: object) -> None:
    _ending.set()
