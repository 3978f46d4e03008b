"""What does not fit is split: a file is read as a whole, a function at one glance."""

from __future__ import annotations

import ast

import pytest

from tests.house import tree

SOURCE, TEST, TEMPLATE, FUNCTION = 250, 300, 80, 30
TEMPLATES = [name for name in tree.files() if name.endswith(".html")]
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


@pytest.mark.parametrize(
    ("names", "limit"),
    [
        pytest.param(tree.sources(), SOURCE, id="sources"),
        pytest.param(tree.clients(), SOURCE, id="clients"),
        pytest.param(tree.tests(), TEST, id="tests"),
        pytest.param(TEMPLATES, TEMPLATE, id="templates"),
    ],
)
def test_no_file_is_longer_than_its_limit(names: list[str], limit: int) -> None:
    assert names
    assert {name: tree.length(name) for name in names if tree.length(name) > limit} == {}


def test_no_function_is_longer_than_its_limit() -> None:
    long = {
        f"{name}:{node.lineno} {node.name}": lines
        for name in [*tree.sources(), *tree.clients(), *tree.tests()]
        for node in ast.walk(tree.parsed(name))
        if isinstance(node, FUNCTIONS) and (lines := (node.end_lineno or 0) - node.lineno + 1) > FUNCTION
    }

    assert long == {}
