"""Runs the processes of an installation: each in a group of its own, with a log of its own, started again if it dies.

Knows nothing of what the processes are, and imports neither Django nor Celery: it has to start at once.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from auditsite.embedded.launching import end_with_parent, last_lines

PAUSE = 0.05
GRACE_SECONDS = 20.0
# A process that dies sooner than this after its start has not really started.
SETTLED_SECONDS = 10.0
MOST_FAILURES = 5
LONGEST_BACKOFF = 30.0
LOG_BYTES = 20_000_000


class StepFailed(Exception):
    """A step or a process failed for good; the text holds the end of its output."""


@dataclass
class Child:
    """A process that is meant to run as long as we do."""

    name: str
    command: Sequence[str]
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    failures: int = 0
    due: float = 0.0


@dataclass
class Supervisor:
    """Children in the order in which they start; they end in the reverse order.

    `say` gets a line for people; `check` is called wherever something is waited for, and may raise to end it.
    """

    environment: Mapping[str, str]
    folder: Path
    log_dir: Path
    say: Callable[[str], None]
    check: Callable[[], None] = lambda: None
    children: list[Child] = field(default_factory=list)

    def run(self, name: str, command: Sequence[str]) -> str:
        """Runs a step to its end and returns what it printed; raises `StepFailed` when it fails."""
        log = self._log(name)
        begin = log.stat().st_size if log.exists() else 0
        process = self._launch(name, command)
        try:
            while process.poll() is None:
                self.pause()
        except BaseException:
            end_group(process, grace=GRACE_SECONDS)
            raise
        if process.returncode:
            raise StepFailed(f"{name} failed (exit code {process.returncode}).\n{last_lines(log)}")
        return log.read_bytes()[begin:].decode(errors="replace")

    def pause(self) -> None:
        """A moment; ends early, by what `check` raises, when all of it is to end."""
        self.check()
        time.sleep(PAUSE)

    def keep(self, name: str, command: Sequence[str]) -> Child:
        """Starts a process that `watch` keeps alive."""
        child = Child(name, command)
        self.children.append(child)
        self._start(child)
        return child

    def watch(self) -> None:
        """One look at every child: starts again what died, after a growing pause; gives up on one that never starts."""
        for child in self.children:
            if child.process is None:
                if time.monotonic() >= child.due:
                    self._start(child)
            elif child.process.poll() is not None:
                self._mourn(child, child.process)

    def stop(self) -> None:
        """Ends every child, the last one first; kills what does not end within the grace time."""
        for child in reversed(self.children):
            if child.process is not None:
                end_group(child.process, grace=GRACE_SECONDS)
                child.process = None

    def kill(self) -> None:
        """For somebody who does not want to wait: every group is killed at once."""
        for child in self.children:
            if child.process is not None:
                _kill_group(child.process.pid)

    def ending_of(self, name: str) -> str:
        """The last lines of a process's log."""
        return last_lines(self._log(name))

    def _start(self, child: Child) -> None:
        child.process = self._launch(child.name, child.command)
        child.started = time.monotonic()

    def _mourn(self, child: Child, process: subprocess.Popen[bytes]) -> None:
        lived = time.monotonic() - child.started
        child.failures = child.failures + 1 if lived < SETTLED_SECONDS else 1
        _kill_group(process.pid)
        child.process = None
        code = process.returncode
        if child.failures >= MOST_FAILURES:
            end = self.ending_of(child.name)
            raise StepFailed(
                f"{child.name} died {child.failures} times as it started (exit code {code}).\n{end}"
            )
        pause = min(LONGEST_BACKOFF, 2.0 ** (child.failures - 1))
        child.due = time.monotonic() + pause
        self.say(
            f"{child.name} ended (exit code {code}); it is started again in {pause:.0f} s. Log: {self._log(child.name)}"
        )

    def _launch(self, name: str, command: Sequence[str]) -> subprocess.Popen[bytes]:
        log = self._log(name)
        if log.exists() and log.stat().st_size > LOG_BYTES:
            log.replace(log.with_suffix(".log.1"))
        with log.open("ab") as output:
            return subprocess.Popen(
                command,
                env=self.environment,
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=partial(end_with_parent, signal.SIGTERM),  # noqa: PLW1509 - one system call, see there
            )

    def _log(self, name: str) -> Path:
        return self.log_dir / f"{name.replace(' ', '-')}.log"


def end_group(process: subprocess.Popen[bytes], *, grace: float) -> None:
    """SIGTERM to a process, and after `grace` seconds SIGKILL to what is left of its group."""
    try:
        if process.poll() is None:
            process.terminate()
            process.wait(grace)
    except subprocess.TimeoutExpired:
        pass
    finally:
        _kill_group(process.pid)
        process.wait()


def _kill_group(number: int) -> None:
    try:
        os.killpg(number, signal.SIGKILL)
    except ProcessLookupError:
        return
    except PermissionError:
        # macOS says so of a group whose only member is a zombie.
        if sys.platform != "darwin":
            raise
