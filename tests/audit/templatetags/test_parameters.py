from __future__ import annotations

import pytest

from audit.templatetags import parameters
from audit.templatetags.parameters import Chip, ChipRow


def test_as_many_chips_as_fit_are_shown_and_the_rest_is_counted() -> None:
    row = parameters.fit({"workflow": "Phishing triage", "version": 14, "steps": 3, "reason": "typo"})

    assert row == ChipRow((Chip("workflow", "Phishing triage"), Chip("version", "14")), 2)


def test_the_first_chip_is_shown_however_long_it_is() -> None:
    row = parameters.fit({"url": "x" * 5000, "a": "b"})

    assert [chip.key for chip in row.chips] == ["url"]
    assert row.more == 1


def test_wide_letters_take_the_room_they_need() -> None:
    narrow = parameters.fit({"a": "abcdefghijkl", "b": "abcdefghijkl"})
    wide = parameters.fit({"a": "品質保証品質保証品質保証", "b": "品質保証品質保証品質保証"})

    assert narrow.more == 0
    assert wide.more == 1


def test_unseen_characters_are_measured_as_they_are_shown() -> None:
    row = parameters.fit({"a": "\u200b" * 12, "b": "1"})

    assert row.more == 1


def test_an_entry_without_parameters_has_no_chips() -> None:
    assert parameters.fit({}) == ChipRow((), 0)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("plain", "plain"),
        (7, "7"),
        (True, "true"),
        (None, "null"),
        (["hosts:read", "hosts:write"], "hosts:read, hosts:write"),
        ([], "[]"),
        ({"before": "a", "after": ["b"]}, '{"before": "a", "after": ["b"]}'),
        ([{"a": 1}], '[{"a": 1}]'),
    ],
)
def test_a_value_reads_in_one_line(value: object, text: str) -> None:
    assert parameters.value_text(value) == text


def test_a_chip_holds_no_more_than_anybody_reads() -> None:
    (chip,) = parameters.fit({"k" * 500: "v" * 100_000}).chips

    assert len(chip.key) == len(chip.value) == parameters.LONGEST_CHIP + 1


def test_what_reads_better_in_lines_is_nested() -> None:
    nested: list[object] = [{"a": 1}, [{"a": 1}], [[1]], ["x", {}]]
    plain: list[object] = [{}, [], ["a", 1], "{}", None, 7]

    assert [parameters.is_nested(value) for value in nested] == [True] * 4
    assert [parameters.is_nested(value) for value in plain] == [False] * 6


def test_only_what_a_filter_can_ask_for_is_asked() -> None:
    assert [parameters.askable(value) for value in ("x", 7, True, None)] == ["x", "7", "true", "null"]
    for value in ("", " x", "x\n", "x" * 501, ["x"], {"a": 1}):
        assert parameters.askable(value) == "", value
