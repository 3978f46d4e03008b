"""The log's upkeep as scheduled tasks: partitions every hour, retention once a day where the operator asked for it."""

from __future__ import annotations

import logging

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from audit import maintaining, retention
from audit.partitions import Busy, as_owner
from streaming.reading import still_needed

log = logging.getLogger(__name__)


@shared_task
def maintain_partitions() -> None:
    """Make months ahead and empty the default partition; what is busy waits for the next hour."""
    with as_owner():
        done = maintaining.maintain(now=timezone.now())
    if done.made or done.moved:
        log.info("Partitions made: %s; strays moved: %d.", ", ".join(done.made) or "none", done.moved)
    if done.later:
        log.warning("The log's partitions wait for the next round: %s", done.later)


@shared_task
def apply_retention() -> None:
    """Remove what is past everybody's retention, if `AUDITSITE_RETENTION_APPLY` says so."""
    if not settings.RETENTION_APPLY:
        return
    try:
        with as_owner():
            outcomes = retention.apply_retention(now=timezone.now(), still_needed=still_needed)
    except Busy as busy:
        log.warning("Retention waits for the next day: %s", busy)
        return
    for outcome in outcomes:
        log.info("%s removed: %s. %s", outcome.month.name, outcome.removed, " ".join(outcome.kept_because))
