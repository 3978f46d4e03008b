"""Filters of few values, answered from the kinds of entries that a tenant's log holds (audit.models.EntryKind).

"Category: user actions" and "Area: SAML" may have no entry in common, and to find that out in the entries all of them
are walked. The kinds say it at once; and where something is found, they say of which events, which an index knows.
"""

from __future__ import annotations

from django.contrib.postgres.aggregates import BoolOr
from django.db.models import Case, Q, When

from audit.models import EntryKind
from audit.models.entries import Asked, EntryQuerySet

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
    meant, others = _events(asked)
    if not meant:
        return entries.none()
    if len(meant) > FEW:
        return entries.filter()
    # Where all entries of these events keep the conditions, and no other does, the events say all.
    exact = not meant & others
    found = (asked.rest if exact else entries).filter(event__in=sorted(meant))
    found.query.deferred_loading = entries.query.deferred_loading
    return found


def _events(asked: Asked) -> tuple[set[str], set[str]]:
    """Events of kinds that are meant, and those of kinds that do not keep what the kind tells exactly."""
    kinds = EntryKind.objects.filter(tenant_id=asked.tenant_id).values_list("event")
    rows = kinds.annotate(meant=BoolOr(_holds(asked.kinds)), other=BoolOr(_holds(~asked.exactly)))
    found = list(rows)
    return {event for event, meant, _ in found if meant}, {event for event, _, other in found if other}


def _holds(condition: Q) -> Case:
    return Case(When(condition, then=True), default=False)
