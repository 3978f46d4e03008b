from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from auditsite.embedded import __main__ as command


def test_a_command_finds_the_servers_and_its_exit_code_is_handed_on(
    data_dir: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    code = command.main(
        [
            "run",
            "--fast",
            "--data-dir",
            str(data_dir),
            "--",
            "sh",
            "-c",
            "echo $DATABASE_URL $REDIS_URL; exit 3",
        ]
    )

    assert code == 3
    assert capfd.readouterr().out == (
        f"postgresql://auditsite@/auditsite?host={data_dir}/run unix://{data_dir}/run/redis.sock\n"
    )
    assert not (data_dir / "postgres" / "postmaster.pid").exists()


def test_a_missing_command_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        command.main(["run", "--"])

    assert "a COMMAND to run is missing" in capsys.readouterr().err


def test_a_program_that_does_not_exist_is_named(data_dir: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["run", "--fast", "--data-dir", str(data_dir), "--", "no-such-program"]) == 127
    assert "no-such-program: No such file or directory" in capsys.readouterr().err


def test_a_reason_not_to_start_is_one_line(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("AUDITSITE_EMBEDDED", "sideways")

    assert command.main(["run", "--data-dir", str(data_dir), "--", "true"]) == 1
    assert capsys.readouterr().err.startswith("AUDITSITE_EMBEDDED is 'sideways'")


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_the_servers(data_dir: Path, how: signal.Signals) -> None:
    run = [sys.executable, "-m", "auditsite.embedded", "run", "--fast", "--data-dir", str(data_dir), "--"]
    process = subprocess.Popen(
        [*run, "sh", "-c", "echo up; exec sleep 60"], stdout=subprocess.PIPE, env=os.environ
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"up\n"

    process.send_signal(how)
    process.communicate(timeout=30)

    assert process.returncode == 128 + signal.SIGTERM
    assert not (data_dir / "postgres" / "postmaster.pid").exists()
