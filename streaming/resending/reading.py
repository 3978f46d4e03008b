"""What a replay reads: the entries of a range that its stream takes, and what became of the others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Max, Min

from audit.models import AuditEntry, KeptLeaf, LogHead
from streaming.filtering import matching
from streaming.models import Stream
from streaming.reading import EntryMissing
from streaming.wire.payload import Payload

# Entries that one step looks at: where a filter takes few of them, a step ends all the same.
MOST_LOOKED_AT = 50_000
# Writers take their time before they take their number, so moments go up with numbers but for a few neighbours.
NEIGHBOURS = 1_000


@dataclass(frozen=True, slots=True)
class Passed:
    """Of a range, what was not sent: entries that the stream's filter does not take, and removed ones."""

    not_matching: int = 0
    removed: int = 0


def payloads_between(stream: Stream, after: int, last: int, *, most: int) -> Sequence[Payload]:
    """Up to `most` entries that the stream takes, of those numbered after + 1 to last. Raises FilterUnusable."""
    entries = AuditEntry.objects.of(stream.tenant).filter(sequence__gt=after, sequence__lte=last)
    rows = matching(stream, entries).order_by("sequence")
    wanted = rows.values_list("id", "sequence", "occurred_at", "recorded_at", "body")[:most]
    return [
        Payload(id=pk, sequence=number, occurred_at=occurred, recorded_at=recorded, body=bytes(body))
        for pk, number, occurred, recorded, body in wanted
    ]


def passed(stream: Stream, after: int, through: int, *, sent: Sequence[int]) -> Passed:
    """What lies between `after` and `through` besides what was sent. Raises EntryMissing where an entry is nowhere."""
    number = through - after
    if number == len(sent):
        return Passed()
    here = {"tenant_id": stream.tenant_id, "sequence__gt": after, "sequence__lte": through}
    with transaction.atomic():
        leaves = KeptLeaf.objects.filter(**here)
        removed = leaves.exclude(sequence__in=sent).count()
        kept, there = leaves.count(), AuditEntry.objects.filter(**here).count()
    if kept + there < number:
        raise EntryMissing(_first_missing(stream.tenant_id, after, through))
    return Passed(not_matching=number - len(sent) - removed, removed=removed)


def first_since(tenant_id: UUID, moment: datetime) -> int:
    """The number of the first entry that was recorded at that moment or later; one more than the last if none was."""
    found = _border(tenant_id, moment)
    near = AuditEntry.objects.filter(
        tenant_id=tenant_id, sequence__gte=found - NEIGHBOURS, sequence__lt=found, recorded_at__gte=moment
    )
    return near.aggregate(n=Min("sequence"))["n"] or found


def last_before(tenant_id: UUID, moment: datetime) -> int:
    """The number of the last entry that was recorded before that moment; 0 if none was."""
    found = _border(tenant_id, moment)
    near = AuditEntry.objects.filter(
        tenant_id=tenant_id, sequence__gte=found, sequence__lt=found + NEIGHBOURS, recorded_at__lt=moment
    )
    return near.aggregate(n=Max("sequence"))["n"] or found - 1


def _border(tenant_id: UUID, moment: datetime) -> int:
    """By halving: no index knows when entries were recorded, and their numbers follow it."""
    entries = AuditEntry.objects.filter(tenant_id=tenant_id).order_by("sequence")
    head = LogHead.objects.filter(pk=tenant_id).values_list("last_sequence", flat=True).first() or 0
    low, high = 1, head + 1
    while low < high:
        middle = (low + high) // 2
        row = entries.filter(sequence__gte=middle).values_list("sequence", "recorded_at").first()
        if row is not None and row[1] < moment:
            low = row[0] + 1
        else:
            high = middle
    # What was removed before it is no part of what is asked for.
    return entries.filter(sequence__gte=low).values_list("sequence", flat=True).first() or head + 1


def _first_missing(tenant_id: UUID, after: int, through: int) -> int:
    here = {"tenant_id": tenant_id, "sequence__gt": after, "sequence__lte": through}
    there = set(AuditEntry.objects.filter(**here).values_list("sequence", flat=True))
    there |= set(KeptLeaf.objects.filter(**here).values_list("sequence", flat=True))
    return next((number for number in range(after + 1, through + 1) if number not in there), after + 1)
