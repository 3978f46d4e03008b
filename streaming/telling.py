"""What became of one entry on one stream, from what is known of both. Pure: nothing is read.

What is known is said, and no more: see `streaming.delivered`.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from msgspec import Struct

from audit.deliveries import Delivery
from audit.templatetags.moments import duration
from streaming.models import ReplayState, Resolution, State

DELIVERED, NOT_TAKEN = "Delivered", "Not taken"
_TAKES_OTHERS = "The stream's filter takes other entries."
_TOOK_OTHERS = "The stream's filter, as it stands today, takes other entries."
_LONG_AGO = "More than 7 days ago: single attempts are kept no longer."
_EITHER = (
    "The stream is done with it: it was delivered, or left out, by somebody's choice or by the filter of that time. "
    "Single attempts, which would tell, are kept for 7 days."
)


class Attempt(Struct, frozen=True, kw_only=True):
    """Of those that delivered something, the last that began with this entry or one before it."""

    at: datetime
    first_sequence: int
    last_sequence: int
    delivered: int
    milliseconds: int
    http_status: int | None

    @property
    def answered_at(self) -> datetime:
        return self.at + timedelta(milliseconds=self.milliseconds)

    @property
    def is_without_gap(self) -> bool:
        """Whether it delivered every entry between its ends."""
        return self.last_sequence - self.first_sequence + 1 == self.delivered


class Aside(Struct, frozen=True, kw_only=True):
    """The entry's set-aside."""

    at: datetime
    reason: str
    send_again: bool
    resolution: str
    resolved_at: datetime | None
    dismissed_because: str
    replay_id: UUID | None
    http_status: int | None


class Replayed(Struct, frozen=True, kw_only=True):
    """The latest replay of a range that the entry lies in."""

    asked_at: datetime
    finished_at: datetime | None
    place: int
    state: str


class Way(Struct, frozen=True, kw_only=True):
    """A stream, its cursor, and what it has to do with one entry."""

    id: UUID
    name: str
    enabled: bool
    paused_at: datetime | None
    entry_filter: str
    place: int
    started_after: int | None
    left_out: int
    not_matching: int
    state: str
    failures: int
    next_attempt_at: datetime | None
    ack_last_sequence: int | None
    ack_posted_at: datetime | None
    attempt: Attempt | None
    aside: Aside | None
    replay: Replayed | None


class Told(Struct, frozen=True, kw_only=True):
    """The entry, and whether the stream's filter takes it as it stands today; None where that cannot be said."""

    sequence: int
    recorded_at: datetime
    takes: bool | None = True


def delivery(way: Way, entry: Told) -> Delivery:
    """What became of the entry on this stream."""
    if way.aside is not None:
        return _set_aside(way, way.aside)
    return _with_replay(way, entry, _by_the_stream(way, entry))


def _set_aside(way: Way, aside: Aside) -> Delivery:
    if aside.resolution == Resolution.SENT:
        words = "After it had been set aside, it was sent again."
        return _delivered(way, at=aside.resolved_at, words=words)
    if aside.resolution == Resolution.DISMISSED:
        words = f"The destination refused it, and it was given up: {aside.dismissed_because}"
        return Delivery(
            to=way.name, state="Not sent", tone="off", words=words, when="Dismissed", at=aside.resolved_at
        )
    again = " It goes out again as soon as the destination takes something." if aside.send_again else ""
    refused = "A replay was refused it" if aside.replay_id else "The destination refused it"
    words = f"{refused}: {aside.reason}{again}"
    return Delivery(to=way.name, state="Set aside", tone="warn", words=words, when="Refused", at=aside.at)


def _by_the_stream(way: Way, entry: Told) -> Delivery:
    if way.started_after is None:
        return Delivery(to=way.name, state="Not sent", tone="off", words="This stream was never switched on.")
    if entry.sequence <= way.started_after:
        words = f"The stream begins with entry {way.started_after + 1:,}. A replay can send earlier ones."
        return Delivery(to=way.name, state="Before the stream began", tone="off", words=words)
    return _waiting(way, entry) if entry.sequence > way.place else _passed(way, entry)


def _waiting(way: Way, entry: Told) -> Delivery:
    if entry.takes is False:
        return Delivery(to=way.name, state=NOT_TAKEN, tone="off", words=_TAKES_OTHERS)
    waits = Delivery(to=way.name, state="Waiting", tone="warn")
    if not way.enabled:
        return replace(waits, tone="off", words="The stream is switched off. Its place is kept.")
    if way.paused_at is not None:
        words = "The stream is paused. Its place is kept."
        return replace(waits, tone="off", words=words, when="Paused", at=way.paused_at)
    if State(way.state).is_held:
        return replace(waits, tone="danger", words=f"{State(way.state).label}. The place is kept.")
    return _on_its_way(way, entry, waits)


def _on_its_way(way: Way, entry: Told, waits: Delivery) -> Delivery:
    if way.ack_last_sequence is not None and entry.sequence <= way.ack_last_sequence:
        words = "The destination took it, and has yet to confirm that it is safe."
        return replace(waits, state="Sent", words=words, when="Sent", at=way.ack_posted_at)
    if way.failures or way.state == State.RETRYING:
        words = f"The destination takes no entries at the moment. Attempt {way.failures + 1:,} comes next."
        return replace(waits, state="Trying again", words=words, when="Next attempt", at=way.next_attempt_at)
    before = entry.sequence - way.place - 1
    return replace(waits, words=f"{before:,} before it." if before else "It is the next to go.")


def _passed(way: Way, entry: Told) -> Delivery:
    """Of an entry that the stream is done with."""
    found = way.attempt
    if found is None or entry.sequence > found.last_sequence:
        return _without_attempt(way, entry)
    there = _answered(way, entry, found)
    if found.is_without_gap or entry.sequence == found.first_sequence:
        return there
    if not way.not_matching:
        # Without a filter a batch has no gap, and what was delivered of it is its beginning.
        taken = entry.sequence < found.first_sequence + found.delivered
        return there if taken else _left_out(way)
    if entry.takes is False:
        return Delivery(to=way.name, state=NOT_TAKEN, tone="off", words=_TOOK_OTHERS)
    if entry.takes and way.entry_filter:
        return replace(there, words=f"{there.words} So the stream's filter says, as it stands today.")
    return Delivery(to=way.name, state="Passed", tone="off", words=_EITHER)


def _without_attempt(way: Way, entry: Told) -> Delivery:
    """Where no attempt that is kept has it in its range."""
    if entry.takes is False:
        return Delivery(to=way.name, state=NOT_TAKEN, tone="off", words=_TOOK_OTHERS)
    # Older attempts go first, so that what lies behind one that is kept was in none. (One entry alone may have been a
    # set-aside that was sent again, out of the row.)
    kept = way.attempt is not None and way.attempt.last_sequence > way.attempt.first_sequence
    if kept and way.left_out and not way.not_matching:
        return _left_out(way)
    takes_all = not way.not_matching or bool(entry.takes and way.entry_filter)
    if not way.left_out and takes_all and not kept:
        return _delivered(way, at=None, words=_LONG_AGO)
    return Delivery(to=way.name, state="Passed", tone="off", words=_EITHER)


def _left_out(way: Way) -> Delivery:
    words = "Somebody chose to start from now, and not to send what waited."
    return Delivery(to=way.name, state="Left out", tone="off", words=words)


def _answered(way: Way, entry: Told, found: Attempt) -> Delivery:
    seconds = (found.answered_at - entry.recorded_at).total_seconds()
    said = [f"{duration(seconds)} after it was recorded" if seconds >= 0 else "", ""]
    said[1] = f"in a batch of {found.delivered:,}" if found.delivered > 1 else ""
    words = ", ".join(filter(None, said)).capitalize()
    answer = f" HTTP {found.http_status}." if found.http_status else ""
    return _delivered(way, at=found.answered_at, words=f"{words}.{answer}" if words else answer.strip())


def _delivered(way: Way, *, at: datetime | None, words: str) -> Delivery:
    return Delivery(to=way.name, state=DELIVERED, tone="ok", words=words, when=DELIVERED, at=at)


def _with_replay(way: Way, entry: Told, found: Delivery) -> Delivery:
    replay = way.replay
    if replay is None or entry.takes is False:
        return found
    sent, is_open = replay.place >= entry.sequence, ReplayState(replay.state).is_open
    if not sent and not is_open:
        return found
    if found.state == DELIVERED:
        words = "A replay sent it again." if sent else "A replay is to send it again."
        return replace(found, words=f"{found.words} {words}".strip())
    if not sent:
        return replace(found, state="Waiting", tone="warn", words="A replay is to send it.")
    at = replay.finished_at or replay.asked_at
    hedge = " So the stream's filter says, as it stands today." if way.entry_filter else ""
    return replace(_delivered(way, at=at, words=f"By a replay.{hedge}"), about=True)
