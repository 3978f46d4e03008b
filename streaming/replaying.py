"""Replays as a person asks for them: a range is counted first, then started, paused, resumed or cancelled."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction

from audit import queries
from audit.models import AuditEntry, KeptLeaf, Person
from streaming.configuring import Change
from streaming.filtering import FilterUnusable, matching
from streaming.models import Replay, ReplayState, Stream
from streaming.resending.reading import first_since, last_before
from streaming.resending.settling import tell

# A page is waited for; a filter that takes little of a long log is counted in seconds.
LONGEST_COUNT = 20.0


class ReplayRefused(ValueError):
    """The replay cannot be; the text says why, and what to do."""


@dataclass(frozen=True, slots=True)
class Span:
    """Entries `first` to `last`, both included."""

    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Counted:
    """What a replay of this span would do: send `entries`; the others are removed, or not for this stream."""

    span: Span
    entries: int
    not_matching: int
    removed: int


def span_of_moments(stream: Stream, *, since: datetime, until: datetime | None = None) -> Span:
    """The entries that were recorded since then, and before `until` if that is given. Raises ReplayRefused."""
    first = first_since(stream.tenant_id, since)
    last = last_before(stream.tenant_id, until) if until else queries.last_sequence(stream.tenant)
    return span_of_numbers(stream, first=first, last=last)


def span_of_numbers(stream: Stream, *, first: int, last: int | None = None) -> Span:
    """The entries with these numbers; without `last`, all from `first` on. Raises ReplayRefused."""
    head = queries.last_sequence(stream.tenant)
    span = Span(max(first, 1), head if last is None else min(last, head))
    if span.first > span.last:
        raise ReplayRefused(f"There is no entry in this range. The log ends at entry {head:,}.")
    return span


def count(stream: Stream, span: Span) -> Counted:
    """How many entries would be sent. Raises ReplayRefused where none would, or the filter cannot be applied."""
    tenant, number = stream.tenant, span.last - span.first + 1
    here = {"tenant_id": tenant.pk, "sequence__gte": span.first, "sequence__lte": span.last}
    removed = KeptLeaf.objects.filter(**here).count()
    entries = number - removed
    if stream.entry_filter:
        of_span = AuditEntry.objects.of(tenant).filter(sequence__gte=span.first, sequence__lte=span.last)
        try:
            with queries.time_limit(seconds=LONGEST_COUNT):
                entries = matching(stream, of_span).count()
        except FilterUnusable as error:
            raise ReplayRefused(f"The stream's filter cannot be applied: {error}") from None
        except queries.TookTooLong:
            raise ReplayRefused(
                "Counting what the filter takes was too slow. Choose a shorter range."
            ) from None
    if not entries:
        raise ReplayRefused(
            "None of these entries would be sent: they were removed, or the filter takes none."
        )
    return Counted(span, entries, number - removed - entries, removed)


def start(
    stream: Stream, counted: Counted, *, change: Change, now: datetime, by: Person | None = None
) -> Replay:
    """Start what was counted and record it. Raises ReplayRefused: one replay of a stream at a time, and it is on."""
    if stream.is_paused:
        raise ReplayRefused("Delivery is paused. Resume it first: a replay goes out behind it.")
    if not stream.enabled:
        raise ReplayRefused("Streaming is off. Switch it on first: a replay goes to the saved destination.")
    values = {
        "asked_by": by,
        "asked_at": now,
        "first_sequence": counted.span.first,
        "last_sequence": counted.span.last,
        "counted": counted.entries,
        "place": counted.span.first - 1,
    }
    try:
        with transaction.atomic():
            replay = Replay.objects.create(stream=stream, **values)
            tell(replay, "started", by=change.by, context=change.context, now=now)
    except IntegrityError as error:
        if "replay_one_at_a_time" not in str(error):
            raise
        raise ReplayRefused("A replay of this stream has not ended yet. Cancel it, or let it end.") from None
    return replay


def pause(replay: Replay) -> bool:
    """Stop after the batch that is on its way; the place is kept. False where it does not run."""
    running = Replay.objects.filter(pk=replay.pk, state=ReplayState.RUNNING)
    return bool(running.update(state=ReplayState.PAUSED))


def resume(replay: Replay) -> bool:
    """Go on from the place reached, at once. False where it is not paused."""
    paused = Replay.objects.filter(pk=replay.pk, state=ReplayState.PAUSED)
    return bool(paused.update(state=ReplayState.RUNNING, failures=0, next_attempt_at=None, last_error=""))


def cancel(replay: Replay, *, change: Change, now: datetime) -> bool:
    """End it where it stands, and record it; what is on its way still counts. False where it has ended."""
    with transaction.atomic():
        found = (
            Replay.objects.select_for_update(of=("self",))
            .select_related("stream__tenant")
            .filter(pk=replay.pk)
        )
        one = found.filter(state__in=[ReplayState.RUNNING, ReplayState.PAUSED]).first()
        if one is None:
            return False
        Replay.objects.filter(pk=one.pk).update(
            state=ReplayState.CANCELLED, finished_at=now, next_attempt_at=None
        )
        tell(one, "cancelled", by=change.by, context=change.context, now=now)
    return True


def latest(stream: Stream) -> Replay | None:
    """The stream's open replay, else its last one."""
    return stream.replays.order_by("-asked_at").first()
