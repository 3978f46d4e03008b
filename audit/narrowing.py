"""Filters of few values, answered from the kinds of entries that a tenant's log holds (audit.models.EntryKind).

"Category: user actions" and "Area: SAML" may have no entry in common, and to find that out in the entries all of them
are walked. The kinds say it at once; and where something is found, they say of which events, which an index knows.
"""

from __future__ import annotations

from django.db.models import QuerySet

from audit.models import EntryKind
from audit.models.entries import EntryQuerySet

FEW = 24
"""Of more events so much is found soon that they need not be looked up each."""


def narrowed(entries: EntryQuerySet) -> EntryQuerySet:
    """The same entries, asked for in a way that is quicker to answer.

    What is committed between this and the reading of the entries may be missed if it is the first of its kind: not to
    be used for a walk by sequence, which relies on seeing all up to a head that was read before.
    """
    asked = entries.asked
    if asked is None:
        return entries
    kinds = EntryKind.objects.filter(tenant_id=asked.tenant_id)
    events = _events(kinds.filter(asked.kinds))
    if not events:
        return entries.none()
    if len(events) > FEW:
        return entries
    # Where all entries of these events keep the conditions, and no other does, the events say all.
    exact = not events & _events(kinds.exclude(asked.exactly))
    found = (asked.rest if exact else entries).filter(event__in=sorted(events))
    found.query.deferred_loading = entries.query.deferred_loading
    return found


def _events(kinds: QuerySet[EntryKind]) -> set[str]:
    return set(kinds.values_list("event", flat=True).distinct())
