"""Entries in the order of their sequence, as the bytes that are sent."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from uuid import UUID

from audit.models import AuditEntry, LogHead
from streaming.wire.payload import Payload

Row = tuple[UUID, int, datetime, datetime, bytes | memoryview]


class EntryMissing(LookupError):
    """The log has no entry with the next sequence although later ones exist: nothing may be skipped in silence."""

    def __init__(self, sequence: int) -> None:
        self.sequence = sequence
        super().__init__(f"Entry {sequence} is not in the log any more.")


def payloads_after(tenant_id: UUID, place: int, *, most: int) -> Sequence[Payload]:
    """Up to `most` payloads that follow `place` without a gap. Raises EntryMissing if the next one is not there."""
    rows = (
        AuditEntry.objects.filter(tenant_id=tenant_id, sequence__gt=place)
        .order_by("sequence")
        .values_list("id", "sequence", "occurred_at", "recorded_at", "body")[:most]
    )
    found = list(_without_gap(rows.iterator(chunk_size=most), place))
    if not found and LogHead.objects.filter(pk=tenant_id, last_sequence__gt=place).exists():
        raise EntryMissing(place + 1)
    return found


def _without_gap(rows: Iterable[Row], place: int) -> Iterator[Payload]:
    expected = place + 1
    for entry_id, sequence, occurred_at, recorded_at, body in rows:
        if sequence != expected:
            if expected == place + 1:
                raise EntryMissing(expected)
            return
        expected += 1
        yield Payload(
            id=entry_id,
            sequence=sequence,
            occurred_at=occurred_at,
            recorded_at=recorded_at,
            body=bytes(body),
        )
