from __future__ import annotations

import fcntl
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from auditsite import supervising
from auditsite.supervising import StepFailed, Supervisor

FOREVER = [sys.executable, "-c", "import time; print('up', flush=True); time.sleep(60)"]


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def supervisor(tmp_path: Path, said: list[str]) -> Iterator[Supervisor]:
    made = Supervisor(environment=dict(os.environ), folder=tmp_path, log_dir=tmp_path, say=said.append)
    yield made
    made.stop()


def until(happened: Callable[[], object], supervisor: Supervisor) -> None:
    deadline = time.monotonic() + 20
    while not happened():
        assert time.monotonic() < deadline
        supervisor.watch()
        time.sleep(0.01)


def is_free(lock: Path) -> bool:
    with lock.open() as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
    return True


def program(text: str) -> list[str]:
    return [sys.executable, "-c", text]


def test_a_step_hands_back_what_it_printed_this_time(supervisor: Supervisor) -> None:
    supervisor.run("demo", program("print('first')"))

    assert supervisor.run("demo", program("print('second')")) == "second\n"


def test_a_step_that_fails_is_told_with_the_end_of_its_log(supervisor: Supervisor, tmp_path: Path) -> None:
    with pytest.raises(StepFailed, match=r"(?s)migrate failed \(exit code 3\).*migrate\.log.*no such table"):
        supervisor.run("migrate", program("import sys; print('no such table'); sys.exit(3)"))

    assert "no such table" in (tmp_path / "migrate.log").read_text()


def test_a_process_that_dies_is_started_again_and_a_line_says_so(
    supervisor: Supervisor, said: list[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(supervising, "LONGEST_BACKOFF", 0.05)
    child = supervisor.keep("web", FOREVER)
    assert child.process is not None
    log = tmp_path / "web.log"
    until(log.read_text, supervisor)
    child.process.kill()

    until(lambda: log.read_text() == "up\nup\n", supervisor)

    assert said[0].startswith("web ended (exit code -9); it is started again")


def test_what_a_dead_process_left_in_its_group_goes_with_it(supervisor: Supervisor, tmp_path: Path) -> None:
    orphan = (
        "import fcntl, os, subprocess\n"
        "held = open('held', 'w'); fcntl.flock(held, fcntl.LOCK_EX)\n"
        "subprocess.Popen(['sleep', '60'], pass_fds=[held.fileno()]); print('up', flush=True); os._exit(1)"
    )
    child = supervisor.keep("worker", program(orphan))

    until(lambda: child.process is None, supervisor)

    until(lambda: is_free(tmp_path / "held"), supervisor)


def test_a_process_that_never_gets_going_ends_everything_with_its_last_words(
    supervisor: Supervisor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervising, "LONGEST_BACKOFF", 0.01)
    supervisor.keep("web", program("raise SystemExit('bad setting')"))

    with pytest.raises(StepFailed, match=r"(?s)web died 5 times as it started \(exit code 1\).*bad setting"):
        until(lambda: False, supervisor)


def test_children_end_in_the_reverse_order_of_their_start(supervisor: Supervisor, tmp_path: Path) -> None:
    note = (
        "import signal, sys, time\n"
        "def end(*_):\n    open('order', 'a').write(sys.argv[1]); sys.exit()\n"
        "signal.signal(15, end); print('up', flush=True); time.sleep(60)"
    )
    for name in "abc":
        supervisor.keep(name, [*program(note), name])
    until(lambda: all((tmp_path / f"{name}.log").read_text() for name in "abc"), supervisor)

    supervisor.stop()

    assert (tmp_path / "order").read_text() == "cba"


def test_a_deaf_child_is_killed_after_the_grace_time(
    supervisor: Supervisor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervising, "GRACE_SECONDS", 0.1)
    deaf = "import signal, time; signal.signal(15, signal.SIG_IGN); print('up', flush=True); time.sleep(60)"
    process = supervisor.keep("deaf", program(deaf)).process
    until((tmp_path / "deaf.log").read_text, supervisor)

    supervisor.stop()

    assert process is not None
    assert process.returncode == -signal.SIGKILL


def test_somebody_in_a_hurry_waits_for_nothing(supervisor: Supervisor) -> None:
    process = supervisor.keep("slow", FOREVER).process

    supervisor.kill()

    assert process is not None
    assert process.wait(10) == -signal.SIGKILL


def test_a_log_that_has_grown_large_is_put_aside(
    supervisor: Supervisor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervising, "LOG_BYTES", 10)
    (tmp_path / "web.log").write_text("old and long enough")

    supervisor.run("web", program("print('new')"))

    assert (tmp_path / "web.log.1").read_text() == "old and long enough"
    assert (tmp_path / "web.log").read_text() == "new\n"
