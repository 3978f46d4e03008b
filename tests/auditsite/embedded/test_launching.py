from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from auditsite.embedded import launching
from auditsite.embedded.launching import CannotStart
from auditsite.embedded.places import Owner

ME = Owner(os.geteuid(), os.getegid(), drops=False)


def run(folder: Path, program: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-c", program]
    return launching.launch(command, owner=ME, cwd=folder, log=folder / "log")


def test_a_server_that_ends_as_it_starts_is_told_with_the_end_of_its_log(tmp_path: Path) -> None:
    process = run(tmp_path, "raise SystemExit('the port is taken')")

    with pytest.raises(
        CannotStart, match=r"(?s)Thing ended as it started \(exit code 1\).*the port is taken"
    ):
        launching.wait_until_ready(process, lambda: False, name="Thing", log=tmp_path / "log")


def test_a_server_that_never_answers_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(launching, "START_SECONDS", 0.05)
    process = run(tmp_path, "import time; time.sleep(60)")

    with pytest.raises(CannotStart, match="did not answer within"):
        launching.wait_until_ready(process, lambda: False, name="Thing", log=tmp_path / "log")

    launching.stop(process, signal.SIGTERM)


def test_a_server_that_does_not_listen_is_killed_after_the_grace_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(launching, "GRACE_SECONDS", 0.1)
    process = run(
        tmp_path,
        "import signal, time; signal.signal(15, signal.SIG_IGN); print('deaf', flush=True); time.sleep(60)",
    )
    launching.wait_until_ready(
        process, lambda: b"deaf" in (tmp_path / "log").read_bytes(), name="", log=tmp_path / "log"
    )

    launching.stop(process, signal.SIGTERM)

    assert process.returncode == -signal.SIGKILL


def test_a_server_sees_nothing_of_our_environment_that_could_steer_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGDATA", "/elsewhere")

    run(tmp_path, "import os; print(sorted(os.environ))").wait()

    assert (tmp_path / "log").read_text().strip() == "['LANG', 'LC_ALL', 'PATH', 'TZ']"


def test_ctrl_c_in_the_terminal_does_not_reach_a_server_before_we_end_it(tmp_path: Path) -> None:
    process = run(tmp_path, "import time; time.sleep(60)")

    group = os.getpgid(process.pid)
    launching.stop(process, signal.SIGTERM)

    assert group != os.getpgrp()


def test_a_folder_of_a_stranger_is_refused(tmp_path: Path) -> None:
    (tmp_path / "trap").symlink_to(tmp_path)

    with pytest.raises(CannotStart, match="belongs to somebody else"):
        launching.make_folder(tmp_path / "trap", ME)


def test_new_folders_can_be_walked_through_under_a_strict_umask(tmp_path: Path) -> None:
    before = os.umask(0o077)
    try:
        launching.make_walkable(tmp_path / "a" / "b")
    finally:
        os.umask(before)

    assert [(tmp_path / name).stat().st_mode & 0o777 for name in ("a", "a/b")] == [0o755, 0o755]
