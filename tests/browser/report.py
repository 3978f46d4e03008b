"""A page of pictures: ours beside those that they are compared with."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from html import escape
from pathlib import Path

LOOKS = ("light", "dark", "phone")
# What a folder of pictures to compare with calls them: page, then theme; a phone's between.
_CALLED = {"light": "{}-light.png", "dark": "{}-dark.png", "phone": "{}-mobile-light.png"}
_STYLE = """
body { margin: 2rem; font: 14px/1.5 system-ui; background: #e9ebee; color: #1b2027 }
section { margin: 0 0 3rem } h2 { margin: 0 0 .5rem } nav a { margin-right: .75rem }
.row { display: flex; gap: 1rem; align-items: flex-start; margin-bottom: 1rem }
figure { margin: 0; flex: 0 1 720px } figure.phone { flex-basis: 300px } img { width: 100%; border: 1px solid #b8bfc8 }
"""


@dataclass(frozen=True, slots=True)
class Picture:
    """One state in one look; `like` is what a picture of the same is called elsewhere, without theme."""

    name: str
    look: str
    file: Path
    like: str = ""


def write(folder: Path, pictures: Iterable[Picture], *, reference: Path | None) -> Path:
    """Write `index.html` into the folder that the pictures lie in, with copies of what they are compared with."""
    states: dict[str, list[Picture]] = {}
    for picture in pictures:
        states.setdefault(picture.name, []).append(picture)
    parts = [_section(folder, name, shown, reference) for name, shown in states.items()]
    links = "".join(f'<a href="#{escape(name)}">{escape(name)}</a>' for name in states)
    head = (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>Pictures</title><style>{_STYLE}</style>'
    )
    page = folder / "index.html"
    page.write_text(
        f"{head}<h1>{len(states)} states</h1><nav>{links}</nav>{''.join(parts)}", encoding="utf-8"
    )
    return page


def _section(folder: Path, name: str, shown: list[Picture], reference: Path | None) -> str:
    rows = "".join(_row(folder, picture, reference) for picture in shown)
    return f'<section id="{escape(name)}"><h2>{escape(name)}</h2>{rows}</section>'


def _row(folder: Path, picture: Picture, reference: Path | None) -> str:
    figures = [_figure(picture, picture.file.name, "ours")]
    theirs = reference / _CALLED[picture.look].format(picture.like) if reference and picture.like else None
    if theirs and theirs.is_file():
        copy = f"like-{theirs.name}"
        shutil.copyfile(theirs, folder / copy)
        figures.append(_figure(picture, copy, theirs.name))
    return f'<div class="row">{"".join(figures)}</div>'


def _figure(picture: Picture, source: str, words: str) -> str:
    said = escape(f"{picture.name}, {picture.look}: {words}")
    return (
        f'<figure class="{picture.look}"><img src="{escape(source)}" alt="{said}" loading="lazy">'
        f"<figcaption>{said}</figcaption></figure>"
    )
