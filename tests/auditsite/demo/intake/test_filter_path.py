from __future__ import annotations

import pytest

from auditsite.demo.intake.filter_path import filtered

ANSWER = {"took": 1, "items": [{"create": {"status": 201, "error": {"type": "x", "reason": "y"}}}]}


@pytest.mark.parametrize(
    ("paths", "kept"),
    [
        ("", ANSWER),
        ("took", {"took": 1}),
        ("items.*.status", {"items": [{"create": {"status": 201}}]}),
        ("items.create.error.t*,took", {"took": 1, "items": [{"create": {"error": {"type": "x"}}}]}),
        ("**.reason", {"items": [{"create": {"error": {"reason": "y"}}}]}),
        ("items", {"items": ANSWER["items"]}),
        ("nothing.here", {}),
        ("took.deeper", {}),
    ],
)
def test_only_the_named_leaves_stay(paths: str, kept: object) -> None:
    assert filtered(ANSWER, paths) == kept
