"""Notices as a scheduled task: a look every minute."""

from __future__ import annotations

import logging

from celery import shared_task
from django.utils import timezone

from streaming import notifying

log = logging.getLogger(__name__)


@shared_task
def send_notices() -> None:
    """Tell admins by mail of streams in trouble, and of recoveries."""
    if sent := notifying.send_notices(now=timezone.now()):
        log.info("Notices of streams sent: %d.", sent)
