"""The pages keep the content security policy, and name only what exists."""

from __future__ import annotations

import re
from pathlib import Path

from django.contrib import admin

ROOT = Path(__file__).parents[2]
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
STYLES = sorted((ROOT / "static" / "css").glob("*.css"))
# They read variables that static/css/admin.css leads to our tokens.
OF_DJANGO = sorted((Path(admin.__file__).parent / "static" / "admin" / "css").glob("*.css"))


def test_every_icon_that_a_template_names_is_in_the_sprite() -> None:
    sprite = set(re.findall(r'<symbol id="([^"]+)"', (ROOT / "static/img/icons.svg").read_text()))

    named = {
        (page.relative_to(ROOT).as_posix(), icon)
        for page in TEMPLATES
        for icon in re.findall(r'{% icon "([^"]+)"', page.read_text())
    }

    assert {(page, icon) for page, icon in named if icon not in sprite} == set()


def test_no_template_holds_a_script_a_style_or_an_event_attribute() -> None:
    inline = re.compile(
        r'<script(?![^>]*\ssrc=)|<style|\sstyle="|\son[a-z]+="|\shx-on|javascript:', re.IGNORECASE
    )

    found = {page.relative_to(ROOT).as_posix(): inline.findall(page.read_text()) for page in TEMPLATES}

    assert {page: hits for page, hits in found.items() if hits} == {}


def test_our_styles_hold_no_data_url_and_every_file_they_name_exists() -> None:
    named = [(s, name) for s in STYLES for name in re.findall(r'url\("?([^")]+)"?\)', s.read_text())]

    wrong = [(s.name, n) for s, n in named if n.startswith("data:") or not (s.parent / n).is_file()]

    assert wrong == []


def test_raw_colours_stand_in_the_tokens_only() -> None:
    raw = {
        s.name: re.findall(r"#[0-9a-f]{3,8}\b|\brgb\(", s.read_text())
        for s in STYLES
        if s.name != "tokens.css"
    }

    assert {name: colours for name, colours in raw.items() if colours} == {}


def test_every_token_that_is_used_is_defined() -> None:
    text = "".join(sheet.read_text() for sheet in STYLES)

    used, defined = set(re.findall(r"var\((--[\w-]+)", text)), set(re.findall(r"(--[\w-]+):", text))
    theirs = set(re.findall(r"var\((--[\w-]+)", "".join(sheet.read_text() for sheet in OF_DJANGO)))

    assert used - defined == set()
    assert {name for name in defined - used - theirs if not name.startswith("--bs-")} == set()
