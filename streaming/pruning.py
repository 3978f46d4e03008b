"""Removes what is only of use for a while: single attempts, connection tests, hours, workers long gone."""

from __future__ import annotations

from datetime import datetime, timedelta

from streaming.models import ConnectionTest, DeliveryAttempt, HourFigures, WorkerSeen

ATTEMPTS_KEPT = timedelta(days=7)
TESTS_KEPT = timedelta(days=30)
HOURS_KEPT = timedelta(days=30)
WORKERS_KEPT = timedelta(days=1)


def prune(*, now: datetime) -> int:
    """Delete what is older than its time; gives the number of rows."""
    old = (
        DeliveryAttempt.objects.filter(at__lt=now - ATTEMPTS_KEPT),
        ConnectionTest.objects.filter(created_at__lt=now - TESTS_KEPT),
        HourFigures.objects.filter(hour__lt=now - HOURS_KEPT),
        WorkerSeen.objects.filter(at__lt=now - WORKERS_KEPT),
    )
    return sum(rows.delete()[0] for rows in old)
