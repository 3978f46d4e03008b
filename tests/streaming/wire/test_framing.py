from __future__ import annotations

import json

import pytest

from streaming.wire.framing import FRAMINGS, framed

ONE, TWO = b'{"a":1}', b'{"a":2}'


def test_an_array_holds_the_documents_as_they_are() -> None:
    assert framed([ONE, TWO], "array") == (b'[{"a":1},{"a":2}]', "application/json")
    assert json.loads(framed([ONE], "array").body) == [{"a": 1}]


def test_lines_end_with_a_newline_each() -> None:
    assert framed([ONE, TWO], "ndjson") == (b'{"a":1}\n{"a":2}\n', "application/x-ndjson")


def test_a_single_document_stands_alone() -> None:
    assert framed([ONE], "single") == (ONE, "application/json")


def test_only_one_document_can_stand_alone() -> None:
    with pytest.raises(ValueError, match="too many values"):
        framed([ONE, TWO], "single")


def test_an_unknown_framing_is_told_which_there_are() -> None:
    with pytest.raises(ValueError, match=r"array, ndjson, single"):
        framed([ONE], "csv")
    assert FRAMINGS == ("array", "ndjson", "single")
