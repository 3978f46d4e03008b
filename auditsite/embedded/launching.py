"""Starts a server's program as its own user, in a process group of its own; waits for it; ends it."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from auditsite.embedded.places import Owner

START_SECONDS = 60.0
GRACE_SECONDS = 20.0
PAUSE = 0.01
PR_SET_PDEATHSIG = 1


class CannotStart(Exception):
    """An embedded server cannot be started; the sentence says why and what to do."""


def make_folder(folder: Path, owner: Owner, *, mode: int = 0o700) -> None:
    """Makes a folder of the servers' user. Refuses a stranger's: in /tmp it may be a trap."""
    folder.mkdir(mode=mode, exist_ok=True)
    status = folder.lstat()
    if folder.is_symlink() or status.st_uid not in (owner.uid, os.geteuid()):
        raise CannotStart(
            f"{folder} belongs to somebody else. Remove it, or choose another AUDITSITE_DATA_DIR."
        )
    folder.chmod(mode)
    if status.st_uid != owner.uid:
        os.chown(folder, owner.uid, owner.gid)


def make_walkable(folder: Path) -> None:
    """Makes a folder and its missing parents that the servers' user can walk through, whatever the umask."""
    if not folder.exists():
        make_walkable(folder.parent)
        folder.mkdir(exist_ok=True)
        folder.chmod(0o755)


def launch(command: Sequence[object], *, owner: Owner, cwd: Path, log: Path) -> subprocess.Popen[bytes]:
    """Starts a program, its output appended to `log`. On Linux it ends with us, even if we are killed."""
    with log.open("ab") as output:
        return subprocess.Popen(
            [str(part) for part in command],
            cwd=cwd,
            env=environment(),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=partial(end_with_parent, signal.SIGINT),  # noqa: PLW1509 - one system call; there is no other way to ask for the signal
            user=owner.user,
            group=owner.group,
            extra_groups=owner.groups,
        )


def environment() -> dict[str, str]:
    """What a server's program gets of our environment: only PATH, so that no PGDATA or LC_ALL leaks in."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LANG": "C", "LC_ALL": "C", "TZ": "UTC"}


def end_with_parent(number: signal.Signals) -> None:
    """Called in a child before it becomes its program: Linux sends it this signal when we are gone."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, number)


def wait_until_ready(
    process: subprocess.Popen[bytes], answers: Callable[[], bool], *, name: str, log: Path
) -> None:
    """Waits until the server answers. If it ends first, or is too slow, says so with the end of its log."""
    deadline = time.monotonic() + START_SECONDS
    while not answers():
        if process.poll() is not None:
            raise CannotStart(
                f"{name} ended as it started (exit code {process.returncode}).\n{last_lines(log)}"
            )
        if time.monotonic() > deadline:
            raise CannotStart(f"{name} did not answer within {START_SECONDS:.0f} s.\n{last_lines(log)}")
        time.sleep(PAUSE)


def last_lines(log: Path, *, count: int = 15) -> str:
    """The end of a log, for a message; the log's path goes with it."""
    lines = log.read_text(errors="replace").splitlines()[-count:] if log.exists() else []
    return "\n".join([f"Its log, {log}, ends with:", *(f"  {line}" for line in lines)])


def stop(process: subprocess.Popen[bytes], *signals: signal.Signals) -> None:
    """Ends a server by the first of `signals`, after each grace time by the next; at last kills it."""
    for number in (*signals, signal.SIGKILL):
        if process.poll() is not None:
            return
        process.send_signal(number)
        try:
            process.wait(GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            continue
