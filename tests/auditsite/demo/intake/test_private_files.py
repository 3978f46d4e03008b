from __future__ import annotations

import stat
from pathlib import Path

from auditsite.demo.intake.private_files import write_private


def test_a_file_is_its_owners_alone_and_replaces_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "new" / "secret"
    write_private(path, b"old")
    path.chmod(0o644)

    write_private(path, b"new")

    assert path.read_bytes() == b"new"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [each.name for each in path.parent.iterdir()] == ["secret"]


def test_a_public_file_has_the_mode_it_is_given(tmp_path: Path) -> None:
    write_private(tmp_path / "ca.pem", b"public", mode=0o644)

    assert stat.S_IMODE((tmp_path / "ca.pem").stat().st_mode) == 0o644
