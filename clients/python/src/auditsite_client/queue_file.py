"""The file of the queue: its tables, and how SQLite is told to keep what it is given."""

from __future__ import annotations

import sqlite3
import time
from contextlib import suppress
from pathlib import Path

# Without it (Windows) several processes may send the same, which does no harm: the server knows the ids.
with suppress(ImportError):
    import fcntl

# How long another process's write is waited for; one takes about a millisecond.
PATIENCE = 30.0
SCHEMA = """
CREATE TABLE IF NOT EXISTS entries (id INTEGER PRIMARY KEY AUTOINCREMENT, body BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS set_aside (
  id INTEGER PRIMARY KEY, body BLOB NOT NULL, reason TEXT NOT NULL, at TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS totals (
  one INTEGER PRIMARY KEY CHECK (one = 1), entries INTEGER NOT NULL, bytes INTEGER NOT NULL);
INSERT OR IGNORE INTO totals VALUES (1, 0, 0);
CREATE TRIGGER IF NOT EXISTS entry_came AFTER INSERT ON entries BEGIN
  UPDATE totals SET entries = entries + 1, bytes = bytes + length(new.body); END;
CREATE TRIGGER IF NOT EXISTS entry_went AFTER DELETE ON entries BEGIN
  UPDATE totals SET entries = entries - 1, bytes = bytes - length(old.body); END;
"""


def open_file(path: Path, *, fsync: bool) -> sqlite3.Connection:
    """The file, made with its tables where it is new; several processes may come at once. Raises sqlite3.Error."""
    path.touch(mode=0o600)  # SQLite gives its other files the rights of this one
    connection = sqlite3.connect(path, timeout=PATIENCE, isolation_level=None, check_same_thread=False)
    try:
        _prepare(connection, fsync=fsync)
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def _prepare(connection: sqlite3.Connection, *, fsync: bool) -> None:
    connection.execute(f"PRAGMA synchronous={'FULL' if fsync else 'NORMAL'}")
    connection.execute("PRAGMA fullfsync=ON")  # macOS: fsync alone leaves it in the disk's cache
    _with_patience(connection, "PRAGMA journal_mode=WAL")
    if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'entry_went'").fetchone():
        connection.executescript(f"BEGIN IMMEDIATE; {SCHEMA} COMMIT;")


def _with_patience(connection: sqlite3.Connection, statement: str) -> None:
    """Changing the journal's mode does not wait for others by itself, so it is tried until they are done."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            connection.execute(statement)
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(0.01)
        else:
            return


def claimed(file: int) -> bool:
    """Whether this open file got the lock; it goes with the last copy of the descriptor, however that ends."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except NameError:
        pass
    return True
