"""Values become entries, or the list of all that is wrong with each."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audit.api.answers import Refusal
from audit.api.bodies import Body
from audit.api.decoding import decode, pointer
from audit.api.shapes import EntryIn
from tests.audit.api.caller import ENTRY, entry

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inside: st.lists(inside, max_size=3) | st.dictionaries(st.text(), inside, max_size=3),
)
KEYS = st.sampled_from([*EntryIn.__struct_fields__, "tenant"])


def _decoded(value: Any) -> Any:
    [item], _ = decode(Body(json.dumps([value]).encode(), lines=False))
    return item if isinstance(item, EntryIn) else {problem.loc: problem.msg for problem in item}


def test_one_entry_is_no_batch_and_an_array_of_one_is() -> None:
    for text, batch in ((json.dumps(ENTRY), False), (json.dumps([ENTRY]), True)):
        items, is_batch = decode(Body(text.encode(), lines=False))
        assert (len(items), is_batch) == (1, batch)


def test_what_may_be_left_out_may_be_null() -> None:
    names = ("workspace", "target", "context", "occurred_at", "external_id")

    assert isinstance(_decoded(entry(**dict.fromkeys(names))), EntryIn)


@pytest.mark.parametrize(
    ("value", "problems"),
    [
        (7, {"": "has to be an object, not a number"}),
        ([], {"": "has to be an object, not an array"}),
        ({}, {"/event": "is missing", "/actor": "is missing"}),
        (entry(event=None), {"/event": "has to be str, not null"}),
        (entry(actor=None), {"/actor": "has to be an object, not null"}),
        (entry(actor="ana"), {"/actor": "has to be an object, not text"}),
        (entry(details=7), {"/details": "has to be str, not int"}),
        (entry(outcome="maybe"), {"/outcome": "is refused: invalid enum value 'maybe'"}),
        (entry(occurred_at="2026-11-24"), {"/occurred_at": "is refused: invalid RFC3339 encoded datetime"}),
    ],
)
def test_each_mistake_is_said_in_words(value: Any, problems: dict[str, str]) -> None:
    assert _decoded(value) == problems


def test_an_unknown_key_is_answered_with_the_known_ones() -> None:
    [(where, said)] = _decoded(entry(sequence=7)).items()

    assert where == "/sequence"
    assert "known are event, actor, workspace" in said


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("actor", {"email": "ana@acme.example", "role": "admin"}),
        ("target", {"type": "case", "url": "x"}),
        ("context", {"ip": "203.0.113.7", "host": "x"}),
    ],
)
def test_an_unknown_key_inside_is_refused_too(name: str, value: dict[str, str]) -> None:
    [(where, said)] = _decoded(entry(**{name: value})).items()

    assert where == f"/{name}/{list(value)[-1]}"
    assert "known are" in said


@settings(max_examples=200, deadline=None)
@given(st.dictionaries(KEYS, ANYTHING))
def test_whatever_comes_is_an_entry_or_a_list_of_problems(fields: dict[str, Any]) -> None:
    found = _decoded({**ENTRY, **fields})

    assert isinstance(found, EntryIn) or found


def test_a_pointer_escapes_what_rfc_6901_says() -> None:
    assert pointer("a/b", 0, "m~n") == "/a~1b/0/m~0n"


def test_nothing_at_all_is_no_batch() -> None:
    with pytest.raises(Refusal, match="at least one"):
        decode(Body(b"[]", lines=False))
