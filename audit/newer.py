"""How many entries came after a place in the log: what a page that lies open says of what it does not show yet.

Counted by sequence, which is the order of commit: an entry whose producer's clock is late counts like the others.
"""

from __future__ import annotations

from dataclasses import dataclass

from audit import queries
from audit.limits import TookTooLong, time_limit, walking
from audit.models import Tenant
from audit.models.entries import EntryQuerySet

MOST = 99
"""Counted up to here; beyond, "99+"."""
WALKED = 10_000
"""Of more entries than these only so many of the latest are looked at: a page may lie open for a week."""
SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class Newer:
    """How many of the entries that are asked for came later; `more`: or others that were not looked at."""

    number: int
    more: bool = False

    def __bool__(self) -> bool:
        return bool(self.number) or self.more

    def __str__(self) -> str:
        if not self.number:
            return "There may be new entries"
        noun = "entry" if self.number == 1 and not self.more else "entries"
        return f"{self.number}{'+' if self.more else ''} new {noun}"


def newer(entries: EntryQuerySet, tenant: Tenant, *, than: int) -> Newer:
    """How many of the tenant's `entries` have a sequence after `than`."""
    head = queries.last_sequence(tenant)
    if head <= than:
        return Newer(0)
    first = max(than, head - WALKED)
    some = entries.filter(sequence__gt=first, sequence__lte=head).order_by().values("sequence")[: MOST + 1]
    try:
        with time_limit(seconds=SECONDS), walking():
            number = some.count()
    except TookTooLong:
        return Newer(0, more=True)
    return Newer(min(number, MOST), more=number > MOST or first > than)
