"""The client: `record()` keeps an entry on disk and returns; a thread, or a process of its own, sends."""

from __future__ import annotations

import atexit
import logging
import os
import threading
import time
import weakref
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self, Unpack

from auditsite_client.background import Background
from auditsite_client.context import current
from auditsite_client.entries import Fields, make
from auditsite_client.posting import Poster
from auditsite_client.queue import Queue, QueueFull, QueueUnavailable, SetAside
from auditsite_client.sending import Sender

log = logging.getLogger("auditsite_client")

# What a request that is under way at the end is waited for in any case.
LAST_REQUEST = 0.5
LOOK_FOR_SPACE = 0.05
LOOK_FOR_END = 0.02
# What is not sent by then is sent by the next start: it is on disk.
PATIENCE_AT_EXIT = 5.0


@dataclass(frozen=True, slots=True)
class Options:
    """`background`: send in a thread of this process; False where `python -m auditsite_client.send` runs.

    `wait_when_full`: how many seconds `record()` waits for space before it raises QueueFull (0: not at all).
    `fsync`: False spares the wait for the disk (some milliseconds an entry): a crash of the process still loses
    nothing, a power cut may lose the last moments. Times are seconds. `ca_file`: a PEM file to trust instead of
    the public authorities. `plain_http`: take http:// for hosts other than this one.
    """

    background: bool = True
    most_entries: int = 1_000_000
    most_bytes: int = 1 << 30
    wait_when_full: float = 0.0
    fsync: bool = True
    timeout: float = 30.0
    longest_pause: float = 60.0
    ca_file: Path | None = None
    plain_http: bool = False


@dataclass(frozen=True, slots=True)
class Status:
    """For a health page. `state` is `sending`, `retrying` or `held`, as this process's own thread last saw it."""

    waiting: int
    waiting_bytes: int
    set_aside: int
    state: str
    reason: str


class _Parts:
    """What belongs to one process: after a fork the child builds its own."""

    def __init__(self, build_poster: Callable[[], Poster], folder: Path, options: Options) -> None:
        self.queue = Queue(
            folder, most_entries=options.most_entries, most_bytes=options.most_bytes, fsync=options.fsync
        )
        self.poster = build_poster()
        self.sender = Sender(self.queue, self.poster.post, longest_pause=options.longest_pause)
        self.background = Background(self.queue, self.sender)


class Client:
    """Sends the entries of one tenant, whose key is given as text or as a function that returns it.

    `queue` names a folder on a local disk. Threads, forked workers and other processes may use the same one.
    """

    def __init__(
        self,
        *,
        url: str,
        key: str | Callable[[], str],
        queue: str | os.PathLike[str],
        options: Options | None = None,
    ) -> None:
        self._options = options or Options()
        self._folder = Path(queue)
        self._build_poster = lambda: Poster(
            url,
            key,
            timeout=self._options.timeout,
            ca_file=self._options.ca_file,
            plain_http=self._options.plain_http,
        )
        self._lock = threading.Lock()
        self._closed = False
        self._parts: _Parts | None = None
        _all.add(self)
        if self._opened().queue.totals().entries:
            self._nudge()

    def record(self, event: str, **given: Unpack[Fields]) -> str:
        """Keep an entry until the server has it; returns its `external_id`. Never waits for the server.

        What is not given comes from the context (auditsite_client.acting): actor, address, request. Raises
        ValueError or TypeError for what cannot be an entry, QueueFull, and QueueUnavailable: then, and only
        then, nothing was recorded.
        """
        made = make(event, given, context=current(), now=datetime.now(UTC))
        self._append(made.body)
        self._nudge()
        return made.external_id

    def flush(self, timeout: float) -> bool:
        """Wait until all that was recorded so far is sent (or set aside); False if that took too long."""
        parts = self._opened()
        deadline = time.monotonic() + timeout
        _, newest = parts.queue.ends()
        while 0 < parts.queue.ends()[0] <= newest:
            if time.monotonic() >= deadline:
                return False
            if self._options.background and not self._closed:
                parts.background.nudge()
                time.sleep(LOOK_FOR_END)
            else:
                time.sleep(min(parts.background.drain(deadline), max(deadline - time.monotonic(), 0)))
        return True

    def status(self) -> Status:
        parts = self._opened()
        entries, size = parts.queue.totals()
        aside = parts.queue.count_set_aside()
        return Status(entries, size, aside, parts.sender.state, parts.sender.reason)

    def set_aside(self) -> list[SetAside]:
        """The entries that the server refused for what they say, with its reason."""
        return self._opened().queue.all_set_aside()

    def send_again(self) -> int:
        """Put what was set aside back into the queue, once its cause is mended; how many entries that were."""
        number = self._opened().queue.send_again()
        self._nudge()
        return number

    def close(self, timeout: float = PATIENCE_AT_EXIT) -> bool:
        """Flush, and end the thread. False if something is left, which the next start sends."""
        if self._closed:
            return True
        sent = self.flush(timeout) if self._options.background else True
        self._closed = True
        parts = self._opened()
        if parts.background.stop(max(timeout, LAST_REQUEST)):
            parts.poster.close()
        return sent

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _append(self, body: bytes) -> None:
        deadline = time.monotonic() + self._options.wait_when_full
        while True:
            try:
                return self._opened().queue.append(body)
            except QueueFull:
                if time.monotonic() >= deadline:
                    raise
                self._nudge()
                time.sleep(LOOK_FOR_SPACE)

    def _nudge(self) -> None:
        if self._options.background and not self._closed:
            self._opened().background.nudge()

    def _opened(self) -> _Parts:
        parts = self._parts
        if parts is None:
            with self._lock:
                parts = self._parts = self._parts or _Parts(self._build_poster, self._folder, self._options)
        return parts

    def _before_fork(self) -> None:
        self._lock.acquire()
        if self._parts is not None:
            self._parts.queue.before_fork()

    def _after_fork_in_parent(self) -> None:
        if self._parts is not None:
            self._parts.queue.after_fork_in_parent()
        self._lock.release()

    def _after_fork_in_child(self) -> None:
        """Threads are gone, and connections are the parent's: the child opens its own."""
        if self._parts is not None:
            self._parts.queue.after_fork_in_child()
        self._lock = threading.Lock()
        self._parts = None


_all: weakref.WeakSet[Client] = weakref.WeakSet()
_forking: list[Client] = []


def _before_fork() -> None:
    _forking[:] = list(_all)
    for client in _forking:
        client._before_fork()  # noqa: SLF001 - of this module


def _in_parent() -> None:
    for client in _forking:
        client._after_fork_in_parent()  # noqa: SLF001
    _forking.clear()


def _in_child() -> None:
    for client in _forking:
        client._after_fork_in_child()  # noqa: SLF001
    _forking.clear()


def _at_exit() -> None:
    """What waits for a server that is away is not waited for here either."""
    for client in list(_all):
        try:
            client.close(PATIENCE_AT_EXIT if client.status().state == "sending" else 0)
        except QueueUnavailable:
            log.exception("The queue of audit entries could not be closed in order.")


if hasattr(os, "register_at_fork"):  # where there is no fork, there is nothing to do after one
    os.register_at_fork(before=_before_fork, after_in_parent=_in_parent, after_in_child=_in_child)
atexit.register(_at_exit)
