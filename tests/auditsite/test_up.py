from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from auditsite import embedded, installation, up
from auditsite.installation import Installation, Step
from auditsite.supervising import StepFailed
from auditsite.up import Interruption

ROOT = Path(__file__).parents[2]
FOREVER = "import time; print('up', flush=True); time.sleep(60)"


@dataclass(frozen=True)
class Small(Installation):
    """The same supervisor with steps that take no time; the real ones run in tests/journeys."""

    demo: str = "print('Sign in: ana')"

    def steps(self) -> Iterator[Step]:
        yield Step(installation.DEMO, "demo", [sys.executable, "-c", self.demo])
        log = self.log_dir / "web.log"
        web = [sys.executable, "-c", FOREVER]
        yield Step("Web", "web", web, stays=True, done=lambda: log.exists() and "up" in log.read_text())


@pytest.fixture
def folder(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A data folder that the servers can reach; no server is given."""
    for name in ("DATABASE_URL", "REDIS_URL"):
        monkeypatch.delenv(name, raising=False)
    made = Path(tempfile.mkdtemp(prefix="auditsite-up-"))
    made.chmod(0o755)
    yield made
    shutil.rmtree(made)


def test_people_are_told_each_step_and_how_to_sign_in_and_ctrl_c_ends_all_of_it(folder: Path) -> None:
    said: list[str] = []

    def say(line: str) -> None:
        said.append(line)
        if "answers at" in line:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        up.run(Small(ROOT, folder, port=18124, intake_port=18125), say=say, interruption=Interruption())

    assert "Sign in: ana" in "\n".join(said)
    assert [line.split()[0] for line in said[:4]] == ["Auditsite", "PostgreSQL", "Demo", "Web"]
    assert said[-1] == "Everything has ended."
    assert not (folder / "postgres" / "postmaster.pid").exists()


def test_a_step_that_fails_ends_what_was_started_before_it(folder: Path) -> None:
    place = Small(ROOT, folder, port=18124, intake_port=18125, demo="raise SystemExit('no tenant')")

    with pytest.raises(StepFailed, match=r"(?s)demo failed.*no tenant"):
        up.run(place, say=lambda _line: None, interruption=Interruption())

    assert not (folder / "postgres" / "postmaster.pid").exists()


def test_a_process_that_is_never_ready_is_given_up_with_its_last_words(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(up, "READY_SECONDS", 0.3)
    monkeypatch.setattr(
        sys.modules[__name__], "FOREVER", "import time; print('waiting', flush=True); time.sleep(60)"
    )

    with pytest.raises(StepFailed, match=r"(?s)web was not ready within.*waiting"):
        up.run(
            Small(ROOT, folder, port=18124, intake_port=18125),
            say=lambda _line: None,
            interruption=Interruption(),
        )


def test_a_database_that_was_killed_runs_again(folder: Path) -> None:
    said: list[str] = []

    def say(line: str) -> None:
        said.append(line)
        if "answers at" in line:
            os.kill(int((folder / "postgres" / "postmaster.pid").read_text().split()[0]), signal.SIGKILL)
        if "runs again" in line:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        up.run(Small(ROOT, folder, port=18124, intake_port=18125), say=say, interruption=Interruption())

    assert "PostgreSQL had ended by itself; it runs again." in said


def test_a_second_one_on_the_same_folder_says_what_to_do(folder: Path) -> None:
    servers = embedded.start(folder, durable=False)
    environment = os.environ | {"PORT": "18126", "AUDITSITE_DATA_DIR": str(folder)}
    command = [sys.executable, "-m", "auditsite.up"]

    second = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    servers.stop()

    assert second.returncode == 1
    assert "already runs servers" in second.stdout
    assert "AUDITSITE_DATA_DIR" in second.stdout


def test_a_signal_that_comes_twice_ends_the_work_once_and_a_later_one_hurries(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    interruption, hurried = Interruption(), list[int]()
    interruption.hurry = lambda: hurried.append(1)
    interruption.check()

    interruption(signal.SIGINT, None)
    interruption(signal.SIGTERM, None)
    with pytest.raises(KeyboardInterrupt):
        interruption.check()
    assert hurried == []

    monkeypatch.setattr(up, "ECHO_SECONDS", 0.0)
    interruption(signal.SIGINT, None)
    assert hurried == [1]


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_in_the_middle_of_the_start_leaves_nothing_running(
    folder: Path, how: signal.Signals
) -> None:
    environment = os.environ | {"PORT": "18127", "AUDITSITE_DATA_DIR": str(folder)}
    command = [sys.executable, "-m", "auditsite.up"]
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    while "ready" not in process.stdout.readline():
        pass

    process.send_signal(how)
    output, _ = process.communicate(timeout=60)

    assert process.returncode == 0
    assert output.endswith("Everything has ended.\n")
    assert not (folder / "postgres" / "postmaster.pid").exists()
