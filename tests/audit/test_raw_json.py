from __future__ import annotations

import json
import time

import pytest

from audit.canonical import canonical_bytes
from audit.raw_json import MOST_CHARACTERS, MOST_LINES, Shown, lines, shown


def pretty(one: Shown) -> str:
    return "\n".join(f"{o.indent}{o.key}{o.colon}{o.value}{o.comma}" for o in one.lines)


def test_json_is_broken_into_lines_without_changing_what_was_written() -> None:
    body = b'{"a":1e21,"b":"x: \\"y\\", z","c":[],"d":{"e":null,"f":[true,-0.5]}}'

    one = shown(body)

    assert "1e21" in pretty(one)
    assert json.loads(pretty(one)) == json.loads(body)
    assert (one.exact.encode(), one.is_cut, one.size) == (body, False, len(body))
    assert [(o.key, o.value, o.kind) for o in one.lines if o.kind] == [
        ('"a"', "1e21", "jn"), ('"b"', '"x: \\"y\\", z"', "js"), ('"e"', "null", "jl"), ("", "true", "jl"),
        ("", "-0.5", "jn"),
    ]  # fmt: skip


@pytest.mark.parametrize("value", [list(range(20_000)), "x" * 100_000, {str(n): "y" for n in range(9_000)}])
def test_of_what_is_long_a_page_shows_the_beginning_and_all_of_it_on_demand(value: object) -> None:
    body = canonical_bytes({"value": value})

    beginning, everything = shown(body), shown(body, everything=True)

    assert beginning.is_cut
    assert len(beginning.lines) <= MOST_LINES
    assert len(pretty(beginning)) <= MOST_CHARACTERS
    assert body.decode().startswith(beginning.exact)
    assert json.loads(everything.whole) == json.loads(everything.exact) == {"value": value}
    assert everything.lines == []


def test_a_hundred_kilobytes_cost_next_to_nothing() -> None:
    body = canonical_bytes({"a": [[{"b": [1, "x"]}] * 8] * 1_000})
    shown(b"{}")

    begin = time.perf_counter()
    shown(body)

    assert len(body) > 100_000
    assert time.perf_counter() - begin < 0.2


def test_a_line_that_is_cut_in_the_middle_is_shown_as_it_stands() -> None:
    assert [o.key + o.value for o in lines('{\n  "a": "bc')] == ["{", '"a""bc']
