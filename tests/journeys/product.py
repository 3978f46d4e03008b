"""The product as real processes: web, worker, beat and an intake, on a database and a broker of their own."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import psycopg
import redis
import requests
from django.conf import settings
from psycopg import sql

ROOT = Path(__file__).resolve().parents[2]
CELERY = [sys.executable, "-m", "celery", "-A", "auditsite"]
PATIENCE = 60.0
# Beside whatever else uses the same Redis.
BROKER = 9


@dataclass
class Product:
    """Running processes by name; `environment` is what each of them, and each command, gets.

    `also`: further ports of the intake by their flavour (auditsite.demo.intake.authority.Flavour).
    """

    environment: Mapping[str, str]
    folder: Path
    port: int
    intake_port: int
    also: Mapping[str, int] = field(default_factory=dict)
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def intake(self) -> str:
        return f"https://127.0.0.1:{self.intake_port}"

    def manage(self, *arguments: str, seconds: float = PATIENCE) -> str:
        """The output of a command of `manage.py`, which has so many seconds."""
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT, env=self.environment, check=False, capture_output=True, text=True, timeout=seconds,
        )  # fmt: skip
        assert done.returncode == 0, f"{arguments}: {done.stdout}{done.stderr}"
        return done.stdout.strip()

    def manage_json(self, *arguments: str) -> dict[str, Any]:
        answer: dict[str, Any] = json.loads(self.manage(*arguments, "--json"))
        return answer

    def start(self, name: str, *, under: Sequence[str] = ()) -> None:
        """Start one of web, worker, beat and intake; its output goes into `<name>.log`.

        One more of a kind is called `worker-2`. `under`: a command that runs it, with its options (faketime, say).
        """
        self._launch(name, [*under, *self._command(name)])

    def start_intake(self, name: str, *, port: int, also: Mapping[str, int]) -> None:
        """One more intake, on ports of its own; CA and tokens are those of the first."""
        self._launch(name, self._intake(port, also))

    def _launch(self, name: str, command: Sequence[str]) -> None:
        log = (self.folder / f"{name}.log").open("ab")
        with log:
            self.processes[name] = subprocess.Popen(
                command,
                cwd=ROOT,
                env=self.environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def kill(self, name: str) -> None:
        """End a process and all of its children at once, as a crash would."""
        os.killpg(self.processes[name].pid, signal.SIGKILL)
        self.processes.pop(name).wait()

    def stop(self) -> None:
        for process in reversed(self.processes.values()):
            process.terminate()
        for process in self.processes.values():
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()

    def flush_broker(self) -> None:
        with redis.Redis.from_url(self.environment["REDIS_URL"]) as broker:
            broker.flushdb()

    def ask_intake(self, what: str, **query: str | int | None) -> dict[str, Any]:
        """What the intake's control endpoint tells."""
        answer = requests.get(
            f"{self.intake}/_control/{what}",
            params=query,
            verify=self.environment["AUDITSITE_OUTBOUND_CA"],
            timeout=10,
        )
        found: dict[str, Any] = answer.json()
        return found

    def tell_intake(self, what: str, **order: Any) -> None:
        """Have the intake do something: behave, heal or forget."""
        answer = requests.post(
            f"{self.intake}/_control/{what}",
            json=order,
            verify=self.environment["AUDITSITE_OUTBOUND_CA"],
            timeout=10,
        )
        assert answer.status_code == 200, answer.text

    def arrived(self, kind: str) -> list[int]:
        """Sequences in the order of their first arrival."""
        sequences: list[int] = []
        since: int | None = 0
        while True:
            page = self.ask_intake("received", kind=kind, since=since, brief=1)
            sequences += [entry["sequence"] for entry in page["received"]]
            if not page["received"]:
                return sequences
            since = page["next"]

    def _command(self, name: str) -> list[str]:
        web = ["-m", "gunicorn", "auditsite.wsgi", "--bind", f"127.0.0.1:{self.port}", "--threads", "4"]
        return {
            "web": [sys.executable, *web, "--no-control-socket"],
            "worker": [*CELERY, "worker", "-n", f"{name}@%h", "--concurrency", "4", "--loglevel", "INFO"],
            "beat": [*CELERY, "beat", "--pidfile", ""],
            "intake": self._intake(self.intake_port, self.also),
        }[name.partition("-")[0]]

    def _intake(self, port: int, also: Mapping[str, int]) -> list[str]:
        ports = ["--port", str(port), *(f"--also={flavour}={number}" for flavour, number in also.items())]
        folder = ["--data-dir", f"{self.folder}/intake"]
        return [sys.executable, "-m", "auditsite.demo.intake", *ports, *folder, "--keep-all"]


@contextmanager
def running(
    folder: Path, *, database_url: str, redis_url: str, broker: int = BROKER, also: Sequence[str] = ()
) -> Iterator[Product]:
    """The product, ready, on a new database of the server that `database_url` names.

    Two at a time need a `broker` each, a number of a database of the same Redis.
    """
    with ExitStack() as things:
        own_database = things.enter_context(_database(database_url))
        port, intake_port = _free_port(), _free_port()
        environment = {
            **os.environ,
            "DATABASE_URL": own_database,
            "REDIS_URL": _broker(redis_url, broker),
            "AUDITSITE_DATA_DIR": str(folder),
            "AUDITSITE_OUTBOUND_ALLOW": "127.0.0.0/8",
            "AUDITSITE_OUTBOUND_CA": str(folder / "intake" / "ca.pem"),
        }
        product = Product(environment, folder, port, intake_port, {flavour: _free_port() for flavour in also})
        product.manage("migrate", "--no-input")
        product.manage("collectstatic", "--no-input")
        things.callback(product.stop)
        product.flush_broker()
        for name in ("intake", "worker", "beat", "web"):
            product.start(name)
        until(lambda: _answers(f"{product.address}/readyz"), "the product is ready")
        yield product


def server_url() -> str:
    """The database server of the tests, by its own maintenance database."""
    database: dict[str, Any] = dict(settings.DATABASES["default"])
    host = database["HOST"] or database["OPTIONS"].get("host", "")
    password = f" password={database['PASSWORD']}" if database["PASSWORD"] else ""
    port = f" port={database['PORT']}" if database["PORT"] else ""
    return f"dbname=postgres user={database['USER']} host={host}{password}{port}"


def until(true: Callable[[], bool], what: str, *, seconds: float = PATIENCE) -> None:
    """Wait until something holds; an AssertionError says what never did."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, f"after {seconds:.0f} s still not: {what}"
        time.sleep(0.1)


def tokens(product: Product) -> dict[str, str]:
    """The token of each kind, as the intake's first line tells them."""
    return dict(re.findall(r"(\w+)=(\S+)", (product.folder / "intake.log").read_text()))


@contextmanager
def _database(server_url: str) -> Iterator[str]:
    """A new database, gone at the end. Its address as a URL."""
    name = f"journey_{uuid4().hex[:12]}"
    with psycopg.connect(server_url, autocommit=True) as server:
        server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        told = server.info
        login = quote(told.user, safe="") + (f":{quote(told.password, safe='')}" if told.password else "")
        host, port = quote(told.host, safe=""), told.port
    try:
        yield f"postgresql://{login}@/{name}?host={host}&port={port}"
    finally:
        with psycopg.connect(server_url, autocommit=True) as server:
            server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def _broker(url: str, number: int) -> str:
    """The same Redis, another of its databases."""
    if url.startswith("unix://"):
        return f"{url.partition('?')[0]}?db={number}"
    scheme, _, rest = url.partition("://")
    return f"{scheme}://{rest.partition('/')[0]}/{number}"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False
