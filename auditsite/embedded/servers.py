"""Starts and stops both servers of a data folder, under a lock that only one launcher can hold."""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from auditsite.embedded import postgres, redis
from auditsite.embedded.launching import CannotStart, make_folder, make_walkable
from auditsite.embedded.places import Urls, server_owner, servers_dir, socket_dir, urls


@dataclass
class Servers:
    """The servers of a data folder. An address that the environment gave is handed on unchanged."""

    database_url: str
    redis_url: str
    files: Path
    _running: ExitStack = field(default_factory=ExitStack, repr=False)

    def environment(self) -> dict[str, str]:
        """The variables by which a process of ours finds them."""
        return {"DATABASE_URL": self.database_url, "REDIS_URL": self.redis_url}

    def stop(self) -> None:
        """Ends what was started, Redis first, and gives the data folder free. Safe to call again."""
        self._running.close()


def start(data_dir: Path | str, *, durable: bool = True) -> Servers:
    """Starts the servers that `DATABASE_URL` and `REDIS_URL` do not name. They answer when this returns.

    `durable=False` is for data that are thrown away: nothing is forced to disk. Raises `CannotStart`.
    """
    folder = Path(data_dir).resolve()
    ours = urls(folder)
    servers = Servers(
        _given("DATABASE_URL") or ours.database,
        _given("REDIS_URL") or ours.redis,
        servers_dir(folder),
    )
    with ExitStack() as starting:
        if ours.database == servers.database_url or ours.redis == servers.redis_url:
            starting.enter_context(_locked(folder))
            _start_wanted(starting, folder, servers, ours, durable=durable)
        servers._running = starting.pop_all()  # noqa: SLF001 - filled once all of them answer
    return servers


def _given(variable: str) -> str | None:
    """What the environment says, directly or in a file that `…_FILE` names."""
    named = os.environ.get(f"{variable}_FILE")
    return os.environ.get(variable) or (Path(named).read_text().strip() if named else None)


def _start_wanted(starting: ExitStack, folder: Path, servers: Servers, ours: Urls, *, durable: bool) -> None:
    log_dir = _prepare(folder)
    if servers.database_url == ours.database:
        starting.callback(postgres.start(folder, durable=durable, log_dir=log_dir).stop)
    if servers.redis_url == ours.redis:
        starting.callback(redis.start(folder, durable=durable, log_dir=log_dir).stop)


def _prepare(folder: Path) -> Path:
    """Makes the folders that both servers need, and returns the one for logs."""
    make_walkable(servers_dir(folder))
    make_folder(socket_dir(folder), server_owner())
    log_dir = folder / "log"
    log_dir.mkdir(mode=0o700, exist_ok=True)
    return log_dir


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    make_walkable(folder)
    with (folder / "servers.lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise CannotStart(
                f"Process {lock.read().strip() or '?'} already runs servers on {folder}. "
                "Stop it, or choose another folder with AUDITSITE_DATA_DIR."
            ) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield
        with contextlib.suppress(OSError):
            os.truncate(lock.name, 0)
