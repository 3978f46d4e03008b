"""Tests lie where the code lies: `streaming/wire/outcome.py` is tested by `tests/streaming/wire/test_outcome.py`."""

from __future__ import annotations

import ast
from pathlib import PurePosixPath

from tests.house import tree

# What has no test file of its own, and why.
EXCEPTIONS = {
    "auditsite/urls.py": "a table; the pages' tests ask for every address",
    "auditsite/wsgi.py": "two lines of wiring; tests/journeys start it",
}
# A table of lines, which one test checks against the catalogue's source.
TABLES = ("audit/catalog/areas/",)
# Tests of what a whole folder promises.
ROOMS = ("tests/audit/test_catalog", "tests/streaming/test_destinations", "tests/streaming/faults/test")
CODE = (ast.FunctionDef, ast.AsyncFunctionDef)


def has_code(name: str) -> bool:
    """Whether a module does anything: a list of names or of models' fields needs no test of its own."""
    return any(isinstance(node, CODE) for node in ast.walk(tree.parsed(name)))


def mirror_of(name: str) -> str:
    """Where a module's test belongs."""
    path = PurePosixPath(name.replace(tree.CLIENTS, "clients/python/"))
    stem = path.stem.strip("_")
    return str(PurePosixPath("tests") / path.parent / f"test_{stem}.py")


def test_every_module_that_does_something_has_its_test_at_the_mirrored_place() -> None:
    tests = set(tree.tests())
    without = [
        name
        for name in [*tree.sources(), *tree.clients()]
        if not name.startswith(TABLES)
        and name not in EXCEPTIONS
        and has_code(name)
        and mirror_of(name) not in tests
    ]

    assert without == []


def test_every_exception_still_exists_and_still_needs_to_be_one() -> None:
    sources, tests = set(tree.sources()), set(tree.tests())

    assert [name for name in EXCEPTIONS if name not in sources or mirror_of(name) in tests] == []


def test_no_test_is_left_behind_by_a_module_that_is_gone() -> None:
    """A long test may be split by topic, `test_delivery_holding.py` beside `test_delivery.py`."""
    mirrored = [mirror_of(name).removesuffix(".py") for name in [*tree.sources(), *tree.clients()]]
    rooms = tuple(f"tests/{package}/" for package in (*tree.PACKAGES, "clients"))

    orphans = [
        name
        for name in tree.tests()
        if name.startswith(rooms)
        and "/test_" in name
        and not any(name.startswith((f"{mirror}.", f"{mirror}_")) for mirror in [*mirrored, *ROOMS])
    ]

    assert orphans == []
