"""Canonical bytes: the published vectors, and one form whichever encoder made them."""

from __future__ import annotations

import hashlib
import json
import math
import struct
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
import rfc8785
from hypothesis import example, given, settings
from hypothesis import strategies as st

from audit.canonical import LARGEST_INTEGER, canonical_bytes, leaf_hash, timestamp

TEXT = st.text(st.characters(codec="utf-8"))
# What a draft may hold: beyond, a float's canonical digits would be read back as an integer.
NUMBERS = st.integers(-LARGEST_INTEGER, LARGEST_INTEGER) | st.floats(-LARGEST_INTEGER, LARGEST_INTEGER)
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXT,
    lambda inside: st.lists(inside, max_size=4) | st.dictionaries(TEXT, inside, max_size=4),
    max_leaves=20,
)
DOCUMENTS = st.dictionaries(TEXT, VALUES, max_size=6)


@settings(max_examples=1000, deadline=None)
@given(DOCUMENTS)
@example({"\U0001f600": 1, "\ufb33": 2, "\r": 3, "1": 4, "\u0080": 5, "ö": 6, "€": 7, "</script>": 8})
@example({"a": {"\ue000": 1, "\U00010000": 2}})
@example({"a": '\x7f\x80\u2028\u2029\ufeff\x1b\b\t\n\f\r"\\/'})
@example({"a": -0.0, "b": 1e15, "c": 1e-7, "d": 5e-324, "e": 1.0, "f": 0})
def test_every_document_gets_the_bytes_of_the_standard(document: dict[str, Any]) -> None:
    made = canonical_bytes(document)

    assert made == rfc8785.dumps(document)
    assert json.loads(made) == document
    assert canonical_bytes(json.loads(made)) == made


def test_the_example_of_rfc_8785_comes_out_as_printed_there() -> None:
    document = {
        "numbers": [333333333.33333329, 1e30, 4.50, 2e-3, 0.000000000000000000000000001],
        "string": '€$\x0f\nA\'B"\\\\"/',
        "literals": [None, True, False],
    }

    assert canonical_bytes(document) == (
        b'{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],'
        b'"string":"\xe2\x82\xac$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}'
    )


def test_keys_are_sorted_by_utf_16_units_as_rfc_8785_shows() -> None:
    keys = {
        "\u20ac": "Euro Sign", "\r": "Carriage Return", "\ufb33": "Hebrew Letter Dalet With Dagesh",
        "1": "One", "\U0001f600": "Emoji: Grinning Face", "\u0080": "Control", "\u00f6": "Latin o",
    }  # fmt: skip

    in_order = list(json.loads(canonical_bytes(keys)))

    assert in_order == ["\r", "1", "\u0080", "\u00f6", "\u20ac", "\U0001f600", "\ufb33"]


@pytest.mark.parametrize(
    ("bits", "text"),
    [
        ("0000000000000000", "0"),
        ("8000000000000000", "0"),
        ("0000000000000001", "5e-324"),
        ("7fefffffffffffff", "1.7976931348623157e+308"),
        ("4340000000000000", "9007199254740992"),
        ("4430000000000000", "295147905179352830000"),
        ("44b52d02c7e14af5", "9.999999999999997e+22"),
        ("44b52d02c7e14af6", "1e+23"),
        ("444b1ae4d6e2ef4f", "999999999999999900000"),
        ("444b1ae4d6e2ef50", "1e+21"),
        ("3eb0c6f7a0b5ed8d", "0.000001"),
        ("3eb0c6f7a0b5ed8c", "9.999999999999997e-7"),
        ("41b3de4355555557", "333333333.33333343"),
        ("43143ff3c1cb0959", "1424953923781206.2"),
    ],
)
def test_numbers_are_written_as_in_appendix_b(bits: str, text: str) -> None:
    [number] = struct.unpack(">d", bytes.fromhex(bits))

    assert canonical_bytes({"n": number}) == f'{{"n":{text}}}'.encode()


@pytest.mark.parametrize(
    "value",
    [
        math.nan,
        math.inf,
        -math.inf,
        LARGEST_INTEGER + 1,
        -LARGEST_INTEGER - 1,
        "\ud800",
        {"\udfff": 1},
        {1, 2},
    ],
)
@pytest.mark.parametrize("beside", [0, 0.5])
def test_what_has_no_canonical_form_is_refused(value: object, beside: float) -> None:
    with pytest.raises(ValueError, match=r"\S"):
        canonical_bytes({"beside": beside, "value": value})


def test_text_is_kept_as_it_came_without_normalisation() -> None:
    assert canonical_bytes({"a": "e\u0301"}) != canonical_bytes({"a": "\u00e9"})


def test_the_leaf_hash_is_salted_and_domain_separated() -> None:
    salt, body = bytes(range(16)), b'{"a":1}'

    assert leaf_hash(salt, body) == hashlib.sha256(b"\x00" + salt + body).digest()
    assert leaf_hash(salt, body) != leaf_hash(bytes(16), body)


def test_moments_are_utc_with_microseconds() -> None:
    moment = datetime(2026, 11, 24, 9, 15, 30, 7, tzinfo=timezone(timedelta(hours=1)))

    assert timestamp(moment) == "2026-11-24T08:15:30.000007Z"
    assert timestamp(datetime(2026, 1, 1, tzinfo=UTC)) == "2026-01-01T00:00:00.000000Z"
