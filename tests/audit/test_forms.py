from __future__ import annotations

from typing import Any

import pytest

from audit.forms import LIVES, KeyForm
from audit.keys import DEFAULT_LIFE, LONGEST_LIFE
from audit.models import Scope

ENTERED = {"name": " kiln ", "scopes": ["ingest"], "days": "30"}


def test_what_was_entered_is_read() -> None:
    form = KeyForm(ENTERED)

    assert form.is_valid()
    assert form.cleaned_data == {"name": "kiln", "scopes": ["ingest"], "days": 30}


def test_every_scope_and_lives_of_up_to_a_year_are_offered() -> None:
    form = KeyForm()

    assert KeyForm.base_fields["scopes"].choices == Scope.choices  # type: ignore[attr-defined] # of choice fields
    days = [days for days, _ in LIVES]
    assert form["days"].value() == DEFAULT_LIFE.days
    assert DEFAULT_LIFE.days in days
    assert max(days) <= LONGEST_LIFE.days


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("name", "  ", "who will use"),
        ("name", "x" * 101, "up to 100"),
        ("name", "a\x00b", "Null"),
        ("scopes", [], "opens nothing"),
        ("scopes", ["root"], "not one of"),
        ("days", "", "after a year at the latest"),
        ("days", "366", "after a year at the latest"),
        ("days", "-1", "after a year at the latest"),
        ("days", "soon", "after a year at the latest"),
    ],
)
def test_what_cannot_be_used_is_told_beside_its_field(name: str, value: Any, says: str) -> None:
    form = KeyForm({**ENTERED, name: value})

    assert list(form.errors) == [name]
    assert says in str(form.errors[name])
