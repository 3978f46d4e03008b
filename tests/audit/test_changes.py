from __future__ import annotations

import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.changes import MOST, Change, changes

OWNER = [Change("owner", "ana", "bo")]


@pytest.mark.parametrize(
    "parameters",
    [
        {"changes": {"owner": {"old": "ana", "new": "bo"}}},
        {"changes": {"owner": {"before": "ana", "after": "bo"}}},
        {"changes": {"owner": {"from": "ana", "to": "bo"}}},
        {"changes": {"owner": {"previous": "ana", "current": "bo"}}},
        {"changes": {"owner": ["ana", "bo"]}},
        {"changes": [{"field": "owner", "old": "ana", "new": "bo"}]},
        {"changes": [{"name": "owner", "from": "ana", "to": "bo"}]},
        {"changes": [{"path": "owner", "old_value": "ana", "new_value": "bo"}]},
        {"changes": "owner: ana → bo"},
        {"changes": "owner: ana -> bo"},
        {"diff": {"owner": {"old": "ana", "new": "bo"}}},
        {"owner": {"before": "ana", "after": "bo"}},
        {"owner": {"from": "ana", "to": "bo"}},
        {"before": {"owner": "ana"}, "after": {"owner": "bo"}},
        {"new": {"owner": "bo"}, "old": {"owner": "ana"}},
        {"old_values": {"owner": "ana"}, "new_values": {"owner": "bo"}},
        {"old_owner": "ana", "new_owner": "bo"},
        {"new_owner": "bo", "x": 1, "old_owner": "ana"},
        {"owner_before": "ana", "owner_after": "bo"},
        {"previous_owner": "ana", "owner": "bo"},
        {"owner": "bo", "previous_owner": "ana"},
        {"previous_owner": "ana", "new_owner": "bo"},
    ],
    ids=str,
)
def test_each_form_tells_the_same_change(parameters: dict[str, Any]) -> None:
    assert changes({"case": "C-7", **parameters}) == OWNER


def test_what_a_producer_calls_by_a_part_of_its_name_is_found() -> None:
    assert changes({"group_name": "Night", "previous_name": "Late"}) == [
        Change("group_name", "Late", "Night")
    ]
    assert changes({"runner_group": "eu", "previous_default": "lab"}) == [Change("runner_group", "lab", "eu")]


def test_objects_are_compared_key_by_key_however_deep() -> None:
    before = {"a": {"b": {"c": 1, "same": [1]}}, "gone": None, "list": ["x", "y"]}
    after = {"a": {"b": {"c": 2, "same": [1]}}, "come": {"deep": True}, "list": ["y", "z", "w"]}

    assert changes({"before": before, "after": after}) == [
        Change("a.b.c", "1", "2"),
        Change("gone", "null", None, "removed"),
        Change("list", "x, y", "y, z, w", note="2 added, 1 removed"),
        Change("come", None, '{"deep": true}', "added"),
    ]


def test_what_came_and_what_went_are_one_change() -> None:
    assert changes({"username": "lee", "groups_added": ["Night"], "groups_removed": ["Day", "Late"]}) == [
        Change("groups", "Day, Late", "Night")
    ]
    assert changes({"groups_added": ["Night"], "groups_removed": []}) == [
        Change("groups", None, "Night", "added")
    ]
    assert changes({"groups_removed": ["Night"]}) == [Change("groups", "Night", None, "removed")]
    assert changes({"groups_added": [], "groups_removed": []}) == []


def test_true_is_not_one_and_null_is_not_nothing() -> None:
    assert changes({"old_x": 1, "new_x": True}) == [Change("x", "1", "true")]
    assert changes({"old_x": None, "new_x": ""}) == [Change("x", "null", "")]


def test_a_text_is_read_as_a_whole_or_not_at_all() -> None:
    assert changes({"changes": "retries: 3 → 5, order of steps, on: +a −b, tags: → draft"}) == [
        Change("retries", "3", "5"),
        Change("tags", "", "draft"),
    ]
    for unclear in ("tags: a, b → c, d", "see → here", "owner: ana", "order of steps", ""):
        assert changes({"changes": unclear}) == [], unclear


def test_a_value_whose_past_is_not_told_is_only_set() -> None:
    assert changes({"changes": {"retries": 5}}) == [Change("retries", None, "5", "set")]


def test_what_stays_the_same_is_no_change() -> None:
    assert changes({"old_x": "a", "new_x": "a", "before": {"y": [1]}, "after": {"y": [1]}}) == []
    assert changes({"changes": {"order": [["a", "b"], ["b", "a"]]}}) == [
        Change("order", "a, b", "b, a", note="in another order")
    ]


@pytest.mark.parametrize(
    "parameters",
    [
        {"from": "2026-01-01", "to": "2026-02-01"},
        {"from_sequence": 1, "to_sequence": 9},
        {"workflow_name": "Triage", "version": "7"},
        {"previous_name": "x"},
        {"changes": 7},
        {"changes": [1, "a", {"old": 1, "new": 2}, {"field": "x"}]},
        {"settings": {"old": 1, "new": 2, "by": "ana"}},
        {"settings": {}},
        {"renewed": "a", "threshold": 2, "new_role": "a"},
        {},
    ],
    ids=str,
)
def test_other_parameters_are_no_change(parameters: dict[str, Any]) -> None:
    assert changes(parameters) == []


def test_no_more_than_a_page_can_show_are_told() -> None:
    many = {f"k{number}": {"old": number, "new": -1} for number in range(MOST + 10)}

    assert len(changes({"changes": many})) == MOST


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
KEYS = st.sampled_from(
    ["changes", "diff", "before", "after", "old", "new", "from", "to", "old_x", "new_x", "x", "previous_x",
     "previous_name", "group_name", "x_added", "x_removed", "_added", "previous_", "old_", "x_before", "x_after"]
)  # fmt: skip


@given(st.dictionaries(KEYS, JSON, max_size=6))
def test_whatever_a_producer_sends_is_looked_through_without_a_fault(parameters: dict[str, Any]) -> None:
    for one in changes(parameters):
        assert isinstance(one.field, str)
        assert one.before != one.after or one.kind == "changed"


def test_ten_thousand_parameters_are_looked_through_at_once() -> None:
    parameters = {
        f"{word}{number}": number for number in range(2_500) for word in ("previous_", "old_", "a", "")
    }

    begin = time.perf_counter()
    changes(parameters)

    assert time.perf_counter() - begin < 2
