"""Entries in the order of their sequence, as the bytes that are sent; and what retention took away between them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from uuid import UUID

from django.db import connection
from django.db.models import Min

from audit.models import AuditEntry, LogHead
from streaming.models import Cursor
from streaming.wire.payload import Payload

# Removed entries are passed over in steps of this many.
MOST_REMOVED = 100_000

Row = tuple[UUID, int, datetime, datetime, bytes | memoryview]


class EntryMissing(LookupError):
    """The log has no entry with the next sequence although later ones exist: nothing may be skipped in silence."""

    def __init__(self, sequence: int) -> None:
        self.sequence = sequence
        super().__init__(f"Entry {sequence} is not in the log any more.")


def payloads_after(tenant_id: UUID, place: int, *, most: int) -> Sequence[Payload]:
    """Up to `most` payloads that follow `place` without a gap. Raises EntryMissing if the next one is not there."""
    found = _read(tenant_id, place, most=most)
    if not found and LogHead.objects.filter(pk=tenant_id, last_sequence__gt=place).exists():
        # An entry may have been committed between the two questions.
        found = _read(tenant_id, place, most=most)
        if not found:
            raise EntryMissing(place + 1)
    return found


def removed_after(tenant_id: UUID, place: int) -> int:
    """How many entries that follow `place` without a gap were removed by retention, up to MOST_REMOVED.

    Their leaves are kept, and an entry of the log says that they went: what is neither there nor here is missing.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT count(*) FROM (
                SELECT sequence, row_number() OVER (ORDER BY sequence) AS number FROM audit_keptleaf
                WHERE tenant_id = %s AND sequence > %s ORDER BY sequence LIMIT %s
            ) AS kept WHERE sequence = %s + number""",
            [tenant_id, place, MOST_REMOVED, place],
        )
        row: tuple[int] = cursor.fetchone()
    return row[0]


def still_needed() -> dict[UUID, int]:
    """For each tenant with an enabled stream: the first sequence that one of them has yet to deliver."""
    started = Cursor.objects.filter(stream__enabled=True, started_after__isnull=False)
    places = started.values_list("stream__tenant_id").annotate(least=Min("place"))
    return {tenant_id: least + 1 for tenant_id, least in places}


def _read(tenant_id: UUID, place: int, *, most: int) -> list[Payload]:
    rows = (
        AuditEntry.objects.filter(tenant_id=tenant_id, sequence__gt=place)
        .order_by("sequence")
        .values_list("id", "sequence", "occurred_at", "recorded_at", "body")[:most]
    )
    return list(_without_gap(rows.iterator(chunk_size=most), place))


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
