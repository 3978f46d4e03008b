"""`make up`: everything that the product consists of, on this machine, with demo data, until Ctrl-C or SIGTERM.

Obeys PORT (8000), AUDITSITE_DATA_DIR (var/), DATABASE_URL and REDIS_URL. Listens on 127.0.0.1 only. Imports no
Django: each step is a process of its own, and the first line appears at once.
"""

from __future__ import annotations

import contextlib
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType

from auditsite import embedded, env
from auditsite.embedded.launching import make_walkable
from auditsite.installation import DEMO, CannotInstall, Installation
from auditsite.supervising import StepFailed, Supervisor

READY_SECONDS = 60.0
# One Ctrl-C may come twice: from the terminal, and from `make`, which hands it on.
ECHO_SECONDS = 1.0
ROOT = Path(__file__).resolve().parent.parent


class Interruption:
    """What a signal does: the first one ends the work, one more hurries the ending itself.

    The handler only takes note, and whoever waits asks `check`: an exception out of a handler is lost where it strikes
    inside a callback of the interpreter (at a fork, say), and a signal with it.
    """

    def __init__(self) -> None:
        self.hurry: Callable[[], None] = lambda: None
        self._first: float | None = None

    def __call__(self, _number: int, _frame: FrameType | None) -> None:
        """As a signal handler."""
        if self._first is None:
            self._first = time.monotonic()
        elif time.monotonic() - self._first > ECHO_SECONDS:
            self.hurry()

    def check(self) -> None:
        """Raises KeyboardInterrupt once a signal has come."""
        if self._first is not None:
            raise KeyboardInterrupt


def main() -> int:
    """0 after Ctrl-C or SIGTERM; 1 with a reason when something cannot start or does not stay up."""
    interruption = Interruption()
    # SIGINT too: a shell that starts us in the background leaves it ignored.
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, interruption)
    try:
        run(Installation.from_environment(ROOT), say=_say, interruption=interruption)
    except KeyboardInterrupt:
        return 0
    except (CannotInstall, StepFailed, embedded.CannotStart, env.EnvironmentInvalid) as reason:
        _say(f"\nauditsite: {reason}")
        return 1
    return 0


def run(installation: Installation, *, say: Callable[[str], None], interruption: Interruption) -> None:
    """Starts the servers, goes through the steps, keeps the processes alive; ends all of it when it is left."""
    begin = time.monotonic()
    installation.require_free_port()
    make_walkable(installation.data_dir)
    say(f"Auditsite {installation.version}")
    servers = embedded.start(installation.data_dir)
    try:
        say(f"  {' and '.join(servers.names) or 'PostgreSQL and Redis (given)':<32} ready")
        environment = installation.environment(servers)
        supervisor = Supervisor(environment, ROOT, installation.log_dir, say, check=interruption.check)
        interruption.hurry = supervisor.kill
        try:
            _run_processes(installation, supervisor, servers, begin=begin)
        finally:
            say("\nEnding … (again to end at once)")
            supervisor.stop()
    finally:
        servers.stop()
        say("Everything has ended.")


def _run_processes(
    installation: Installation, supervisor: Supervisor, servers: embedded.Servers, *, begin: float
) -> None:
    words = _start(installation, supervisor)
    supervisor.say(installation.welcome(words, files=servers.files, seconds=time.monotonic() - begin))
    while True:
        supervisor.pause()
        supervisor.watch()
        for name in servers.revive():
            supervisor.say(f"{name} had ended by itself; it runs again.")


def _start(installation: Installation, supervisor: Supervisor) -> str:
    """Every step in order, then the processes; returns what the demo has to tell people."""
    words = ""
    for step in installation.steps():
        begin = time.monotonic()
        if step.stays:
            supervisor.keep(step.name, step.command)
        else:
            printed = supervisor.run(step.name, step.command)
            words = printed if step.label == DEMO else words
        if step.done is not None:
            _wait(step.done, supervisor, step.name)
        supervisor.say(f"  {step.label:<32} {time.monotonic() - begin:.1f} s")
    return words


def _wait(done: Callable[[], bool], supervisor: Supervisor, name: str) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while not done():
        supervisor.watch()
        if time.monotonic() > deadline:
            raise StepFailed(
                f"{name} was not ready within {READY_SECONDS:.0f} s.\n{supervisor.ending_of(name)}"
            )
        supervisor.pause()


def _say(line: str) -> None:
    # A terminal that was closed must not keep anything from being ended.
    with contextlib.suppress(OSError):
        sys.stdout.write(f"{line}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
