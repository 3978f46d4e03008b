from __future__ import annotations

import html
import json
import re
import sys
import unicodedata
from pathlib import Path

import pytest

from audit.templatetags import visible_text

CASES = Path(__file__).parents[2] / "cases" / "injection_cases.tsv"
DIRECTION = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
# Format characters that have a shape of their own: Arabic number signs, Egyptian hieroglyph joins.
SEEN = [
    *range(0x0600, 0x0606),
    0x06DD,
    0x070F,
    0x0890,
    0x0891,
    0x08E2,
    0x110BD,
    0x110CD,
    *range(0x13430, 0x13440),
]


def corpus() -> list[tuple[str, str]]:
    rows = (line.split("\t") for line in CASES.read_text(encoding="utf-8").split("\n"))
    return [(row[0], json.loads(row[2])) for row in rows if re.fullmatch(r"I\d+", row[0])]


@pytest.mark.parametrize("value", [value for _, value in corpus()], ids=[name for name, _ in corpus()])
def test_no_value_of_the_corpus_becomes_markup_or_stays_unseen(value: str) -> None:
    shown = visible_text.as_html(value)

    assert shown.startswith("<bdi>")
    assert shown.endswith("</bdi>")
    assert set(re.findall(r"<[^>]*>", shown)) <= {
        "<bdi>", "</bdi>", "</span>", *re.findall(r'<span class="unseen" data-code="[^"<>]+">', shown)
    }  # fmt: skip
    shown.encode()
    visible_text.as_text(value).encode()


@pytest.mark.parametrize("value", [value for _, value in corpus()], ids=[name for name, _ in corpus()])
def test_copying_gives_the_original_where_a_page_can_carry_it(value: str) -> None:
    text = html.unescape(re.sub(r"<[^>]*>", "", visible_text.as_html(value)))

    assert text == re.sub("[\x00\ud800-\udfff]", "", value)


@pytest.mark.parametrize("mark", DIRECTION)
def test_every_mark_of_direction_is_shown(mark: str) -> None:
    shown = visible_text.as_html(f"admin{mark}nimda@acme.example")

    assert f'data-code="U+{ord(mark):04X}"' in shown


def test_every_control_and_format_character_of_unicode_is_shown_or_has_a_shape() -> None:
    unseen = [
        code
        for code in range(sys.maxunicode + 1)
        if unicodedata.category(chr(code)) in {"Cc", "Cf", "Zl", "Zp", "Cs"} and code not in SEEN
    ]

    hidden = [f"U+{code:04X}" for code in unseen if visible_text.as_text(chr(code)) == chr(code)]

    assert hidden == []


def test_line_breaks_and_tabs_read_as_in_code() -> None:
    assert visible_text.as_text("a\tb\r\nc") == "a[\\t]b[\\r][\\n]c"


def test_text_for_titles_shows_the_code_point() -> None:
    assert visible_text.as_text("ad\u200bmin") == "ad[U+200B]min"


def test_letters_of_every_script_stay_as_they_are() -> None:
    for text in ("Zoë Müller", "品質保証", "سلام", "Ω≈ç", "a\u00a0b"):
        assert visible_text.as_html(text) == f"<bdi>{text}</bdi>"


def test_an_emoji_made_of_several_keeps_its_joiners() -> None:
    family, heart = "👩\u200d👩\u200d👧", "❤\ufe0f\u200d🔥"

    assert visible_text.as_text(family) == family
    assert visible_text.as_text(heart) == heart


def test_a_joiner_between_letters_is_shown() -> None:
    assert visible_text.as_text("ad\u200dmin") == "ad[U+200D]min"
    assert visible_text.as_text("👩\u200da") == "👩[U+200D]a"
    assert visible_text.as_text("\ufe0fa") == "[U+FE0F]a"


def test_none_is_nothing_and_numbers_are_text() -> None:
    assert visible_text.as_html(None) == "<bdi></bdi>"
    assert visible_text.as_text(7) == "7"


def test_breaks_of_our_own_are_no_characters_of_a_value() -> None:
    assert visible_text.as_code('{\n  "a": "<b>",\n  "ä": "\u202e"\n}') == (
        "{\n  &quot;a&quot;: &quot;&lt;b&gt;&quot;,\n"
        '<bdi>  &quot;ä&quot;: &quot;<span class="unseen" data-code="U+202E">\u202e</span>&quot;</bdi>\n}'
    )


@pytest.mark.parametrize("value", [value for _, value in corpus()], ids=[name for name, _ in corpus()])
def test_no_value_of_the_corpus_becomes_markup_as_code(value: str) -> None:
    assert set(re.findall(r"<[^>]*>", visible_text.as_code(value))) <= {
        "<bdi>", "</bdi>", "</span>",
        *re.findall(r'<span class="unseen" data-code="[^"<>]+">', visible_text.as_code(value)),
    }  # fmt: skip
