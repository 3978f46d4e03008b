"""While a batch is on its way, the one behind it is read, encoded and compressed.

The request goes out from a thread of its own, which knows no database; what is read meanwhile is read here, on the
connection that settles the batch afterwards. What was made beforehand counts only where the next batch begins exactly
there, under the same settings; else it is dropped and read anew. One window of the log (reading.MOST_BYTES) and one
request are held besides those on their way, whatever the backlog.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime

from streaming.destination import Destination, Target
from streaming.models import Stream
from streaming.reading import Window, window_after
from streaming.transport.client import Client
from streaming.transport.compressing import compressed
from streaming.wire.messages import Answer, Request
from streaming.wire.payload import Payload

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Aim:
    """What a batch is made for: a stream as it was read, and its target."""

    stream: Stream
    kind: Destination
    target: Target
    now: datetime

    def read(self, place: int) -> Window:
        """Enough for two requests: the question costs PostgreSQL more than most of its answers."""
        return window_after(self.stream, place, most=2 * self.kind.most_for(self.target) + 1)

    def request(self, batch: Sequence[Payload]) -> Request:
        return compressed(self.kind.encode(batch, self.target, now=self.now))


@dataclass(frozen=True, slots=True)
class Prepared:
    """A batch that could be sent next: the leading part of `window`, which follows `place`."""

    place: int
    version: int
    target: Target
    window: Window
    batch: Sequence[Payload]
    request: Request

    def is_for(self, aim: Aim) -> bool:
        stream = aim.stream
        return (self.place, self.version, self.target) == (
            stream.cursor.place,
            stream.config_version,
            aim.target,
        )


class Ahead:
    """What one run has made beforehand, and the connection that it sends over."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self._prepared: Prepared | None = None
        self._thread: ThreadPoolExecutor | None = None

    def close(self) -> None:
        if self._thread is not None:
            self._thread.shutdown()
        self.client.close()

    def taken(self, aim: Aim) -> Prepared | None:
        """The batch that was made for this place and these settings, if one was; another one is dropped."""
        made, self._prepared = self._prepared, None
        return made if made is not None and made.is_for(aim) else None

    def send(self, request: Request, *, aim: Aim, window: Window, batch: Sequence[Payload]) -> Answer:
        """Send the request for `batch`, the leading part of `window`, and make the next one meanwhile."""
        if self._thread is None:
            self._thread = ThreadPoolExecutor(1, thread_name_prefix="sending")
        answer = self._thread.submit(self.client.send, request)
        try:
            self._prepared = _prepared(aim, window, batch)
        except Exception as error:  # noqa: BLE001 - whoever reads it again meets it again, after this batch is settled
            log.info("Nothing was made beforehand for stream %s: %s", aim.stream.pk, error)
        return answer.result()


def _prepared(aim: Aim, window: Window, sent: Sequence[Payload]) -> Prepared:
    rest = Window(window.payloads[len(sent) :], window.through)
    batch = aim.kind.take(rest.payloads, aim.target)
    if len(batch) == len(rest.payloads):
        more = aim.read(rest.through)
        rest = Window([*rest.payloads, *more.payloads], more.through)
        batch = aim.kind.take(rest.payloads, aim.target)
    return Prepared(sent[-1].sequence, aim.stream.config_version, aim.target, rest, batch, aim.request(batch))
