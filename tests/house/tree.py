"""The files of this project as git knows them: tracked, and new ones that nobody told it to ignore."""

from __future__ import annotations

import ast
import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = ("auditsite", "audit", "streaming")
CLIENTS = "clients/python/src/auditsite_client/"


@cache
def files() -> tuple[str, ...]:
    """Paths from the root, with slashes."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\0")
    return tuple(sorted(name for name in listed if name and (ROOT / name).is_file()))


def sources() -> list[str]:
    """Modules that the product consists of, migrations left out: their form is Django's."""
    return [
        name
        for name in files()
        if name.endswith(".py") and name.split("/")[0] in PACKAGES and "/migrations/" not in name
    ]


def clients() -> list[str]:
    """Modules of the client packages; what producers install, no part of the product."""
    return [
        name
        for name in files()
        if name.startswith(CLIENTS) and name.endswith(".py") and "/migrations/" not in name
    ]


def tests() -> list[str]:
    """Every Python file under tests/."""
    return [name for name in files() if name.startswith("tests/") and name.endswith(".py")]


def length(name: str) -> int:
    """Lines of a file."""
    return len((ROOT / name).read_text(encoding="utf-8").splitlines())


@cache
def parsed(name: str) -> ast.Module:
    return ast.parse((ROOT / name).read_text(encoding="utf-8"), filename=name)
