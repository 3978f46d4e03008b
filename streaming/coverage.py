"""What no stream takes: entries that pass every enabled stream's filter by, so that nobody thinks they were sent."""

from __future__ import annotations

from datetime import datetime, timedelta

from audit import queries
from audit.models import AuditEntry, Tenant
from audit.queries import Total
from streaming.filtering import FilterUnusable, condition
from streaming.models import Stream

DAYS = 7


def taken_by_none(tenant: Tenant, *, now: datetime) -> Total | None:
    """How many entries of the last DAYS days no enabled stream takes; None where no stream is switched on.

    Counted from where the first of the enabled streams began, up to `queries.COUNTED`, for at most a second. A stream
    whose filter cannot be used waits for a person, and takes them all once that is mended.
    """
    streams = list(Stream.objects.filter(tenant=tenant, enabled=True).select_related("cursor"))
    if not streams:
        return None
    began = min(stream.cursor.started_after or 0 for stream in streams)
    entries = AuditEntry.objects.of(tenant).filter(
        occurred_at__gte=now - timedelta(days=DAYS), sequence__gt=began
    )
    for stream in streams:
        if not stream.entry_filter:
            return Total(0)
        try:
            entries = entries.filter(~condition(stream.entry_filter, tenant=tenant))
        except FilterUnusable:
            return Total(0)
    return queries.total(entries)
