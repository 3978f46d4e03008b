"""Starts a stream, stops it, and lets it go on: each keeps its place, and what is left out is chosen and counted.

A paused stream is off until somebody resumes it; its settings stay open meanwhile. Where entries wait, whoever lets a
stream go on says whether they are sent or left out (decision 9), and the log holds which.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from audit.catalog.areas import tenant_admin_settings as events
from audit.models import AuditEntry, LogHead
from audit.recording import record
from streaming import leasing
from streaming.changing import Change, told_of
from streaming.checking import BEGINNING, DATE, NOW, RESUME, Settings
from streaming.models import Cursor, State, Stream
from streaming.targets import host_of


@dataclass(frozen=True, slots=True)
class Begun:
    """Where a stream went on from: entries that waited, which follow, or those that were left out, for good."""

    parameters: dict[str, Any]
    details: str
    waiting: int = 0
    left_out: int = 0


def switch_on(stream: Stream, settings: Settings, change: Change, *, now: datetime) -> None:
    """Set the place of a stream that was saved as enabled, at its first start or again, and record the choice."""
    cursor = Cursor.objects.select_for_update().get(pk=stream.pk)
    if cursor.started_after is None:
        begun = _first(cursor, stream, settings)
    else:
        begun = _again(cursor, stream, catch_up=settings.catch_up, through=settings.catch_up_through)
    cursor.save()
    _record_enabled(stream, begun, change, now=now)


def switch_off(stream: Stream, change: Change, *, now: datetime) -> None:
    """Stop delivery at once. Call it with the stream's row locked."""
    if not stream.enabled and not stream.is_paused:
        return
    stream.enabled, stream.paused_at, stream.paused_by = False, None, ""
    stream.save(update_fields=["enabled", "paused_at", "paused_by"])
    record(
        tenant=stream.tenant, draft=told_of(stream, events.AUDIT_LOG_STREAMING_DISABLED, {}, change), now=now
    )


def pause(stream_id: UUID, *, change: Change, now: datetime) -> bool:
    """Stop delivery at once until somebody resumes it. False, and nothing changed, where it is not on."""
    with transaction.atomic():
        stream = (
            Stream.objects.select_for_update(of=["self"], no_key=True)
            .select_related("tenant")
            .get(pk=stream_id)
        )
        if not stream.enabled:
            return False
        stream.enabled, stream.paused_at = False, now
        stream.paused_by = change.by.email or change.by.name
        stream.save(update_fields=["enabled", "paused_at", "paused_by"])
        details = "Paused. Its place is kept: what is recorded meanwhile follows in order when it is resumed."
        draft = told_of(
            stream, events.AUDIT_LOG_STREAMING_DISABLED, {"paused": True}, change, details=details
        )
        record(tenant=stream.tenant, draft=draft, now=now)
    return True


def resume(
    stream_id: UUID, *, change: Change, now: datetime, catch_up: str = RESUME, through: int | None = None
) -> Begun | None:
    """Let a paused stream go on, at once. None, and nothing changed, where it is not paused.

    With `catch_up` NOW, entries that wait are left out: those up to the sequence `through`, as it was said beforehand,
    or all.
    """
    with transaction.atomic():
        stream = (
            Stream.objects.select_for_update(of=["self"], no_key=True)
            .select_related("tenant")
            .get(pk=stream_id)
        )
        if not stream.is_paused:
            return None
        stream.enabled, stream.paused_at, stream.paused_by = True, None, ""
        stream.save(update_fields=["enabled", "paused_at", "paused_by"])
        cursor = Cursor.objects.select_for_update().get(pk=stream.pk)
        begun = _again(cursor, stream, catch_up=catch_up, through=through)
        cursor.next_attempt_at = None
        cursor.save()
        if begun.left_out:
            free(stream)
        _record_enabled(stream, begun, change, now=now)
    return begun


def free(stream: Stream) -> None:
    """New settings, or another place, are tried at once, and no result for the old ones counts."""
    leasing.fence_off(stream.pk)
    Cursor.objects.filter(pk=stream.pk).update(
        failures=0,
        next_attempt_at=None,
        batch_limit=None,
        state=_unheld(stream),
        host=host_of(stream),
        **_NOTHING_UNDER_WAY,
    )


def _first(cursor: Cursor, stream: Stream, settings: Settings) -> Begun:
    head = _head(stream)
    cursor.place = cursor.started_after = _first_place(stream, settings, head=head)
    before = head - cursor.place
    details = f"It begins with {_entries(before)} recorded before." if before else "It begins at the present."
    return Begun({"start_from": settings.start_from, "after": cursor.place}, details, waiting=before)


def _again(cursor: Cursor, stream: Stream, *, catch_up: str, through: int | None) -> Begun:
    head = _head(stream)
    if catch_up != NOW:
        waiting = head - cursor.place
        details = f"It goes on with {_entries(waiting)} recorded meanwhile." if waiting else ""
        return Begun({"catch_up": RESUME, "waiting": waiting}, details, waiting=waiting)
    reached = head if through is None else max(cursor.place, min(through, head))
    left_out = reached - cursor.place
    cursor.left_out += left_out
    cursor.place = reached
    details = (
        f"It goes on from now: {_entries(left_out)} recorded meanwhile are left out." if left_out else ""
    )
    told = {"catch_up": NOW, "left_out": left_out, "after": reached}
    return Begun(told, details, waiting=head - reached, left_out=left_out)


def _head(stream: Stream) -> int:
    """How many entries the log holds."""
    return LogHead.objects.filter(pk=stream.tenant_id).values_list("last_sequence", flat=True).first() or 0


def _entries(number: int) -> str:
    return "1 entry" if number == 1 else f"{number:,} entries"


def _first_place(stream: Stream, settings: Settings, *, head: int) -> int:
    if settings.start_from == BEGINNING:
        return 0
    if settings.start_from == DATE and settings.start_date is not None:
        since = AuditEntry.objects.filter(tenant_id=stream.tenant_id, recorded_at__gte=settings.start_date)
        first = since.order_by("sequence").values_list("sequence", flat=True).first()
        return head if first is None else first - 1
    return head


def _record_enabled(stream: Stream, begun: Begun, change: Change, *, now: datetime) -> None:
    event = events.AUDIT_LOG_STREAMING_ENABLED
    draft = told_of(stream, event, begun.parameters, change, details=begun.details)
    record(tenant=stream.tenant, draft=draft, now=now)


def _unheld(stream: Stream) -> State:
    """A held stream stays held until something was delivered, so that its recovery is told."""
    state = State(Cursor.objects.values_list("state", flat=True).get(pk=stream.pk))
    return state if state.is_held else State.HEALTHY


# What was being halved, or was sent and not confirmed, was so under the settings of before.
_NOTHING_UNDER_WAY: dict[str, Any] = {
    "window_end": None, "alike_refusals": 0, "alike_code": "", "ack_channel": None, "ack_id": None,
    "ack_last_sequence": None, "ack_posted_at": None, "ack_polls": 0, "ack_timeouts": 0, "warning": "",
}  # fmt: skip
