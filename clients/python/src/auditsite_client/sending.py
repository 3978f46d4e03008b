"""Sends what a source holds, batch by batch: knows what to do after each answer, and never sleeps by itself."""

from __future__ import annotations

import logging
import random
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Protocol

from auditsite_client.judging import Answer, Meaning, NoAnswer, Verdict, judge
from auditsite_client.queue import Queued

log = logging.getLogger("auditsite_client")

MOST_ENTRIES = 1_000
LARGEST_BATCH = 4_000_000
FIRST_PAUSE = 0.5
HELD_PAUSE = 30.0


class Source(Protocol):
    """Where entries wait: the queue on disk, or a table of the producer's own database."""

    def next_batch(self, *, most: int, size: int) -> list[Queued]: ...

    def remove(self, ids: Sequence[int]) -> None: ...

    def set_aside(self, refused: Mapping[int, str], *, now: datetime) -> None: ...


class Sender:
    """One batch a call of `send_next()`.

    `state`: `sending` while all is well, `retrying` while the server cannot be reached or is busy, `held` while a
    person has to mend something. `reason` says what the server, or the road to it, said last.
    """

    def __init__(
        self, source: Source, post: Callable[[Sequence[bytes]], Answer | NoAnswer], *, longest_pause: float
    ) -> None:
        self._source, self._post, self._longest_pause = source, post, longest_pause
        self._failures = 0
        self._most = MOST_ENTRIES
        self.state, self.reason = "sending", ""

    def send_next(self) -> float | None:
        """Send the oldest entries. None: there are none; else the seconds to wait before the next call."""
        batch = self._source.next_batch(most=self._most, size=LARGEST_BATCH)
        if not batch:
            self._most = MOST_ENTRIES
            return None
        now = datetime.now(UTC)
        verdict = judge(self._post([queued.body for queued in batch]), size=len(batch), now=now)
        if verdict.meaning in {Meaning.AGAIN, Meaning.HELD}:
            return self._later(verdict)
        self._note("sending", "")
        self._failures = 0
        self._settle(batch, verdict, now)
        return 0.0

    def _settle(self, batch: list[Queued], verdict: Verdict, now: datetime) -> None:
        if verdict.meaning is Meaning.TAKEN:
            self._source.remove([queued.id for queued in batch])
        elif verdict.meaning is Meaning.REFUSED:
            self._set_aside({batch[index].id: reason for index, reason in verdict.refused.items()}, now)
        elif len(batch) == 1:
            self._set_aside({batch[0].id: verdict.reason}, now)
            self._most = MOST_ENTRIES
        else:
            # Stays small until the one that is meant is found, or the source is empty.
            self._most = len(batch) // 2

    def _set_aside(self, refused: Mapping[int, str], now: datetime) -> None:
        log.error("%d audit entries were refused and set aside; the first: %s", len(refused), _first(refused))
        self._source.set_aside(refused, now=now)

    def _later(self, verdict: Verdict) -> float:
        self._failures += 1
        if verdict.meaning is Meaning.HELD:
            self._note("held", verdict.reason)
            return min(HELD_PAUSE, self._longest_pause)
        self._note("retrying", verdict.reason)
        pause: float = min(FIRST_PAUSE * 2 ** min(self._failures - 1, 20), self._longest_pause)
        # Jitter, so that a thousand producers do not come back in the same second; never before the server said.
        return max(pause * random.uniform(0.5, 1), verdict.pause)  # noqa: S311 - no secret

    def _note(self, state: str, reason: str) -> None:
        """Tell once, when the state changes."""
        if state != self.state:
            if state == "held":
                log.error("Audit entries are held back and kept; somebody has to look: %s", reason)
            elif state == "retrying":
                log.warning("Audit entries wait and are kept; sending is tried again: %s", reason)
            else:
                log.info("Audit entries are being sent again.")
        self.state, self.reason = state, reason


def _first(refused: Mapping[int, str]) -> str:
    return next(iter(refused.values()))
