"""Exports as scheduled tasks: a look every few seconds at what waits, and a file for each export that is due."""

from __future__ import annotations

import logging
import threading
from uuid import UUID

from celery import shared_task
from celery.worker import state as worker_state
from django.conf import settings
from django.utils import timezone

from audit.exports import expiring, leasing, writing
from audit.models import Export
from streaming.leasing import is_gone, owner_name

log = logging.getLogger(__name__)

AT_ONCE = 100
# A file takes a thread for minutes and Python for itself: most of both are left to live delivery.
_threads = threading.BoundedSemaphore(max(settings.CELERY_WORKER_CONCURRENCY // 8, 1))


@shared_task
def sweep_exports() -> None:
    """Hand exports that could be written to workers; those of processes that were killed are given free first."""
    leasing.free_the_dead(is_gone=is_gone)
    if number := leasing.give_up():
        log.warning("%d exports were interrupted too often, and have failed.", number)
    for export_id in Export.objects.due().order_by("asked_at").values_list("pk", flat=True)[:AT_ONCE]:
        write_export.apply_async(kwargs={"export_id": str(export_id)}, expires=10)


@shared_task
def write_export(*, export_id: str) -> None:
    """Write one export's file; put it back when the worker is asked to end."""
    if not _threads.acquire(blocking=False):
        return
    try:
        writing.write(UUID(export_id), owner=owner_name(), goes_on=_goes_on)
    finally:
        _threads.release()


@shared_task
def expire_exports() -> None:
    """Remove the files whose day is over."""
    if number := expiring.expire(now=timezone.now()):
        log.info("Files of exports removed: %d.", number)


def _goes_on() -> bool:
    return worker_state.should_stop is None
