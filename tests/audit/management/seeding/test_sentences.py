"""What Details says."""

from __future__ import annotations

import string

import pytest

from audit.catalog.lookup import CATALOG
from audit.management.seeding.sentences import SENTENCES, details


@pytest.mark.parametrize("code", SENTENCES)
def test_a_sentence_speaks_of_what_its_event_carries(code: str) -> None:
    named = {name for _, name, _, _ in string.Formatter().parse(SENTENCES[code]) if name}

    assert named <= set(CATALOG.event(code).parameters)


def test_numbers_and_lists_read_as_people_write_them() -> None:
    exported = details("tables.table_exported_to_csv", {"row_count": 12345, "table_name": "Assets"})
    shared = details("cases.case_shared", {"case_id": "CASE-1", "case_name": "A", "shared_with": ["b", "c"]})

    assert exported == "12,345 rows of Assets were downloaded."
    assert shared.endswith("to b, c.")


def test_an_event_without_a_sentence_says_nothing_more() -> None:
    assert details("users.user_logged_out", {}) == ""
