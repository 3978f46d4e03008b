from __future__ import annotations

import base64
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streaming.wire.redaction import LONGEST, shown

TOKEN = "s3cret/t0ken+value"


@pytest.mark.parametrize(
    "echo",
    [
        f"Invalid header: Splunk {TOKEN}",
        base64.b64encode(TOKEN.encode()).decode(),
        base64.b64encode(TOKEN.encode()).decode().rstrip("="),
        quote(TOKEN, safe=""),
    ],
)
def test_an_echoed_token_is_taken_out(echo: str) -> None:
    assert "[token]" in shown(echo, token=TOKEN)
    assert TOKEN not in shown(echo, token=TOKEN)


def test_of_a_pair_the_secret_half_is_taken_out() -> None:
    assert (
        shown("unknown user elastic with changeme9", token="elastic:changeme9")
        == "unknown user elastic with [token]"
    )


def test_a_token_with_its_scheme_is_taken_out_without_it_too() -> None:
    assert shown("bad key essu_abcdef", token="ApiKey essu_abcdef") == "bad key [token]"


def test_a_text_is_one_short_printable_line() -> None:
    text = shown("a\n\tb\x1b[31m\u202e" + "c" * 500, token="")

    assert text.startswith("a b [31m c")
    assert len(text) == LONGEST


@given(
    st.text(min_size=6, max_size=30).filter(lambda text: text.isprintable() and not text.isspace()),
    st.text(max_size=60),
)
def test_no_token_survives(token: str, around: str) -> None:
    assert token not in shown(f"{around}{token}{around}", token=token).replace("[token]", "\x00")
