from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from cryptography.fernet import Fernet

from auditsite.local_secrets import Outbound, load_or_make, outbound_of


def test_secrets_are_made_once_and_are_the_owners_alone(tmp_path: Path) -> None:
    made = load_or_make(tmp_path / "var")

    assert load_or_make(tmp_path / "var") == made
    assert len(made.secret_key) >= 50
    assert Fernet(made.encryption_keys).encrypt(b"")
    assert [path.stat().st_mode & 0o777 for path in (tmp_path / "var").iterdir()] == [0o600, 0o600]


def test_two_installations_share_no_secret(tmp_path: Path) -> None:
    assert not set(load_or_make(tmp_path / "one")) & set(load_or_make(tmp_path / "two"))


def test_processes_that_start_at_once_get_the_same_secrets(tmp_path: Path) -> None:
    program = "import pathlib, auditsite.local_secrets as made; print(made.load_or_make(pathlib.Path.cwd()))"
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}
    command = [sys.executable, "-c", program]
    started = [
        subprocess.Popen(command, stdout=subprocess.PIPE, cwd=tmp_path, env=environment) for _ in range(4)
    ]

    said = {process.communicate()[0] for process in started}

    assert len(said) == 1
    assert b"secret_key" in said.pop()


def test_where_no_demo_ever_ran_nothing_is_allowed(tmp_path: Path) -> None:
    assert outbound_of(tmp_path) == Outbound("", "")
