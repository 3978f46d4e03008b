"""Indexer acknowledgement: ids count from 0 in each channel, and a true is given once."""

from __future__ import annotations

import time
import uuid
from collections.abc import Sequence
from threading import Lock


def is_channel(text: str) -> bool:
    try:
        uuid.UUID(text)
    except ValueError:
        return False
    return True


class Acknowledgements:
    """The ids that were given out and not yet confirmed, by channel."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._next: dict[str, int] = {}
        self._pending: dict[tuple[str, int], float] = {}

    def issue(self, channel: str) -> int:
        with self._lock:
            ack_id = self._next.get(channel, 0)
            self._next[channel] = ack_id + 1
            self._pending[channel, ack_id] = time.monotonic()
            return ack_id

    def confirmed(self, channel: str, wanted: Sequence[int], delay: float) -> dict[str, bool]:
        """True for ids older than `delay` seconds, which are forgotten by that; an unknown id is false, no error."""
        now = time.monotonic()
        answer = {}
        with self._lock:
            for ack_id in wanted:
                given = self._pending.get((channel, ack_id))
                ready = given is not None and now - given >= delay
                if ready:
                    del self._pending[channel, ack_id]
                answer[str(ack_id)] = ready
        return answer
