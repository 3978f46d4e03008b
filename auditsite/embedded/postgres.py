"""The embedded PostgreSQL: its cluster is made once, started on a Unix socket, and stopped in order."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

from auditsite.embedded import leftovers
from auditsite.embedded.binaries import PostgresBinaries, find_postgres, within_reach
from auditsite.embedded.launching import (
    CannotStart,
    environment,
    launch,
    make_folder,
    stop,
    wait_until_ready,
)
from auditsite.embedded.places import Owner, server_owner, servers_dir, socket_dir

SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "200",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_checkpoints": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
}
# For data that a test throws away. The product's own promise needs every commit on disk.
FORGETFUL = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "autovacuum": "off"}
BUILTIN_LOCALE_SINCE = 17
STATE_LINE = 7
# Backends of a server that was killed finish what they do before they notice; until then nothing may start.
ORPHANS_SECONDS = 20.0
ORPHANS_PAUSE = 0.2


class Postgres:
    """A running server; `stop()` ends it as an administrator would: clients are cut off, data are written."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self.process = process

    @property
    def ended(self) -> bool:
        """Whether it is gone although nobody stopped it."""
        return self.process.poll() is not None

    def stop(self) -> None:
        """Fast shutdown; an immediate one if that takes too long: the next start then recovers."""
        stop(self.process, signal.SIGINT, signal.SIGQUIT)


def start(data_dir: Path, *, durable: bool, log_dir: Path) -> Postgres:
    """Starts this data folder's server, with its database. The folder's lock must be held."""
    owner, sockets = server_owner(), socket_dir(data_dir)
    cluster = servers_dir(data_dir) / "postgres"
    leftovers.end_postgres(cluster, sockets)
    found = find_postgres(major=_version_of(cluster))
    programs = within_reach(found.folder, found.wheel, owner, servers_dir(data_dir))
    if _version_of(cluster) is None:
        _make_cluster(cluster, found._replace(folder=programs), owner, durable=durable)
    command: list[object] = [programs / "postgres", "-D", cluster, *_settings(sockets, durable=durable)]
    deadline = time.monotonic() + ORPHANS_SECONDS
    while True:
        try:
            return _launch(command, cluster, owner=owner, log=log_dir / "postgres.log")
        except CannotStart as reason:
            if "shared memory block" not in str(reason) or time.monotonic() > deadline:
                raise
            time.sleep(ORPHANS_PAUSE)


def _launch(command: list[object], cluster: Path, *, owner: Owner, log: Path) -> Postgres:
    process = launch(command, owner=owner, cwd=cluster, log=log)
    try:
        wait_until_ready(process, lambda: _is_ready(cluster, process.pid), name="PostgreSQL", log=log)
    except BaseException:
        stop(process, signal.SIGINT, signal.SIGQUIT)
        raise
    return Postgres(process)


def _settings(sockets: Path, *, durable: bool) -> list[str]:
    chosen = SETTINGS | {"unix_socket_directories": str(sockets)} | ({} if durable else FORGETFUL)
    return [part for name, value in chosen.items() for part in ("-c", f"{name}={value}")]


def _version_of(cluster: Path) -> int | None:
    """The version that the cluster's files were made by, or None when there is no whole cluster yet."""
    version = cluster / "PG_VERSION"
    return int(version.read_text()) if version.exists() else None


def _make_cluster(cluster: Path, binaries: PostgresBinaries, owner: Owner, *, durable: bool) -> None:
    """Made whole beside the final place, then renamed: a start that is cut off leaves no half-made cluster."""
    making = cluster.with_name("postgres.making")
    shutil.rmtree(making, ignore_errors=True)
    make_folder(making, owner)
    access = ["--username", "auditsite", "--auth", "trust"]
    form = ["--encoding", "UTF8", "--no-sync", "--no-instructions", *_locale(binaries.major)]
    _run([binaries.folder / "initdb", "--pgdata", making, *access, *form], making, owner)
    # By the server's own single-user mode, so that the database is there before anybody can connect.
    single = [binaries.folder / "postgres", "--single", "-F", "-D", making, "postgres"]
    _run(single, making, owner, says="CREATE DATABASE auditsite\n")
    if durable:
        os.sync()
    making.rename(cluster)


def _run(command: list[object], folder: Path, owner: Owner, *, says: str = "") -> None:
    ran = subprocess.run(
        [str(part) for part in command],
        input=says,
        cwd=folder,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
        user=owner.user,
        group=owner.group,
        extra_groups=owner.groups,
    )
    if ran.returncode or "ERROR" in ran.stderr:
        raise CannotStart(f"No database could be made in {folder}: {ran.stderr.strip()}")


def _locale(major: int) -> list[str]:
    """Bytewise order with Unicode's upper and lower case, as every version and platform can give it."""
    if major >= BUILTIN_LOCALE_SINCE:
        return ["--locale", "C", "--locale-provider", "builtin", "--builtin-locale", "C.UTF-8"]
    return ["--lc-collate", "C", "--lc-ctype", "UTF-8" if sys.platform == "darwin" else "C.UTF-8"]


def _is_ready(cluster: Path, number: int) -> bool:
    """As `pg_ctl --wait` learns it: the server writes its state into the last line of its pid file."""
    try:
        lines = (cluster / "postmaster.pid").read_text().splitlines()
    except FileNotFoundError:
        return False
    return len(lines) > STATE_LINE and lines[0] == str(number) and lines[STATE_LINE].strip() == "ready"
