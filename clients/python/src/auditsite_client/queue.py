"""The queue on disk: what is recorded lies here until the server has taken it.

SQLite in WAL mode with `synchronous=FULL`: when `append()` returns, the entry has been through fsync and
outlives the process and a power cut; what a cut can lose is a call that had not returned. Without `fsync`
(`synchronous=NORMAL`) it outlives the process, and a power cut may take the last moments. Any number of
processes and threads of one machine may share the folder; a network file system is not the place for it.
"""

from __future__ import annotations

import os
import sqlite3
import threading
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from auditsite_client.queue_file import claimed, open_file


class QueueFull(Exception):
    """The queue holds as much as it may: the entry was not recorded."""


class QueueUnavailable(Exception):
    """The queue's file cannot be used (disk full, no right to write, damaged): the entry was not recorded."""


class Queued(NamedTuple):
    id: int
    body: bytes


class SetAside(NamedTuple):
    """An entry that the server refused for what it says; `at` is RFC 3339."""

    id: int
    body: bytes
    reason: str
    at: str


class Totals(NamedTuple):
    entries: int
    bytes: int


class _Append:
    """A call of `append()` on its way. Until a commit says otherwise it has failed."""

    def __init__(self, body: bytes) -> None:
        self.body, self.tried = body, False
        self.error: QueueFull | QueueUnavailable | None = QueueUnavailable("Recording was interrupted.")


class Queue:
    """The queue in a folder, made where it does not exist yet. For one process: after a fork, open another."""

    def __init__(self, folder: Path, *, most_entries: int, most_bytes: int, fsync: bool = True) -> None:
        self._folder, self._most_entries, self._most_bytes = folder, most_entries, most_bytes
        self._lock = threading.Lock()
        self._waiting: deque[_Append] = deque()
        self._claiming, self._claims = threading.Lock(), set[int]()
        self._fsync = fsync
        self._connection: sqlite3.Connection | None = None
        with _told(folder):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._open()

    def append(self, body: bytes) -> None:
        """Keep an entry; it is on disk when this returns. Raises QueueFull, QueueUnavailable.

        Threads that come while another writes are written together, with one fsync for all of them.
        """
        mine = _Append(body)
        self._waiting.append(mine)
        with self._lock:
            if not mine.tried:
                self._append_waiting()
        if mine.error is not None:
            raise mine.error

    def _append_waiting(self) -> None:
        together = [self._waiting.popleft() for _ in range(len(self._waiting))]
        for each in together:
            each.tried = True
        try:
            with _told(self._folder), self._transaction() as connection:
                full = self._insert(connection, together)
        except QueueUnavailable as error:
            for each in together:
                each.error = QueueUnavailable(str(error))
        else:
            for each in together:
                each.error = full.get(each)

    def _insert(
        self, connection: sqlite3.Connection, together: Sequence[_Append]
    ) -> dict[_Append, QueueFull]:
        """Whatever there is space for; an error for each of the others."""
        full: dict[_Append, QueueFull] = {}
        for each in together:
            entries, size = connection.execute("SELECT entries, bytes FROM totals").fetchone()
            if entries < self._most_entries and size + len(each.body) <= self._most_bytes:
                connection.execute("INSERT INTO entries (body) VALUES (?)", [each.body])
            else:
                full[each] = QueueFull(
                    f"The queue in {self._folder} is full with {entries:,} entries ({size:,} bytes): "
                    "see why nothing is sent, or allow more (Options.most_entries, most_bytes)."
                )
        return full

    def next_batch(self, *, most: int, size: int) -> list[Queued]:
        """The oldest entries, at most so many and so many bytes; always one where there is one."""
        batch: list[Queued] = []
        with self._reading() as connection:
            for number, body in connection.execute(
                "SELECT id, body FROM entries ORDER BY id LIMIT ?", [most]
            ):
                size -= len(body) + 1
                if size < 0 and batch:
                    break
                batch.append(Queued(number, bytes(body)))
        return batch

    def remove(self, ids: Sequence[int]) -> None:
        """Forget entries that the server has."""
        with self._writing() as connection:
            connection.executemany("DELETE FROM entries WHERE id = ?", [[number] for number in ids])

    def set_aside(self, refused: Mapping[int, str], *, now: datetime) -> None:
        """Keep entries, by id, out of the way with the reason that the server gave."""
        with self._writing() as connection:
            for number, reason in refused.items():
                connection.execute(
                    "INSERT INTO set_aside SELECT id, body, ?, ? FROM entries WHERE id = ?",
                    [reason, now.isoformat(), number],
                )
                connection.execute("DELETE FROM entries WHERE id = ?", [number])

    def all_set_aside(self) -> list[SetAside]:
        with self._reading() as connection:
            return [SetAside(*row) for row in connection.execute("SELECT * FROM set_aside ORDER BY id")]

    def count_set_aside(self) -> int:
        with self._reading() as connection:
            number: int = connection.execute("SELECT count(*) FROM set_aside").fetchone()[0]
            return number

    def send_again(self) -> int:
        """Put everything that was set aside back into the queue, at its end. How many that were."""
        with self._writing() as connection:
            connection.execute("INSERT INTO entries (body) SELECT body FROM set_aside ORDER BY id")
            return connection.execute("DELETE FROM set_aside").rowcount

    def totals(self) -> Totals:
        with self._reading() as connection:
            return Totals(*connection.execute("SELECT entries, bytes FROM totals").fetchone())

    def ends(self) -> tuple[int, int]:
        """The ids of the oldest and the newest entry; zeros where there is none."""
        with self._reading() as connection:
            oldest, newest = connection.execute("SELECT min(id), max(id) FROM entries").fetchone()
            return oldest or 0, newest or 0

    @contextmanager
    def only_sender(self) -> Iterator[bool]:
        """True for one holder at a time among all threads and processes; a killed one holds no longer."""
        with _told(self._folder), self._claiming:
            claim = os.open(self._folder / "sender.lock", os.O_RDWR | os.O_CREAT, 0o600)
            self._claims.add(claim)
        try:
            yield claimed(claim)
        finally:
            with self._claiming:
                self._claims.discard(claim)
                os.close(claim)

    def close(self) -> None:
        with self._lock:
            self._close()

    def before_fork(self) -> None:
        """Nothing of SQLite may be open, nor any thread inside it: a child would inherit its locks as they stand."""
        self._lock.acquire()
        self._claiming.acquire()
        self._close()

    def after_fork_in_parent(self) -> None:
        self._claiming.release()
        self._lock.release()

    def after_fork_in_child(self) -> None:
        """This object is the parent's; what it holds must not be held by the child as well."""
        for claim in self._claims:
            os.close(claim)

    def _open(self) -> sqlite3.Connection:
        if self._connection is None:
            self._connection = open_file(self._folder / "queue.sqlite3", fsync=self._fsync)
        return self._connection

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        with _told(self._folder), self._lock:
            yield self._open()

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with self._reading(), self._transaction() as connection:
            yield connection

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        connection = self._open()
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield connection
            connection.execute("COMMIT")
        finally:
            if connection.in_transaction:
                connection.execute("ROLLBACK")


@contextmanager
def _told(folder: Path) -> Iterator[None]:
    """What SQLite and the disk say, as one error of ours."""
    try:
        yield
    except (sqlite3.Error, OSError) as error:
        raise QueueUnavailable(f"The queue in {folder} cannot be used: {error}") from error
