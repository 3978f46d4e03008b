"""What docs/adding-….md promises: a destination is one file, an event is one line."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from audit.catalog.lookup import CATALOG
from streaming.destination import all_destinations
from tests.house import tree

# What fills a demo names things as a person would who sets one up.
DEMO = ("auditsite/demo/", "audit/management/seeding/")
KINDS = sorted(all_destinations())
AREAS = sorted((tree.ROOT / "audit" / "catalog" / "areas").glob("[a-z]*.py"))


@pytest.mark.parametrize("kind", KINDS)
def test_a_destination_is_known_by_its_own_file_alone(kind: str) -> None:
    known = {
        name
        for name in tree.sources()
        if re.search(rf'["\']{kind}["\']', (tree.ROOT / name).read_text(encoding="utf-8"))
        and not name.startswith(DEMO)
    }

    assert known == {f"streaming/destinations/{kind}.py"}


@pytest.mark.parametrize("area", AREAS, ids=lambda path: path.stem)
def test_an_event_is_one_line_of_its_area(area: Path) -> None:
    text = area.read_text(encoding="utf-8")
    held = [event for event in CATALOG.events() if event.code.startswith(f"{area.stem}.")]

    lines = [line for line in text.splitlines() if "AREA.event(" in line]

    assert held
    assert len(lines) == len(held)
    assert all(any(f'"{event.code.split(".")[1]}"' in line for line in lines) for event in held)
