"""The product as ingest meets it: PostgreSQL with synchronous commit, gunicorn as `make up` runs it, tenants, keys."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

from auditsite import embedded
from bench.ingest_load import WORKSPACES

ROOT = Path(__file__).resolve().parent.parent
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Site:
    """Where it answers, by which keys (one a tenant), and the processes whose CPU is counted."""

    port: int
    database: str
    keys: list[str]
    web: int
    postgres: int


@contextmanager
def running(folder: Path, *, tenants: int) -> Iterator[Site]:
    """The product in a folder of its own, with so many tenants."""
    servers = embedded.start(folder, durable=True)
    try:
        environment = {
            **os.environ,
            **servers.environment(),
            "AUDITSITE_DATA_DIR": str(folder),
            "AUDITSITE_SECRET_KEY": "only-for-this-run-" * 4,
            "AUDITSITE_ENCRYPTION_KEYS": "dGhlc2UgdGhpcnR5LXR3byBieXRlcyBhcmUgcHVibGk=",
        }
        _manage(environment, "migrate", "--no-input", "--verbosity", "0")
        keys = [_tenant(environment, f"tenant-{number}") for number in range(tenants)]
        _make_workspaces(servers.database_url)
        postgres = int((servers.files / "postgres" / "postmaster.pid").read_text().split()[0])
        with _web(environment, folder) as (port, web):
            yield Site(port, servers.database_url, keys, web, postgres)
    finally:
        servers.stop()


@contextmanager
def _web(environment: Mapping[str, str], folder: Path) -> Iterator[tuple[int, int]]:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        port: int = listening.getsockname()[1]
    command = [sys.executable, "-m", "gunicorn", "auditsite.wsgi", "--bind", f"127.0.0.1:{port}"]
    command += ["--no-control-socket", "--workers", "2", "--threads", "4", "--access-logfile", "-"]
    with (folder / "web.log").open("wb") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
    try:
        _wait_for(f"http://127.0.0.1:{port}/healthz")
        yield port, process.pid
    finally:
        process.terminate()
        process.wait(30)


def _wait_for(address: str) -> None:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    for _ in range(600):
        try:
            opener.open(address).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise SystemExit(f"{address} does not answer")


def _tenant(environment: Mapping[str, str], slug: str) -> str:
    """The key of a new tenant."""
    _manage(environment, "create_tenant", slug, "--name", slug, "--admin", f"ana@{slug}.example")
    return _manage(environment, "create_api_key", "--tenant", slug, "--name", "bench", "--scope", "ingest")


def _manage(environment: Mapping[str, str], *arguments: str) -> str:
    command = [sys.executable, "manage.py", *arguments]
    done = subprocess.run(command, cwd=ROOT, env=environment, check=True, stdout=subprocess.PIPE, text=True)
    return done.stdout.strip()


def _make_workspaces(database: str) -> None:
    with psycopg.connect(database) as connection:
        for slug in WORKSPACES:
            connection.execute(
                "INSERT INTO audit_workspace (id, tenant_id, slug, name, created_at) "
                "SELECT gen_random_uuid(), id, %s, %s, now() FROM audit_tenant",
                [slug, slug.capitalize()],
            )


def cpu_of_tree(root: int) -> float:
    """Seconds of CPU that a process, its living children and the children that it has buried have used."""
    children = Path(f"/proc/{root}/task/{root}/children").read_text(encoding="ascii").split()
    return (sum(_ticks(root)) + sum(sum(_ticks(int(child))[:2]) for child in children)) / TICKS


def _ticks(pid: int) -> list[int]:
    """User, system, and the same of buried children (proc_pid_stat(5), fields 14 to 17)."""
    try:
        told = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return [0, 0, 0, 0]
    return list(map(int, told.rpartition(")")[2].split()[11:15]))
