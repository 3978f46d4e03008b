"""The embedded Redis (or Valkey): on a Unix socket, kept on disk, nothing dropped for want of memory."""

from __future__ import annotations

import signal
import subprocess
from pathlib import Path

from auditsite.embedded import leftovers
from auditsite.embedded.binaries import find_redis, within_reach
from auditsite.embedded.launching import launch, make_folder, stop, wait_until_ready
from auditsite.embedded.places import server_owner, servers_dir, socket_dir


class Redis:
    """A running server; `stop()` lets it write its file first."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self.process = process

    @property
    def ended(self) -> bool:
        """Whether it is gone although nobody stopped it."""
        return self.process.poll() is not None

    def stop(self) -> None:
        """Ends it in order."""
        stop(self.process, signal.SIGTERM)


def start(data_dir: Path, *, durable: bool, log_dir: Path) -> Redis:
    """Starts the server of this data folder. The lock must be held."""
    owner, address = server_owner(), socket_dir(data_dir) / "redis.sock"
    leftovers.end_redis(address)
    found = find_redis()
    folder = servers_dir(data_dir) / found.flavour
    make_folder(folder, owner)
    program = (
        within_reach(found.program.parent, found.wheel, owner, servers_dir(data_dir)) / found.program.name
    )
    log = log_dir / "redis.log"
    process = launch([program, *_options(folder, address, durable=durable)], owner=owner, cwd=folder, log=log)
    try:
        wait_until_ready(process, lambda: leftovers.redis_answers(address), name="Redis", log=log)
    except BaseException:
        stop(process, signal.SIGTERM)
        raise
    return Redis(process)


def _options(folder: Path, address: Path, *, durable: bool) -> list[str]:
    return [
        *("--port", "0", "--unixsocket", str(address), "--unixsocketperm", "700", "--dir", str(folder)),
        *("--appendonly", "yes" if durable else "no", "--save", "", "--maxmemory-policy", "noeviction"),
        *("--daemonize", "no", "--databases", "64"),
    ]
