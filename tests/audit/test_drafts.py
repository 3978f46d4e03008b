"""What a draft has to keep to, and that everything wrong with it is told at once."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from audit import drafts
from audit.canonical import canonical_bytes
from audit.drafts import Actor, Context, DraftRefused, Target
from tests.entries import NOON, draft

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()) | st.just(NOON),
    lambda inside: st.lists(inside) | st.dictionaries(st.text(st.characters()), inside),
    max_leaves=8,
)


def _problems(**fields: Any) -> dict[str, str]:
    """Places and codes of what is wrong with a draft of these fields; empty when nothing is."""
    try:
        replace(draft(), **fields).check()
    except DraftRefused as refused:
        return {problem.loc: problem.type for problem in refused.problems}
    return {}


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"actor": Actor(name="runner-fleet", type="service_account")},
        {"actor": Actor(name="Auditsite", type="system")},
        {"actor": Actor(email="ana+x@[203.0.113.7]")},
        {"details": "x" * 10_000},
        {"details": "é\U0001f600\u202e\x1b"},
        {"external_id": "x" * 500},
        {"context": Context()},
        {"context": Context(ip="2001:db8::1", user_agent="x" * 2_000)},
        {"occurred_at": datetime(1970, 1, 1, tzinfo=UTC)},
        {"parameters": {"a": [1, -1.5, None, True, "x", {"b": ()}], "n": 2**53 - 1}},
    ],
)
def test_what_the_log_can_hold_is_taken(fields: dict[str, Any]) -> None:
    assert _problems(**fields) == {}


@pytest.mark.parametrize(
    ("fields", "problems"),
    [
        ({"actor": Actor()}, {"/actor": "actor_missing"}),
        ({"actor": Actor(name=" ", type="system")}, {"/actor": "actor_missing"}),
        ({"actor": Actor(name="Ana")}, {"/actor/email": "email_missing"}),
        ({"actor": Actor(email="ana")}, {"/actor/email": "email_invalid"}),
        ({"actor": Actor(email="ana@")}, {"/actor/email": "email_invalid"}),
        ({"actor": Actor(email="ana @acme.example")}, {"/actor/email": "email_invalid"}),
        ({"actor": Actor(email="a@b", name="x" * 501)}, {"/actor/name": "too_long"}),
        ({"details": "x" * 10_001}, {"/details": "too_long"}),
        ({"details": "\x00"}, {"/details": "nul_character"}),
        ({"external_id": ""}, {"/external_id": "empty"}),
        ({"external_id": "\udfff"}, {"/external_id": "surrogate"}),
        ({"target": Target("case", id="\x00")}, {"/target/id": "nul_character"}),
        ({"context": Context(ip="203.0.113.256")}, {"/context/ip": "ip_invalid"}),
        ({"context": Context(ip="fe80::1%eth0")}, {"/context/ip": "ip_invalid"}),
        ({"context": Context(ip="10.0.0.0/8")}, {"/context/ip": "ip_invalid"}),
        ({"context": Context(user_agent="x" * 2_001)}, {"/context/user_agent": "too_long"}),
        ({"occurred_at": datetime(2026, 1, 1)}, {"/occurred_at": "time_zone_missing"}),  # noqa: DTZ001 - the case
        ({"occurred_at": datetime(1969, 12, 31, tzinfo=UTC)}, {"/occurred_at": "time_out_of_range"}),
        ({"occurred_at": datetime(3000, 1, 1, tzinfo=UTC)}, {"/occurred_at": "time_out_of_range"}),
        ({"parameters": {"a/b~c": ["\x00"]}}, {"/parameters/a~1b~0c/0": "nul_character"}),
        ({"parameters": {"n": 2**53}}, {"/parameters/n": "number_too_large"}),
        ({"parameters": {"n": -1e16}}, {"/parameters/n": "number_too_large"}),
        ({"parameters": {"n": float("nan")}}, {"/parameters/n": "number_invalid"}),
        ({"parameters": {"n": float("-inf")}}, {"/parameters/n": "number_invalid"}),
        ({"parameters": {"at": NOON}}, {"/parameters/at": "type_invalid"}),
        ({"parameters": {"x" * 501: 1}}, {"/parameters/" + "x" * 501: "too_long"}),
        ({"parameters": {str(n): "x" * 1000 for n in range(140)}}, {"/parameters": "too_large"}),
    ],
)
def test_what_it_cannot_hold_is_refused_with_place_and_code(
    fields: dict[str, Any], problems: dict[str, str]
) -> None:
    assert _problems(**fields) == problems


def test_everything_wrong_is_told_at_once_in_words() -> None:
    with pytest.raises(DraftRefused) as refused:
        replace(draft(), actor=Actor(), details="\x00", external_id="").check()

    assert len(refused.value.problems) == 3
    assert "/actor: names nobody: give email, or type and name" in str(refused.value)


@pytest.mark.parametrize(("levels", "taken"), [(drafts.MOST_LEVELS, True), (drafts.MOST_LEVELS + 1, False)])
def test_parameters_are_nested_so_deep_and_no_deeper(levels: int, taken: bool) -> None:
    nested: Any = "end"
    for _ in range(levels - 1):
        nested = [nested]

    assert (_problems(parameters={"a": nested}) == {}) is taken


@settings(deadline=None)
@given(st.dictionaries(st.text(st.characters()), ANYTHING))
def test_what_passes_has_canonical_bytes(parameters: dict[str, Any]) -> None:
    if not _problems(parameters=parameters):
        assert b"\\u0000" not in canonical_bytes(parameters)


FEW = st.text(st.sampled_from("a@ .\0\ud800é\U0001f600\\u0"), max_size=5) | st.sampled_from(
    ["ana@acme.example", "x" * 500, "x" * 501, "\\u0000"]
)
DRAFTS = st.builds(
    draft,
    actor=st.builds(
        Actor, email=FEW, name=FEW, type=st.sampled_from(["user", "service_account", "system"]), id=FEW
    ),
    parameters=st.dictionaries(FEW, ANYTHING | FEW | st.lists(FEW)),
    details=FEW | st.just("x" * 10_001),
    target=st.none() | st.builds(Target, type=FEW, id=FEW, name=FEW),
    context=st.none()
    | st.builds(
        Context,
        ip=st.sampled_from([None, "203.0.113.7", "fe80::1%eth0"]),
        user_agent=st.none() | FEW,
        request_id=FEW,
    ),
    external_id=st.none() | FEW,
    occurred_at=st.sampled_from([None, NOON, NOON.replace(year=1969), NOON.replace(tzinfo=None)]),
)


@settings(max_examples=1_000, deadline=None)
@given(DRAFTS)
def test_the_quick_look_says_what_the_close_look_says(candidate: drafts.Draft) -> None:
    problems = list(drafts._problems(candidate))

    if problems:
        with pytest.raises(DraftRefused) as refused:
            candidate.check()
        assert refused.value.problems == problems
    else:
        assert candidate.check() == canonical_bytes(candidate.parameters)
