"""What a killed launcher has left behind: servers that still run, and lock files of servers that do not.

Called with the data folder's lock held, so whatever is found here belongs to nobody any more.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import time
from pathlib import Path

from auditsite.embedded.launching import GRACE_SECONDS, PAUSE


def end_postgres(cluster: Path, sockets: Path) -> None:
    """Ends a PostgreSQL that still runs on these files; clears a lock whose process is another by now."""
    for lock in (cluster / "postmaster.pid", sockets / ".s.PGSQL.5432.lock"):
        number = _process_in(lock)
        if number is None:
            continue
        if "postgres" in _command_of(number):
            _end(number)
        elif _lives(number):
            lock.unlink(missing_ok=True)


def end_redis(address: Path) -> None:
    """Asks a Redis that still answers there to save and end."""
    with contextlib.suppress(OSError), _connect(address) as connection:
        connection.sendall(b"SHUTDOWN\r\n")
    deadline = time.monotonic() + GRACE_SECONDS
    while redis_answers(address) and time.monotonic() < deadline:
        time.sleep(PAUSE)


def redis_answers(address: Path) -> bool:
    """Whether a Redis at this socket is ready: it answers PONG only once its data are loaded."""
    try:
        with _connect(address) as connection:
            connection.sendall(b"PING\r\n")
            return connection.recv(64).startswith(b"+PONG")
    except OSError:
        return False


def _connect(address: Path) -> socket.socket:
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    connection.settimeout(5)
    try:
        connection.connect(str(address))
    except OSError:
        connection.close()
        raise
    return connection


def _process_in(lock: Path) -> int | None:
    try:
        first = lock.read_text().split("\n", 1)[0].strip()
    except FileNotFoundError:
        return None
    return int(first) if first.isdigit() else None


def _command_of(number: int) -> str:
    """The command line of a process, or nothing when it does not run."""
    try:
        return Path(f"/proc/{number}/cmdline").read_text(errors="replace")
    except OSError:
        pass
    with contextlib.suppress(FileNotFoundError):
        asked = ["ps", "-p", str(number), "-o", "command="]
        return subprocess.run(asked, capture_output=True, text=True, check=False).stdout
    return ""


def _lives(number: int) -> bool:
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _end(number: int) -> None:
    for how in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.kill(number, how)
        deadline = time.monotonic() + GRACE_SECONDS
        while _command_of(number):
            if time.monotonic() > deadline:
                break
            time.sleep(PAUSE)
        else:
            return
