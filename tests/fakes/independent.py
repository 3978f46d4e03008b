"""Servers that we did not write, from wheels: noida-db speaks Elasticsearch, osmem-server OpenSearch.

`pip install noida-db osmem-server` brings them; what is not there is skipped. They are run from a copy, since their
user, who has no privileges, may not be able to walk to a virtual environment.
"""

from __future__ import annotations

import importlib.util
import shutil
import signal
import socket
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests

from auditsite.demo.intake.authority import Authority, Flavour
from auditsite.embedded.launching import launch, make_folder, stop, wait_until_ready
from auditsite.embedded.places import server_owner
from tests.fakes.tls_front import TlsFront

Command = Callable[[Path, Path, int], list[object]]
PROGRAMS: dict[str, tuple[str, str, Command]] = {
    "noida-db": (
        "noida_db",
        "noida-db",
        lambda program, folder, port: [
            *(program, "start", "--data-dir", folder / "data"),
            *("--only", "elasticsearch", "--elasticsearch-port", port),
        ],
    ),
    "osmem-server": (
        "osmem_server",
        "bin/osmem-server",
        lambda program, _, port: [program, "-addr", f"127.0.0.1:{port}", "-no-stdin-watch"],
    ),
}


@dataclass(frozen=True, slots=True)
class Independent:
    """A running server: `url` speaks TLS for the product, `plain` answers the test's own questions."""

    name: str
    url: str
    plain: str

    def ask(self, path: str, *, method: str = "GET", content: object = None) -> Any:
        """What the server itself says, over plain HTTP."""
        answer = requests.request(method, f"{self.plain}/{path}", json=content, timeout=10)
        assert answer.ok, answer.text
        return answer.json()

    def count(self, index: str) -> int:
        """How many documents a search finds."""
        self.ask(f"{index}/_refresh", method="POST")
        number: int = self.ask(f"{index}/_count")["count"]
        return number


@contextmanager
def independent(name: str, authority: Authority) -> Iterator[Independent]:
    """The server, running as a user without privileges behind TLS; skips the test where its wheel is not there."""
    program, command = _program(name), PROGRAMS[name][2]
    owner, port = server_owner(), _free_port()
    with tempfile.TemporaryDirectory(prefix="auditsite-tests-") as root:
        base = Path(root)
        base.chmod(0o755)
        folder = base / "own"
        make_folder(folder, owner)
        copy = shutil.copy2(program, base / program.name)
        log = base / "log"
        process = launch(command(Path(copy), folder, port), owner=owner, cwd=folder, log=log)
        try:
            wait_until_ready(process, lambda: _answers(port), name=name, log=log)
            context = authority.context(Flavour.GOOD)
            assert context is not None
            with TlsFront(port, context) as front:
                yield Independent(name, f"https://127.0.0.1:{front.port}", f"http://127.0.0.1:{port}")
        finally:
            stop(process, signal.SIGTERM)


def _program(name: str) -> Path:
    module, inside, _ = PROGRAMS[name]
    found = importlib.util.find_spec(module)
    if found is None or found.origin is None:
        pytest.skip(f"{name} is not installed: pip install {name}")
    program = Path(found.origin).parent / inside
    if not program.exists():
        pytest.skip(f"{name} has no program for this machine")
    return program


def _answers(port: int) -> bool:
    try:
        return requests.get(f"http://127.0.0.1:{port}/", timeout=5).ok
    except requests.RequestException:
        return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
