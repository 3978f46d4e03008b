from __future__ import annotations

import pytest
from django.db import connection

from audit.formulas import Guarded, spreadsheet_safe


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "+1",
        "-1",
        "@x",
        "\tx",
        "\rx",
        "\nx",
        "\x00",
        " =1",
        "\ufeff=1",
        "\u200b@x",
        "\u00a0 +1",
        "\u2064\u3000\u180e\u00ad-1",
        "\u2000\u200f\u2028\u202f\u205f\u1680=1",
        "＝1",
        "＋1",
        "－1",
        "＠x",
    ],
)
def test_what_a_spreadsheet_would_run_gets_an_apostrophe(text: str) -> None:
    assert spreadsheet_safe(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "x", "1", "a=b", "x -1", "'=1", "é", "{}"])
def test_what_a_spreadsheet_only_shows_stays_as_it_is(text: str) -> None:
    assert spreadsheet_safe(text) == text


def test_postgresql_guards_what_python_guards(db: None) -> None:  # noqa: ARG001 - opens the database
    signs = [
        chr(code) for code in (*range(1, 0xD800), *range(0xE000, 0x10000), *range(0x1F000, 0x1F700), 0xE0020)
    ]
    texts = ["", *signs, *(f" \u200b{sign}1" for sign in signs), *(f"a{sign}" for sign in signs)]
    guarded = Guarded.template % {"expressions": "given"}

    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {guarded} FROM unnest(%s::text[]) WITH ORDINALITY AS t (given, at) ORDER BY at", [texts]
        )
        found = [row[0] for row in cursor.fetchall()]

    assert found == [spreadsheet_safe(text) for text in texts]
