"""One try to deliver, and what follows from its answer. Pure: nothing is read, nothing is written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from streaming.models import Cursor, SetAside, State, Stream
from streaming.wire.messages import Answer
from streaming.wire.outcome import Outcome, Verdict
from streaming.wire.payload import Payload

# So many refusals in a row, for the same reason and with nothing delivered between: it is not the entries.
ENOUGH_ALIKE = 5
# After so many waits in vain, Splunk's acknowledgements are not waited for any more.
MOST_ACK_TIMEOUTS = 2
EVERYTHING = "The destination refuses everything"


def refuses_everything(cursor: Cursor) -> bool:
    """Whether so much was refused that nothing more is set aside until something is delivered or settings change."""
    return cursor.alike_refusals >= ENOUGH_ALIKE


@dataclass(frozen=True, slots=True)
class Attempt:
    """The stream as it was read, what was sent, and what the answer meant.

    `through` is the last sequence that was looked at where the batch is all that was found: what lies between the
    payloads and up to there does not match the stream's filter. `again` is the set-aside that was sent once more,
    alone. `everything` is found while settling: with this entry the destination has refused too much.
    """

    stream: Stream
    batch: Sequence[Payload]
    verdict: Verdict
    at: datetime
    more: bool = False
    through: int | None = None
    answer: Answer | None = None
    again: SetAside | None = None
    everything: bool = False

    @classmethod
    def without_sending(cls, stream: Stream, verdict: Verdict, *, at: datetime) -> Attempt:
        """A try that ended before anything could be sent."""
        return cls(stream, (), verdict, at=at)

    @property
    def is_empty(self) -> bool:
        """Whether nothing was to be sent, and the place only moves behind what does not match."""
        return not self.batch and self.through is not None

    @property
    def reached(self) -> int:
        """The sequence up to which everything is done after this."""
        if self.again is not None:
            return self.stream.cursor.place
        done = 1 if self.sets_aside else self.verdict.delivered
        if done == len(self.batch) and self.through is not None:
            return self.through
        return self.batch[done - 1].sequence if done else self.stream.cursor.place

    @property
    def unconfirmed(self) -> bool:
        """Whether what was taken counts only once Splunk has confirmed it."""
        verdict = self.verdict
        waited_for = self.stream.cursor.ack_timeouts < MOST_ACK_TIMEOUTS
        return verdict.ack_id is not None and bool(verdict.delivered) and waited_for

    @property
    def halves(self) -> bool:
        """Whether a smaller batch comes next, because this one was too large."""
        return len(self.batch) > 1 and self.verdict.outcome is Outcome.SPLIT

    @property
    def is_refused(self) -> bool:
        """Whether one entry of the batch, named or not, was refused for its content."""
        outcome = self.verdict.outcome
        return outcome is Outcome.REJECTED or (outcome is Outcome.SPLIT and len(self.batch) == 1)

    @property
    def suspect(self) -> int | None:
        """The last sequence among which the refused entry is; None where none is or it has been found."""
        if not self.is_refused or self.again is not None or self._was_alone:
            return None
        return self.batch[-1 if self.verdict.rejected is None else self.verdict.rejected].sequence

    @property
    def _was_alone(self) -> bool:
        """Whether the entry was refused before and has now been tried for itself."""
        return len(self.batch) == 1 and self.stream.cursor.window_end == self.batch[0].sequence

    @property
    def sets_aside(self) -> bool:
        """Whether the entry stands in the way of the others only, and leaves it."""
        found = self.is_refused and self.again is None and self._was_alone
        return found and not refuses_everything(self.stream.cursor)

    @property
    def _is_for_content_alone(self) -> bool:
        """Whether the destination does its work, and only this entry is none for it."""
        refused_again = self.again is not None and self.is_refused
        return (self.sets_aside or refused_again) and not self._is_too_much

    @property
    def _is_too_much(self) -> bool:
        return self.everything or (
            self.is_refused and self.suspect is None and refuses_everything(self.stream.cursor)
        )

    @property
    def at_once(self) -> bool:
        """Whether the next try differs enough from this one to be made without waiting."""
        plain = self.verdict.go_plain and self.stream.gzip
        return self.halves or self.suspect is not None or self._is_for_content_alone or plain

    @property
    def ends_trouble(self) -> bool:
        """Whether the destination has shown that it takes entries."""
        delivered = self.verdict.outcome is Outcome.DELIVERED and not self.unconfirmed
        return delivered or self._is_for_content_alone

    @property
    def state(self) -> State:
        """What the stream is doing after this."""
        verdict, cursor = self.verdict, self.stream.cursor
        if self.ends_trouble:
            return State.HEALTHY
        if verdict.outcome is Outcome.HELD_FOR_CREDENTIALS:
            return State.HELD_FOR_CREDENTIALS
        patience = verdict.hold_after is not None and cursor.failures + 1 >= verdict.hold_after
        if verdict.outcome is Outcome.HELD_FOR_SETTINGS or patience or self._is_too_much:
            return State.HELD_FOR_SETTINGS
        stays = self.unconfirmed or self.at_once or State(cursor.state).is_held
        return State(cursor.state) if stays else State.RETRYING

    @property
    def words(self) -> str:
        """What the page says about it."""
        if self._is_too_much:
            return f"{EVERYTHING}: {self.verdict.reason}"
        if self.is_refused and self.suspect is None:
            refused = self.batch[0].sequence if self.again is None else self.again.sequence
            return f"Entry {refused} was refused: {self.verdict.reason}"
        return self.verdict.reason
