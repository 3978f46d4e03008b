"""Where one entry went: for each stream of its tenant whether and when it was delivered, waits, or never goes, and why.

What is known is said, and no more. A stream's place says which entries it is done with; set-asides, replays and single
attempts (kept for a week) say how. A batch's answer is that of all its entries, so its time is exact; of a replay no
batch is kept, so its time is "about". What a filter took is known by the filter as it stands today.

It costs a question only where a stream has a filter: all else comes with the entry.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import msgspec
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import BooleanField, ExpressionWrapper, Model, OuterRef, QuerySet, Subquery
from django.db.models.functions import JSONObject
from django.urls import reverse

from audit.deliveries import Delivery
from audit.models import AuditEntry, Tenant
from audit.models.entries import EntryQuerySet
from streaming import filtering
from streaming.models import DeliveryAttempt, Replay, SetAside, Stream
from streaming.telling import Aside, Attempt, Replayed, Told, Way, delivery

_OF_STREAM = ("id", "name", "enabled", "paused_at", "entry_filter")
_BESIDE = {"attempt", "aside", "replay"}
_OF_CURSOR = tuple(name for name in Way.__struct_fields__ if name not in _BESIDE and name not in _OF_STREAM)
COLUMN = "ways"


def asked(entries: EntryQuerySet) -> EntryQuerySet:
    """The same entries, each with all that `told` has to know, in one question."""
    entry, stream = OuterRef(OuterRef("sequence")), OuterRef("pk")
    attempts = DeliveryAttempt.objects.filter(stream=stream, delivered__gt=0, first_sequence__lte=entry)
    asides = SetAside.objects.filter(stream=stream, sequence=entry)
    replays = Replay.objects.filter(stream=stream, first_sequence__lte=entry, last_sequence__gte=entry)
    streams = Stream.objects.filter(tenant=OuterRef("tenant_id"), cursor__isnull=False)
    way = JSONObject(
        **{name: name for name in _OF_STREAM},
        **{name: f"cursor__{name}" for name in _OF_CURSOR},
        attempt=_one(attempts.order_by("-first_sequence"), Attempt),
        aside=_one(asides.order_by(), Aside),
        replay=_one(replays.order_by("-asked_at"), Replayed),
    )
    ways = ArraySubquery(streams.order_by("created_at").values_list(way))
    found: EntryQuerySet = entries.annotate(**{COLUMN: ways})
    return found


def told(entry: AuditEntry, *, tenant: Tenant) -> Sequence[Delivery]:
    """What became of an entry that `asked` has found, stream by stream in the order in which they were made."""
    ways = msgspec.convert(getattr(entry, COLUMN), list[Way])
    takes = _taken(entry, [way for way in ways if way.entry_filter and way.aside is None], tenant=tenant)
    return [_linked(delivery(way, _entry(entry, takes.get(way.id, True))), way, tenant) for way in ways]


def _entry(entry: AuditEntry, takes: bool | None) -> Told:  # noqa: FBT001 - one of three
    return Told(sequence=entry.sequence, recorded_at=entry.recorded_at, takes=takes)


def _one(rows: QuerySet[Any, Model], kind: type[msgspec.Struct]) -> Subquery:
    return Subquery(rows.values_list(JSONObject(**{name: name for name in kind.__struct_fields__}))[:1])


def _taken(entry: AuditEntry, ways: Sequence[Way], *, tenant: Tenant) -> dict[Any, bool | None]:
    """Whether each stream's filter takes the entry; None for a filter that cannot be applied any more."""
    found: dict[Any, bool | None] = {}
    conditions = {}
    for number, way in enumerate(ways):
        try:
            holds = filtering.condition(way.entry_filter, tenant=tenant)
        except filtering.FilterUnusable:
            found[way.id] = None
            continue
        conditions[f"way_{number}"] = (way.id, ExpressionWrapper(holds, output_field=BooleanField()))
    if conditions:
        one = AuditEntry.objects.of(tenant).filter(occurred_at=entry.occurred_at, sequence=entry.sequence)
        row: Any = one.values(**{name: holds for name, (_, holds) in conditions.items()}).get()
        found |= {way_id: bool(row[name]) for name, (way_id, _) in conditions.items()}
    return found


def _linked(found: Delivery, way: Way, tenant: Tenant) -> Delivery:
    """With where something can be done, where there is something to be done."""
    if found.tone not in {"warn", "danger"}:
        return found
    page = "set_asides" if way.aside is not None else "settings"
    return replace(found, href=reverse(f"streaming:{page}", args=[tenant.slug, way.id]))
