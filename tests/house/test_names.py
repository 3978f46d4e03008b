"""Names say what is inside; a few say nothing, and are not used."""

from __future__ import annotations

import ast
import re
from pathlib import PurePosixPath

from tests.house import tree

EMPTY_WORDS = {"utils", "util", "helpers", "helper", "common", "core", "manager", "managers", "misc", "base"}
# The one word of the list that says something where it stands.
ALLOWED = {"audit/management/base.py"}
# Assembled, so that this file does not hold what it looks for.
MACHINE_PATHS = re.compile("|".join(rf"/{folder}/[a-z]" for folder in ("home", "Users", "root", "work")))
SENTENCE = re.compile(r"test_[a-z0-9]+(_[a-z0-9]+){2,}")
BINARY = (".png", ".woff2", ".ico", ".jpg", ".gz")


def test_no_module_or_folder_has_a_name_that_says_nothing() -> None:
    named = [
        name
        for name in tree.files()
        if name.endswith(".py")
        and name not in ALLOWED
        and EMPTY_WORDS & {PurePosixPath(part).stem for part in name.split("/")}
    ]

    assert named == []


def test_every_test_is_called_by_a_sentence() -> None:
    short = [
        f"{name}: {node.name}"
        for name in tree.tests()
        for node in ast.walk(tree.parsed(name))
        if isinstance(node, ast.FunctionDef)
        and node.name.startswith("test_")
        and not SENTENCE.fullmatch(node.name)
    ]

    assert short == []


def test_no_file_knows_a_place_on_somebodys_machine() -> None:
    found = {
        name: hits
        for name in tree.files()
        if not name.endswith(BINARY)
        and (hits := MACHINE_PATHS.findall((tree.ROOT / name).read_text(encoding="utf-8", errors="replace")))
    }

    assert found == {}


def test_nothing_is_mocked() -> None:
    mock = "unittest." + "mock"

    assert [name for name in tree.tests() if mock in (tree.ROOT / name).read_text(encoding="utf-8")] == []
