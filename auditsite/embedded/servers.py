"""Starts, revives and stops both servers of a data folder, under a lock that only one launcher can hold."""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from auditsite.embedded import postgres, redis
from auditsite.embedded.launching import CannotStart, make_folder, make_walkable
from auditsite.embedded.places import given, server_owner, servers_dir, socket_dir, urls

Server = postgres.Postgres | redis.Redis


class Servers:
    """The servers of a data folder. An address that the environment gave is handed on, its server left alone."""

    def __init__(self, folder: Path, *, durable: bool) -> None:
        ours = urls(folder)
        self.database_url = given("DATABASE_URL") or ours.database
        self.redis_url = given("REDIS_URL") or ours.redis
        self.files = servers_dir(folder)
        self._ways: dict[str, Callable[[], Server]] = {}
        if self.database_url == ours.database:
            self._ways["PostgreSQL"] = lambda: postgres.start(folder, durable=durable, log_dir=folder / "log")
        if self.redis_url == ours.redis:
            self._ways["Redis"] = lambda: redis.start(folder, durable=durable, log_dir=folder / "log")
        self._running: dict[str, Server] = {}
        self._kept = ExitStack()
        self._folder = folder

    @property
    def names(self) -> list[str]:
        """What runs here, in words."""
        return list(self._ways)

    def environment(self) -> dict[str, str]:
        """The variables by which a process of ours finds them."""
        return {"DATABASE_URL": self.database_url, "REDIS_URL": self.redis_url}

    def start(self) -> None:
        """Starts what the environment does not name; all of it answers, or nothing of it runs, when this is over."""
        if not self._ways:
            return
        with ExitStack() as starting:
            starting.enter_context(_locked(self._folder))
            _prepare(self._folder)
            starting.callback(_drop_short_sockets, self._folder)
            for name in self._ways:
                starting.callback(self._stop_one, name)
                self._running[name] = self._ways[name]()
            self._kept = starting.pop_all()

    def revive(self) -> list[str]:
        """Starts again what has ended by itself (a kill, a crash), and says which."""
        gone = [name for name, server in self._running.items() if server.ended]
        for name in gone:
            self._running[name] = self._ways[name]()
        return gone

    def stop(self) -> None:
        """Ends what was started, Redis first, and gives the data folder free. Safe to call again."""
        self._kept.close()

    def _stop_one(self, name: str) -> None:
        if name in self._running:
            self._running.pop(name).stop()


def start(data_dir: Path | str, *, durable: bool = True) -> Servers:
    """Starts the servers that `DATABASE_URL` and `REDIS_URL` do not name. They answer when this returns.

    `durable=False` is for data that are thrown away: nothing is forced to disk. Raises `CannotStart`.
    """
    servers = Servers(Path(data_dir).resolve(), durable=durable)
    servers.start()
    return servers


def _prepare(folder: Path) -> None:
    """Makes the folders that both servers need; where their files lie elsewhere, a link in the data folder says so."""
    make_walkable(servers_dir(folder))
    make_folder(socket_dir(folder), server_owner())
    if servers_dir(folder) != folder:
        pointer = folder / "servers"
        pointer.unlink(missing_ok=True)
        pointer.symlink_to(servers_dir(folder))
    (folder / "log").mkdir(mode=0o700, exist_ok=True)


def _drop_short_sockets(folder: Path) -> None:
    """Nothing of ours stays in /tmp once the servers are down."""
    sockets = socket_dir(folder)
    if sockets.parent != servers_dir(folder):
        with contextlib.suppress(OSError):
            sockets.rmdir()


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
        lock.truncate(0)
