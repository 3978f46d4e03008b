"""The next attempt of a stream: what is to be sent is read, encoded, sent, and its answer judged. Writes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from msgspec.structs import replace

from streaming import acknowledging
from streaming.attempting import Attempt, refuses_everything
from streaming.destination import Destination, SettingsError, Target, destination
from streaming.encryption import TokenUnreadable
from streaming.filtering import FilterUnusable
from streaming.leasing import Lease
from streaming.models import SetAside, Stream
from streaming.prefetching import Ahead, Aim
from streaming.reading import EntryMissing, Window, payloads_of, window_after
from streaming.setting_aside import next_to_send
from streaming.targets import target_of
from streaming.transport.client import Client
from streaming.wire.messages import Answer, Request
from streaming.wire.outcome import Outcome, Verdict
from streaming.wire.payload import Payload
from streaming.wire.shortening import shortened

# A stream in trouble is asked with a few real entries: enough to make progress, little to refuse.
MOST_WHILE_FAILING = 10
MISSING = "entry_missing"
REMOVED = "entry_removed"
NOT_MATCHING = "not_matching"
TOO_LARGE = frozenset({413, 414, 431})


@dataclass(frozen=True, slots=True)
class Sender:
    """One stream as it was read, over one connection."""

    aim: Aim
    ahead: Ahead

    @property
    def stream(self) -> Stream:
        return self.aim.stream

    @property
    def kind(self) -> Destination:
        return self.aim.kind

    @property
    def target(self) -> Target:
        return self.aim.target

    @property
    def now(self) -> datetime:
        return self.aim.now

    def next_attempt(self, *, aside_first: bool) -> Attempt | None:
        """Entries from the place on, or a set-aside that is to be sent again; None where neither waits.

        While the destination refuses everything, its set-asides only serve to find out whether it still does.
        """
        first = aside_first and not refuses_everything(self.stream.cursor)
        row = next_to_send(self.stream) if first else None
        return (self._again(row) if row else None) or self._live() or self._last_of_all(asked=first)

    def _last_of_all(self, *, asked: bool) -> Attempt | None:
        row = None if asked else next_to_send(self.stream)
        return self._again(row) if row else None

    def _live(self) -> Attempt | None:
        made = self.ahead.taken(self.aim) if self._is_calm else None
        window = made.window if made else self._window()
        if not window.payloads:
            return self._nothing_to_send(window)
        if self._suspect_among() is not None:
            return self._among_suspects(window)
        most = self._limit(self.kind.most_for(self.target))
        batch = made.batch if made else self.kind.take(window.payloads, self.target, most=most)
        request = made.request if made else self.aim.request(batch)
        more = len(batch) < len(window.payloads)
        verdict, answer = self._judged(batch, self._answer(request, window, batch))
        through = None if more else window.through
        return Attempt(self.stream, batch, verdict, at=self.now, more=more, through=through, answer=answer)

    def _window(self) -> Window:
        if self._is_calm:
            return self.aim.read(self.stream.cursor.place)
        most = self.kind.most_for(self.target) + 1
        return window_after(self.stream, self.stream.cursor.place, most=most, until=self._suspect_among())

    def _answer(self, request: Request, window: Window, batch: Sequence[Payload]) -> Answer:
        if self._is_calm and len(batch) < len(window.payloads):
            return self.ahead.send(request, aim=self.aim, window=window, batch=batch)
        return self.ahead.client.send(request)

    @property
    def _is_calm(self) -> bool:
        """Whether the next batch will be as large as it may be, if this one is taken: it can be made beforehand."""
        cursor = self.stream.cursor
        return not cursor.failures and cursor.batch_limit is None and cursor.window_end is None

    def _suspect_among(self) -> int | None:
        cursor = self.stream.cursor
        return cursor.window_end if cursor.window_end and cursor.window_end > cursor.place else None

    def _among_suspects(self, window: Window) -> Attempt:
        """One half of those that the refused entry is among, or it alone, then also in a reduced form."""
        half = self._limit(max(len(window.payloads) // 2, 1))
        batch = self.kind.take(window.payloads, self.target, most=half)
        alone = len(window.payloads) == 1
        verdict, answer = self._sent_alone(batch[0]) if alone else self._sent(batch)
        through = window.through if alone else None
        return Attempt(self.stream, batch, verdict, at=self.now, more=True, through=through, answer=answer)

    def _again(self, row: SetAside) -> Attempt:
        found = payloads_of(self.stream.tenant_id, [row.sequence])
        if not found:
            gone = Verdict(
                outcome=Outcome.REJECTED, reason="Retention has removed the entry from the log.", code=REMOVED
            )
            return Attempt(self.stream, (), gone, at=self.now, more=True, again=row)
        verdict, answer = self._sent_alone(found[0])
        return Attempt(self.stream, found, verdict, at=self.now, more=True, answer=answer, again=row)

    def _sent(self, batch: Sequence[Payload]) -> tuple[Verdict, Answer]:
        return self._judged(batch, self.ahead.client.send(self.aim.request(batch)))

    def _judged(self, batch: Sequence[Payload], answer: Answer) -> tuple[Verdict, Answer]:
        verdict = self.kind.judge(answer, sent=batch, target=self.target, now=self.now)
        return verdict.after(self.stream.cursor.failures + 1), answer

    def _sent_alone(self, payload: Payload) -> tuple[Verdict, Answer]:
        """One entry whole and, where the answer names what may be left out, without that."""
        verdict, answer = self._sent([payload])
        smaller = reduced(payload, verdict)
        return (verdict, answer) if smaller is None else self._sent([smaller])

    def _limit(self, most: int) -> int:
        cursor = self.stream.cursor
        limit = min(cursor.batch_limit or most, most)
        return min(limit, MOST_WHILE_FAILING) if cursor.failures else limit

    def _nothing_to_send(self, window: Window) -> Attempt | None:
        """None where nothing waits; else an attempt without a batch, for what the stream's filter does not take."""
        if window.through == self.stream.cursor.place:
            return None
        nothing = Verdict(outcome=Outcome.DELIVERED, reason="", code=NOT_MATCHING)
        return Attempt(self.stream, (), nothing, at=self.now, through=window.through)


def next_attempt(stream: Stream, ahead: Ahead, *, now: datetime, aside_first: bool) -> Attempt | None:
    """What the stream has to send next, sent and judged; None where nothing waits."""
    try:
        kind = destination(stream.destination_kind)
        target = target_of(stream)
    except (LookupError, SettingsError, TokenUnreadable) as error:
        return Attempt.without_sending(stream, _cannot(error), at=now)
    try:
        return Sender(Aim(stream, kind, target, now), ahead).next_attempt(aside_first=aside_first)
    except (EntryMissing, FilterUnusable) as error:
        return Attempt.without_sending(stream, _cannot(error), at=now)


def awaited_attempt(stream: Stream, client: Client, lease: Lease, *, now: datetime) -> Attempt | None:
    """Ask whether what was taken is confirmed: the attempt that ends the wait, None where it goes on."""
    try:
        kind = destination(stream.destination_kind)
        target = target_of(stream)
        return acknowledging.ask(stream, client, lease, kind=kind, target=target, now=now)
    except (LookupError, SettingsError, TokenUnreadable, FilterUnusable) as error:
        return Attempt.without_sending(stream, _cannot(error), at=now)


def reduced(payload: Payload, verdict: Verdict) -> Payload | None:
    """A refused entry without what the answer names as too much; None where there is nothing to leave out."""
    if verdict.outcome not in {Outcome.REJECTED, Outcome.SPLIT}:
        return None
    if verdict.code == "hec_15":
        return replace(payload, lean=True)
    return shortened(payload) if verdict.http_status in TOO_LARGE else None


def _cannot(error: Exception) -> Verdict:
    code, hint = "settings_invalid", "Check the settings."
    if isinstance(error, EntryMissing):
        code, hint = (
            MISSING,
            "To go on behind it, switch streaming off and on again, starting from now.",
        )
    elif isinstance(error, FilterUnusable):
        code, hint = "filter_invalid", "Mend the stream's filter."
    elif isinstance(error, TokenUnreadable):
        code, hint = "token_unreadable", "Enter the token again."
    return Verdict(outcome=Outcome.HELD_FOR_SETTINGS, reason=f"{error} {hint}", code=code)
