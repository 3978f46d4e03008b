"""JSON, strictly: a repeated key is never missed, and a false alarm costs time only."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audit.api.answers import Refusal
from audit.api.reading_json import Repeating, read_json

TEXT = st.text(st.characters(codec="utf-8")) | st.sampled_from(['"', '":', '\\":', ":", '": ', "\\"])
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | TEXT,
    lambda inside: st.lists(inside, max_size=4) | st.dictionaries(TEXT, inside, max_size=4),
)


@settings(max_examples=300, deadline=None)
@given(VALUES, st.sampled_from([None, 1]), st.booleans())
def test_what_was_written_is_what_is_read(value: Any, indent: int | None, escaped: bool) -> None:
    content = json.dumps(value, indent=indent, ensure_ascii=escaped).encode()

    read, _ = read_json(content, lines=False)

    assert read == value


@settings(max_examples=300, deadline=None)
@given(TEXT, VALUES, st.sampled_from(["", " ", "\n\t"]), st.booleans())
def test_a_repeated_key_is_never_missed(key: str, value: Any, blank: str, escaped: bool) -> None:
    name, text = json.dumps(key, ensure_ascii=escaped), json.dumps(value)
    content = f'[{{{name}{blank}:{text}, "other": 1, {name}:{text}}}]'.encode()

    [read], sure = read_json(content, lines=False)

    assert not sure
    assert isinstance(read, Repeating)
    assert key in read.repeated


def test_a_key_that_is_escaped_otherwise_the_second_time_is_the_same_key() -> None:
    [read], _ = read_json(b'[{"event": 1, "\\u0065vent": 2}]', lines=False)

    assert read.repeated == ("event",)


def test_lines_are_read_with_and_without_blank_ones() -> None:
    assert read_json(b'\n{"a":1}\r\n\n{"b":2}', lines=True) == ([{"a": 1}, {"b": 2}], True)
    assert read_json(b'{"a":": "}\n', lines=True)[0] == [{"a": ": "}]


@pytest.mark.parametrize("content", [b"{", b'{"a" 1}', b"[1,]", b"nul", b"\xc3", b"01", b'"\x01"', b"NaN"])
def test_where_it_breaks_is_told(content: bytes) -> None:
    with pytest.raises(Refusal, match=r"The body is not JSON: .*(column|byte|number)") as refused:
        read_json(content, lines=False)

    assert refused.value.status == 400
