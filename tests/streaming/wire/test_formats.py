from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streaming.models import Framing, PayloadFormat
from streaming.wire.formats import FORMATS, documents, largest_size
from streaming.wire.framing import FRAMINGS
from tests.streaming.wire.payloads import payload, payloads

anything = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


def test_the_native_format_is_the_stored_bytes() -> None:
    many = payloads(3)

    assert documents(many, "native") == [one.body for one in many]


@pytest.mark.parametrize(("name", "key"), [("ecs", "@timestamp"), ("ocsf", "class_uid")])
def test_other_formats_are_written_one_by_one(name: str, key: str) -> None:
    made = [json.loads(one) for one in documents(payloads(3), name)]

    assert len(made) == 3
    assert all(key in one for one in made)


def test_an_unknown_format_is_told_which_there_are() -> None:
    with pytest.raises(ValueError, match=r"native, ecs, ocsf"):
        documents(payloads(1), "cef")


def test_streams_choose_among_what_the_wire_knows() -> None:
    assert tuple(PayloadFormat.values) == FORMATS
    assert tuple(Framing.values) == FRAMINGS


@pytest.mark.parametrize("name", FORMATS)
@given(
    details=st.text(),
    target=st.none()
    | st.fixed_dictionaries({"type": st.sampled_from(["user", "group", "x"]), "name": st.text()}),
    parameters=st.dictionaries(st.text(), anything),
    actor=st.fixed_dictionaries({"type": st.just("user"), "email": st.text(min_size=1), "name": st.text()}),
)
def test_no_document_is_larger_or_longer_than_a_line_of_what_was_foreseen(name: str, **changes: Any) -> None:
    given_one = payload(event="tenant_user_management.user_invited", **changes)

    (made,) = documents([given_one], name)

    assert len(made) <= largest_size(given_one, name)
    assert b"\n" not in made
    assert json.loads(made)
