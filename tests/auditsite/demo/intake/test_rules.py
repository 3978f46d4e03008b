from __future__ import annotations

import pytest

from auditsite.demo.intake import Rules


def test_what_is_not_named_stays_as_it_was() -> None:
    rules = Rules(hec_max_bytes=1_000).changed({"hec_indexes": ["siem"], "gzip": False})

    assert rules == Rules(hec_max_bytes=1_000, hec_indexes=frozenset({"siem"}), gzip=False)


@pytest.mark.parametrize("changes", [{"hec_index": "siem"}, {"hec_max_bytes": "many"}, {"gzip": None}])
def test_what_cannot_be_a_rule_is_named(changes: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=next(iter(changes))):
        Rules().changed(changes)
