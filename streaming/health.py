"""How a stream is doing, in numbers and in words: one source for page, API, command line and metrics."""

from __future__ import annotations

from datetime import datetime

from audit.models import AuditEntry
from streaming.models import Cursor


def lag_seconds(cursor: Cursor, *, now: datetime) -> float:
    """Age of the oldest entry that the stream has not delivered yet, in seconds; 0 when none waits."""
    waiting = AuditEntry.objects.filter(tenant_id=cursor.stream.tenant_id, sequence__gt=cursor.place)
    oldest = waiting.order_by("sequence").values_list("recorded_at", flat=True).first()
    return max((now - oldest).total_seconds(), 0.0) if oldest else 0.0
