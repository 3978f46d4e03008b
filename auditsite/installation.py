"""What `make up` starts on this machine: steps in their order, processes, their environment, their ports."""

from __future__ import annotations

import hashlib
import os
import re
import socket
import sys
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from auditsite import env
from auditsite.embedded import Servers
from auditsite.local_secrets import outbound_files

HOST = "127.0.0.1"
# The intake's port follows the product's: 8000 has 8443, so that two installations stay apart.
INTAKE_OFFSET = 443
INTAKE_PORTS_TRIED = 20
DEMO = "Demo data"


class CannotInstall(Exception):
    """Something on this machine is in the way; the sentence says what, and what to do."""


@dataclass(frozen=True)
class Step:
    """One command. It runs to its end, or `stays`; `done` says when the next step may begin."""

    label: str
    name: str
    command: Sequence[str]
    stays: bool = False
    done: Callable[[], bool] | None = None


@dataclass(frozen=True)
class Installation:
    """An installation in a data folder, answering at a port of this machine."""

    root: Path
    data_dir: Path
    port: int
    intake_port: int

    @classmethod
    def from_environment(cls, root: Path) -> Installation:
        """As PORT and AUDITSITE_DATA_DIR say."""
        port = env.integer("PORT", default=8000)
        if not 1 <= port <= 65000:
            raise CannotInstall(f"PORT is {port}: write a number from 1 to 65000.")
        data_dir = env.path("AUDITSITE_DATA_DIR", default=root / "var")
        return cls(root, data_dir, port, _first_free(port + INTAKE_OFFSET))

    @property
    def version(self) -> str:
        """As the changelog says."""
        found = re.search(r"(?m)^## (\S+)", (self.root / "CHANGELOG.md").read_text(encoding="utf-8"))
        return found[1] if found else ""

    @property
    def log_dir(self) -> Path:
        """Where each process has its log."""
        folder = self.data_dir / "log"
        folder.mkdir(mode=0o700, exist_ok=True)
        return folder

    @property
    def address(self) -> str:
        """Where the product answers."""
        return f"http://{HOST}:{self.port}"

    @property
    def authority(self) -> Path:
        """The certificate by which the demo's intake is known."""
        return self.data_dir / "intake" / "ca.pem"

    def require_free_port(self) -> None:
        """Raises `CannotInstall` when somebody listens on the port already."""
        if not _is_free(self.port):
            raise CannotInstall(
                f"port {self.port} is taken. Choose another, as in: make up PORT={self.port + 1}"
            )

    def environment(self, servers: Servers) -> dict[str, str]:
        """What every process gets: the servers, the data folder, and leave to deliver to the demo's intake."""
        return {
            **os.environ,
            **servers.environment(),
            "AUDITSITE_DATA_DIR": str(self.data_dir),
            "AUDITSITE_OUTBOUND_ALLOW": self._allowed,
            "AUDITSITE_OUTBOUND_CA": str(outbound_files(self.data_dir)[1]),
            "DJANGO_SETTINGS_MODULE": "auditsite.settings",
            "PYTHONUNBUFFERED": "1",
        }

    def steps(self) -> Iterator[Step]:
        """In order; asked for the next one only when the one before is done."""
        module, manage = [sys.executable, "-m"], [sys.executable, str(self.root / "manage.py")]
        demo = ["--data-dir", str(self.authority.parent)]
        yield Step("Database tables", "migrate", [*manage, "migrate", "--no-input"])
        if self._static_is_stale():
            yield Step("Styles and scripts", "static", [*manage, "collectstatic", "--no-input", "--clear"])
            self._static_mark.write_text(self._static_state())
        intake = [*module, "auditsite.demo.intake", "--port", str(self.intake_port), *demo]
        yield Step("Demo intake", "intake", intake, stays=True, done=partial(_answers, self.intake_port))
        self._open_to_the_intake()
        yield Step(DEMO, "demo", [*module, "auditsite.demo", "--intake-port", str(self.intake_port), *demo])
        celery = [*module, "celery", "-A", "auditsite"]
        yield Step("Worker", "worker", [*celery, "worker", "--loglevel", "INFO"], stays=True)
        yield Step("Beat", "beat", [*celery, "beat", "--loglevel", "INFO", "--pidfile", ""], stays=True)
        web = ["gunicorn", "auditsite.wsgi", "--bind", f"{HOST}:{self.port}", "--no-control-socket"]
        threads = ["--workers", "2", "--threads", "4", "--access-logfile", "-"]
        yield Step("Web, and all of it ready", "web", [*module, *web, *threads], stays=True, done=self._ready)

    def welcome(self, words: str, *, files: Path, seconds: float) -> str:
        """What a newcomer needs to know."""
        lines = [
            f"\nAuditsite answers at {self.address}/ after {seconds:.1f} s. Ctrl-C ends all of it.",
            *(f"  {line}" for line in words.splitlines()),
            f"  Demo intake  https://{HOST}:{self.intake_port}/",
            f"  Data         {self.data_dir}" + ("" if files == self.data_dir else f" (databases: {files})"),
            f"  Logs         {self.log_dir}",
        ]
        return "\n".join(lines)

    def _ready(self) -> bool:
        return ask(f"{self.address}/readyz")

    @property
    def _allowed(self) -> str:
        given = env.text("AUDITSITE_OUTBOUND_ALLOW", default="")
        return ",".join(item for item in (given, HOST) if item)

    def _open_to_the_intake(self) -> None:
        """Trust the demo's intake, and what AUDITSITE_OUTBOUND_CA names besides; commands run beside us do too."""
        allow, ca_file = outbound_files(self.data_dir)
        allow.write_text(self._allowed, encoding="utf-8")
        given = env.text("AUDITSITE_OUTBOUND_CA", default="")
        parts = [self.authority, *([Path(given)] if given else [])]
        ca_file.write_text("\n".join(part.read_text(encoding="ascii") for part in parts))

    @property
    def _static_mark(self) -> Path:
        return self.data_dir / "static" / ".collected"

    def _static_is_stale(self) -> bool:
        return not self._static_mark.exists() or self._static_mark.read_text() != self._static_state()

    def _static_state(self) -> str:
        """Changes with any file of ours and with any version of what others wrote."""
        digest = hashlib.sha256((self.root / "uv.lock").read_bytes())
        for path in sorted((self.root / "static").rglob("*")):
            status = path.stat()
            digest.update(f"{path} {status.st_size} {status.st_mtime_ns}\n".encode())
        return digest.hexdigest()


def ask(url: str) -> bool:
    """Whether an address of ours answers 200. Asks directly, whatever proxy the environment names."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(url, timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def _answers(port: int) -> bool:
    try:
        socket.create_connection((HOST, port), timeout=1).close()
    except OSError:
        return False
    return True


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def _first_free(port: int) -> int:
    for candidate in range(port, port + INTAKE_PORTS_TRIED):
        if _is_free(candidate):
            return candidate
    raise CannotInstall(
        f"no port from {port} to {port + INTAKE_PORTS_TRIED - 1} is free for the demo's intake."
    )
