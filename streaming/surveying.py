"""Many streams at once, in a few queries however many they are: what Prometheus is told, and a tenant's at a glance."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Case, Count, F, OuterRef, QuerySet, Subquery, Sum, When
from django.db.models.functions import Coalesce

from audit.models import AuditEntry
from streaming.destination import all_destinations
from streaming.health import LABELS, state_of
from streaming.hourly import LastDay, last_days
from streaming.measuring import added
from streaming.models import Cursor, Figures, SetAside
from streaming.models.figures import AGE_BOUNDS, REQUEST_BOUNDS, SIZE_BOUNDS
from streaming.targets import host_of


@dataclass(frozen=True, slots=True)
class Surveyed:
    """One stream, as `health_of` tells it."""

    cursor: Cursor
    state: str
    head: int
    waiting: int
    lag: float
    refused: int
    duplicates: int
    entry_bytes: int

    @property
    def not_streamed(self) -> int:
        return self.head - self.waiting - self.cursor.delivered - self.cursor.set_aside


@dataclass(frozen=True, slots=True)
class Glance:
    """One stream in a few words, as `health_of` and `LastDay` have them."""

    cursor: Cursor
    state: str
    waiting: int
    lag: float
    last_day: LastDay

    @property
    def label(self) -> str:
        return LABELS[self.state][0]

    @property
    def tone(self) -> str:
        return LABELS[self.state][1]

    @property
    def kind(self) -> str:
        known = all_destinations().get(self.cursor.stream.destination_kind)
        return known.label if known else ""

    @property
    def host(self) -> str:
        return host_of(self.cursor.stream)


@dataclass(frozen=True, slots=True)
class Requests:
    """What requests to one kind of destination took, that were answered in one way. Buckets are not cumulative."""

    destination: str
    outcome: str
    seconds: float
    requests_in: list[int]
    entries: int
    sizes_in: list[int]
    age_seconds: float
    ages_in: list[int]
    bytes_sent: int


def survey(*, now: datetime) -> list[Surveyed]:
    """Every stream that has a cursor, oldest first."""
    refused = _by_stream(SetAside.objects.all(), n=Count("pk"))
    duplicates = _by_stream(Figures.objects.all(), n=Sum("duplicates"))
    sizes = _by_stream(Figures.objects.all(), n=Sum("bytes_sent"))
    return [
        _surveyed(cursor, refused, duplicates, sizes, now=now)
        for cursor in _cursors().order_by("stream__created_at")
    ]


def glance(slug: str, *, now: datetime) -> list[Glance]:
    """A tenant's streams, oldest first; two questions."""
    cursors = list(_cursors().filter(stream__tenant__slug=slug).order_by("stream__created_at", "pk"))
    days = last_days([cursor.pk for cursor in cursors], now=now)
    found = [(cursor, *_behind(cursor, now=now)) for cursor in cursors]
    return [
        Glance(cursor, state_of(cursor.stream, cursor, lag), waiting, lag, days[cursor.pk])
        for cursor, waiting, lag in found
    ]


def requests() -> list[Requests]:
    """By kind of destination and meaning of the answer."""
    groups: dict[tuple[str, str], list[Figures]] = {}
    for row in Figures.objects.select_related("stream").order_by("pk").iterator():
        groups.setdefault((row.stream.destination_kind, row.outcome), []).append(row)
    return [_summed(kind, outcome, rows) for (kind, outcome), rows in sorted(groups.items())]


def _cursors() -> QuerySet[Cursor]:
    """With the head of its log, and when the oldest entry that waits was recorded."""
    waiting = AuditEntry.objects.filter(
        tenant_id=OuterRef("stream__tenant_id"), sequence__gt=OuterRef("place")
    ).order_by("sequence")
    head = F("stream__tenant__log_head__last_sequence")
    behind = When(place__lt=head, then=Subquery(waiting.values("recorded_at")[:1]))
    return Cursor.objects.select_related("stream").annotate(
        head=Coalesce(head, 0), oldest=Case(behind, default=None)
    )


def _by_stream(rows: QuerySet[Any], **total: Any) -> dict[Any, int]:
    return dict(rows.order_by().values_list("stream_id").annotate(**total))


def _surveyed(
    cursor: Any, refused: dict[Any, int], duplicates: dict[Any, int], sizes: dict[Any, int], *, now: datetime
) -> Surveyed:
    waiting, lag = _behind(cursor, now=now)
    return Surveyed(
        cursor=cursor,
        state=state_of(cursor.stream, cursor, lag),
        head=cursor.head,
        waiting=waiting,
        lag=round(lag, 3),
        refused=refused.get(cursor.pk, 0),
        duplicates=duplicates.get(cursor.pk, 0),
        entry_bytes=sizes.get(cursor.pk, 0),
    )


def _behind(cursor: Any, *, now: datetime) -> tuple[int, float]:
    """How many entries wait, and the age of the oldest in seconds."""
    waiting = max(cursor.head - cursor.place, 0) if cursor.started_after is not None else 0
    age = (now - cursor.oldest).total_seconds() if waiting and cursor.oldest else 0.0
    return waiting, max(age, 0.0)


def _summed(kind: str, outcome: str, rows: list[Figures]) -> Requests:
    return Requests(
        destination=kind,
        outcome=outcome,
        seconds=sum(row.seconds for row in rows),
        requests_in=added((row.requests_in for row in rows), REQUEST_BOUNDS),
        entries=sum(row.entries for row in rows),
        sizes_in=added((row.sizes_in for row in rows), SIZE_BOUNDS),
        age_seconds=sum(row.age_seconds for row in rows),
        ages_in=added((row.ages_in for row in rows), AGE_BOUNDS),
        bytes_sent=sum(row.bytes_sent for row in rows),
    )
