from __future__ import annotations

from uuid import UUID

from streaming.wire.sample import marked_entry
from tests.streaming.wire.payloads import OCCURRED, entry


def test_a_test_entry_is_shaped_like_any_other_and_marked() -> None:
    made = marked_entry(entry_id=UUID(int=1), tenant_slug="acme", now=OCCURRED)

    assert set(made.parsed()) == set(entry()) | {"test"}
    assert made.parsed()["test"] is True
    assert made.parsed()["tenant"]["slug"] == "acme"
    assert made.parsed()["occurred_at"] == "2026-11-24T08:15:30.123456Z"
    assert made.sequence == 0
