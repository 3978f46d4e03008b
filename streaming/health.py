"""How a stream is doing, in numbers and in words: one source for page, API, command line, admin and metrics."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from audit.canonical import timestamp
from audit.models import AuditEntry, LogHead
from streaming.models import Cursor, State, Stream

# Delivery within a second is the promise (decision 14); behind by more than this for no fault is catching up.
CATCHING_UP = timedelta(seconds=10)

LABELS = {
    "disabled": ("Off", "off"),
    "healthy": ("Streaming", "ok"),
    "catching_up": ("Catching up", "ok"),
    "retrying": ("Retrying", "warn"),
    "held_for_credentials": ("Action required: credentials", "danger"),
    "held_for_settings": ("Action required: settings", "danger"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """A stream's health now. recorded = not_streamed + delivered + waiting + set_aside, at any time.

    `not_streamed` counts entries that a person chose not to send: those before the stream's start, and those passed
    over by "start from now"; and those that retention removed before they were sent.
    `lag_seconds` is the age of the oldest entry that waits.
    """

    id: UUID
    name: str
    destination: str
    state: str
    recorded: int
    delivered: int
    waiting: int
    set_aside: int
    not_streamed: int
    lag_seconds: float
    last_error: str
    last_error_at: datetime | None
    last_success_at: datetime | None
    next_attempt_at: datetime | None
    held_since: datetime | None
    failures: int

    @property
    def label(self) -> str:
        return LABELS[self.state][0]

    @property
    def tone(self) -> str:
        """One of ok, warn, danger, off."""
        return LABELS[self.state][1]

    @property
    def sentence(self) -> str:
        """What the state means for a person, and what they can do."""
        kept = "Nothing is lost: the place is kept, and delivery goes on in order."
        waiting = f"{self.waiting:,} {'entry waits' if self.waiting == 1 else 'entries wait'}"
        if self.state == "held_for_credentials":
            return f"The destination does not accept the token. {waiting}. Enter a working token and save. {kept}"
        if self.state == "held_for_settings":
            return (
                f"Delivery has stopped and waits for you. {waiting}. Mend what the last error names. {kept}"
            )
        if self.state == "retrying":
            return f"The destination takes no entries at the moment; attempt {self.failures + 1} comes next. {kept}"
        if self.state == "catching_up":
            return f"{waiting} and are on their way, in order."
        return ""

    def as_json(self) -> dict[str, Any]:
        """For the API and `stream_status`: moments as UTC text, unknown ones null."""
        told = asdict(self) | {"id": str(self.id)}
        return {
            key: timestamp(value) if isinstance(value, datetime) else value for key, value in told.items()
        }


def health_of(stream: Stream, *, now: datetime) -> Health:
    """The health of a stream whose cursor exists; three small queries."""
    cursor = Cursor.objects.select_related("stream").get(pk=stream.pk)
    recorded = (
        LogHead.objects.filter(pk=stream.tenant_id).values_list("last_sequence", flat=True).first() or 0
    )
    started = cursor.started_after is not None
    waiting = max(recorded - cursor.place, 0) if started else 0
    lag = lag_seconds(cursor, now=now) if waiting else 0.0
    return Health(
        id=stream.pk,
        name=stream.name,
        destination=stream.destination_kind,
        state=_state(stream, cursor, lag),
        recorded=recorded,
        delivered=cursor.delivered,
        waiting=waiting,
        set_aside=cursor.set_aside,
        not_streamed=recorded - waiting - cursor.delivered - cursor.set_aside,
        lag_seconds=round(lag, 3),
        last_error=cursor.last_error,
        last_error_at=cursor.last_error_at,
        last_success_at=cursor.last_success_at,
        next_attempt_at=cursor.next_attempt_at if stream.enabled else None,
        held_since=cursor.held_since,
        failures=cursor.failures,
    )


def lag_seconds(cursor: Cursor, *, now: datetime) -> float:
    """Age of the oldest entry that the stream has not delivered yet, in seconds; 0 when none waits."""
    waiting = AuditEntry.objects.filter(tenant_id=cursor.stream.tenant_id, sequence__gt=cursor.place)
    oldest = waiting.order_by("sequence").values_list("recorded_at", flat=True).first()
    return max((now - oldest).total_seconds(), 0.0) if oldest else 0.0


def _state(stream: Stream, cursor: Cursor, lag: float) -> str:
    if not stream.enabled:
        return "disabled"
    if cursor.state != State.HEALTHY:
        return cursor.state
    return "catching_up" if lag > CATCHING_UP.total_seconds() else "healthy"
