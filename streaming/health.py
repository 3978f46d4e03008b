"""How a stream is doing, in numbers and in words: one source for page, API, command line, admin and metrics."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from audit.canonical import timestamp
from audit.models import AuditEntry, LogHead
from streaming.measuring import added, percentile
from streaming.models import Cursor, Figures, State, Stream
from streaming.models.figures import AGE_BOUNDS
from streaming.wire.backoff import HELD_WAITS, LONGEST_WAIT

# Delivery within a second is the promise (decision 14); behind by more than this for no fault is catching up.
CATCHING_UP = timedelta(seconds=10)

AS_THE_CURSOR_SAYS = (
    "delivered", "set_aside", "not_matching", "place", "last_error", "last_error_at", "last_success_at",
    "last_attempt_at", "held_since", "troubled_since", "failures", "warning",
)  # fmt: skip
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+(?=[A-Z])")
SHARES = {"p50": 0.5, "p95": 0.95, "p99": 0.99}

LABELS = {
    "disabled": ("Off", "off"),
    "paused": ("Paused", "warn"),
    "healthy": ("Streaming", "ok"),
    "catching_up": ("Catching up", "ok"),
    "delivering_with_set_asides": ("Streaming, some set aside", "warn"),
    "retrying": ("Retrying", "warn"),
    "held_for_credentials": ("Action required: credentials", "danger"),
    "held_for_settings": ("Action required: settings", "danger"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """A stream's health now. recorded = not_streamed + delivered + waiting + set_aside, at any time.

    `not_streamed` counts entries that a person chose not to send: those before the stream's start, and those passed
    over by "start from now"; and those that retention removed before they were sent.
    `lag_seconds` is the age of the oldest entry that waits. `refused` counts entries that were ever set aside, those of
    replays too; `delivered_within` has the seconds from recording to the answer for half, 95 and 99 of 100 entries.
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
    not_matching: int
    place: int
    lag_seconds: float
    last_error: str
    last_error_at: datetime | None
    last_success_at: datetime | None
    last_attempt_at: datetime | None
    next_attempt_at: datetime | None
    held_since: datetime | None
    paused_at: datetime | None
    paused_by: str
    troubled_since: datetime | None
    failures: int
    warning: str
    refused: int
    duplicates: int
    requests: int
    entry_bytes: int
    delivered_within: dict[str, float | None]

    @property
    def label(self) -> str:
        return LABELS[self.state][0]

    @property
    def tone(self) -> str:
        """One of ok, warn, danger, off."""
        return LABELS[self.state][1]

    @property
    def sentence(self) -> str:
        """What the state means for a person, and what they can do; empty where there is nothing to do."""
        kept = "Nothing is lost: the place is kept, and delivery goes on in order."
        waiting = f"{self.waiting:,} {'entry waits' if self.waiting == 1 else 'entries wait'}"
        aside = "1 entry was" if self.set_aside == 1 else f"{self.set_aside:,} entries were"
        off = f"Nothing is sent. {waiting}: switch it on to send them in order, or to start from now."
        return {
            "disabled": off if self.waiting else "",
            "paused": f"{waiting} and will follow in order, from the place where delivery stopped.",
            "catching_up": f"{waiting} and are on their way, in order.",
            "delivering_with_set_asides": f"{aside} refused for what they say, and set aside. "
            "All others are delivered. Look at the answers, then send them again or dismiss them.",
            "retrying": "The destination takes no entries at the moment; "
            f"attempt {self.failures + 1} comes next. {kept}",
            "held_for_credentials": f"The destination does not accept the token. {waiting}. "
            f"Enter a working token and save. {kept}",
            "held_for_settings": f"Delivery has stopped and waits for you. {waiting}. "
            f"Mend what the last error names. {kept}",
        }.get(self.state, "")

    @property
    def error(self) -> str:
        """What went wrong last, in its first sentence."""
        return _SENTENCE_END.split(self.last_error, maxsplit=1)[0]

    @property
    def remedy(self) -> str:
        """What there is to do or to know about the last error; empty where its first sentence says it all."""
        return " ".join(_SENTENCE_END.split(self.last_error, maxsplit=1)[1:])

    @property
    def longest_wait(self) -> float:
        """Seconds between attempts at most, as long as it is as it is."""
        return (HELD_WAITS[-1] if self.state.startswith("held") else LONGEST_WAIT).total_seconds()

    @property
    def needs_somebody(self) -> bool:
        """Whether saving the settings, changed or not, tries at once what waits for its time or for a person."""
        return self.state.startswith(("retrying", "held")) or bool(self.warning)

    def as_json(self) -> dict[str, Any]:
        """For the API and `stream_status`: moments as UTC text, unknown ones null."""
        told = asdict(self) | {"id": str(self.id)}
        return {
            key: timestamp(value) if isinstance(value, datetime) else value for key, value in told.items()
        }


def health_of(stream: Stream, *, now: datetime) -> Health:
    """The health of a stream whose cursor exists; five small queries."""
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
        state=state_of(stream, cursor, lag),
        recorded=recorded,
        waiting=waiting,
        not_streamed=recorded - waiting - cursor.delivered - cursor.set_aside,
        lag_seconds=round(lag, 3),
        next_attempt_at=cursor.next_attempt_at if stream.enabled else None,
        paused_at=stream.paused_at,
        paused_by=stream.paused_by,
        refused=stream.set_asides.count(),
        **{name: getattr(cursor, name) for name in AS_THE_CURSOR_SAYS},
        **_counted(stream),
    )


def _counted(stream: Stream) -> dict[str, Any]:
    """What requests took, of all meanings of their answers."""
    rows = list(Figures.objects.filter(stream=stream))
    ages = added((row.ages_in for row in rows), AGE_BOUNDS)
    within = {name: percentile(share, ages, AGE_BOUNDS) for name, share in SHARES.items()}
    return {
        "duplicates": sum(row.duplicates for row in rows),
        "requests": sum(row.requests for row in rows),
        "entry_bytes": sum(row.bytes_sent for row in rows),
        "delivered_within": {name: value and round(value, 3) for name, value in within.items()},
    }


def lag_seconds(cursor: Cursor, *, now: datetime) -> float:
    """Age of the oldest entry that the stream has not delivered yet, in seconds; 0 when none waits."""
    waiting = AuditEntry.objects.filter(tenant_id=cursor.stream.tenant_id, sequence__gt=cursor.place)
    oldest = waiting.order_by("sequence").values_list("recorded_at", flat=True).first()
    return max((now - oldest).total_seconds(), 0.0) if oldest else 0.0


def state_of(stream: Stream, cursor: Cursor, lag: float) -> str:
    """One of the words of `LABELS`."""
    if not stream.enabled:
        return "paused" if stream.is_paused else "disabled"
    if cursor.state != State.HEALTHY:
        return cursor.state
    if lag > CATCHING_UP.total_seconds():
        return "catching_up"
    return "delivering_with_set_asides" if cursor.set_aside else "healthy"
