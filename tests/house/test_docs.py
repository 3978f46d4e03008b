"""What the documents name exists; what they promise is short."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.house import tree

DOCUMENTS = [
    name
    for name in tree.files()
    if name.endswith(".md") and not name.startswith(("static/vendor/", "tests/"))
]
QUOTED = re.compile(r"`([^`\n]+)`")
LINKED = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")
# A path of ours begins with one of these; anything else in backticks may be somebody else's.
TOP = {name.split("/")[0] for name in tree.files()}
HOW_TO_LINES = 15
DECISION_LINES = 30


def names_a_path(words: str) -> bool:
    """Whether something in backticks is meant as a place in this tree: slashes, no blanks, no placeholder."""
    first = words.split("/", 1)[0]
    return "/" in words and first in TOP and not re.search(r"[\s<>{}*…:()$]", words)


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_path_that_a_document_names_exists(document: str) -> None:
    text = (tree.ROOT / document).read_text(encoding="utf-8")

    named = [words for words in QUOTED.findall(text) if names_a_path(words)]
    linked = [
        target for target in LINKED.findall(text) if "://" not in target and not target.startswith("mailto:")
    ]

    assert [path for path in named if not (tree.ROOT / path).exists()] == []
    assert [path for path in linked if not (tree.ROOT / Path(document).parent / path).exists()] == []


def test_every_how_to_and_every_decision_is_short() -> None:
    limits = {
        name: DECISION_LINES if name.startswith("docs/decisions/") else HOW_TO_LINES
        for name in DOCUMENTS
        if name.startswith(("docs/adding-", "docs/decisions/"))
    }

    assert {name: tree.length(name) for name, limit in limits.items() if tree.length(name) > limit} == {}


def test_every_variable_that_the_code_reads_is_in_the_operators_table() -> None:
    read = {
        variable
        for name in tree.sources()
        for variable in re.findall(
            r'"((?:AUDITSITE_[A-Z_]+)|DATABASE_URL|REDIS_URL)"', (tree.ROOT / name).read_text()
        )
    }
    table = (tree.ROOT / "docs/operations.md").read_text(encoding="utf-8")

    assert sorted(variable for variable in read if f"`{variable}`" not in table) == []


def test_every_target_that_the_readme_names_is_in_the_makefile() -> None:
    targets = set(re.findall(r"(?m)^([a-z]+):", (tree.ROOT / "Makefile").read_text(encoding="utf-8")))
    named = {
        target
        for document in DOCUMENTS
        for target in re.findall(r"`make ([a-z]+)", (tree.ROOT / document).read_text(encoding="utf-8"))
    }

    assert named - targets == set()
