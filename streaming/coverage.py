"""What each stream takes, and what passes every enabled stream by, so that nobody thinks it was sent."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from audit import queries
from audit.models import AuditEntry, Tenant
from audit.queries import Total
from streaming.filtering import FilterUnusable, condition
from streaming.models import Stream
from streaming.models.streams import in_use

DAYS = 7
SECONDS = 0.4
"""Longer would be felt on the settings page, whose load it is part of."""


def what_goes(stream: Stream) -> dict[str, str]:
    """Which entries the stream takes and how they are written, for the API and the commands; an empty filter is all."""
    return {"filter": stream.entry_filter, "format": stream.payload_format, "framing": stream.framing}


def untaken(tenant: Tenant, *, now: datetime) -> dict[str, Any] | None:
    """`taken_by_none` for the API and the commands; `number` is null where counting took too long."""
    total = taken_by_none(tenant, now=now)
    return None if total is None else {"number": total.number, "more": total.capped, "days": DAYS}


def taken_by_none(tenant: Tenant, *, now: datetime) -> Total | None:
    """How many entries of the last DAYS days no stream takes; None where none is switched on.

    A paused stream counts: it takes them once it is resumed.

    Counted from where the first of the enabled streams began, up to `queries.COUNTED`, for at most SECONDS: a `number`
    of None says that it took longer. A stream whose filter cannot be used waits for a person, and takes them all once
    that is mended.
    """
    streams = list(Stream.objects.filter(in_use(), tenant=tenant).select_related("cursor"))
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
    return queries.total(entries, seconds=SECONDS)
