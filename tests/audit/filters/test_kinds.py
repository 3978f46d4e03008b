from __future__ import annotations

import pytest

from audit.filters import kinds, words
from audit.filters.entries import AuditEntryFilter


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("7", ["7", 7]),
        ("-2.5", ["-2.5", -2.5]),
        ("1e3", ["1e3", 1000.0]),
        ("true", ["true", True]),
        ("null", ["null", None]),
        ("007", ["007"]),
        ("1e999", ["1e999"]),
        ("NaN", ["NaN"]),
        ("True", ["True"]),
        ('"7"', ['"7"']),
    ],
)
def test_a_value_means_what_is_written_like_it(text: str, meant: list[object]) -> None:
    assert kinds._meanings(text) == meant


def test_every_filter_says_where_the_page_shows_it_and_how_it_is_called() -> None:
    for name, one in AuditEntryFilter.get_filters().items():
        assert isinstance(one, kinds.EntryFilter), name
        assert one.menu in {"bar", "more", "own"}
        assert one.label


def test_a_value_without_an_offered_label_is_said_as_it_is() -> None:
    assert words.WordsFilter().words("x") == "x"


def test_values_of_columns_are_counted_but_for_those_that_no_two_entries_share() -> None:
    counted = {
        name for name, one in AuditEntryFilter.get_filters().items() if one.counted and not one.exclude
    }

    assert counted == {"category", "area", "action", "workspace", "by", "ip", "outcome", "actor_type"}
