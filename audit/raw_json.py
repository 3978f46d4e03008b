"""An entry's canonical bytes as people read them: in lines, with its kinds of values told apart, and bounded. Pure.

A page shows the beginning of what is long: to break 100 kB into tokens would cost more than the rest of the page.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import msgspec

MOST_LINES = 400
MOST_CHARACTERS = 16_000
_LINE = re.compile(r'( *)("(?:[^"\\]|\\.)*"(?=: ))?(: )?(.*?)(,?)', re.DOTALL)


@dataclass(frozen=True, slots=True)
class Line:
    """A line of JSON in parts; `kind` is a class of entry.css for its value."""

    indent: str
    key: str
    colon: str
    value: str
    kind: str
    comma: str


@dataclass(frozen=True, slots=True)
class Shown:
    """What a page shows of `size` bytes: `lines` in parts and `exact` as recorded, or of a long one the beginning.

    `whole` is all of it in plain lines where that was asked for; then there are no parts.
    """

    size: int
    lines: list[Line]
    exact: str
    is_cut: bool
    whole: str = ""


def shown(body: bytes, *, everything: bool = False) -> Shown:
    """The entry's bytes for a page; all of them if `everything` is asked for."""
    pretty, exact = msgspec.json.format(body, indent=2).decode(), body.decode()
    cut = _beginning(pretty)
    if len(cut) == len(pretty):
        return Shown(len(body), list(lines(pretty)), exact, is_cut=False)
    if everything:
        return Shown(len(body), [], exact, is_cut=False, whole=pretty)
    return Shown(len(body), list(lines(cut)), exact[:MOST_CHARACTERS], is_cut=True)


def lines(pretty: str) -> Iterator[Line]:
    """Indented JSON in parts; numbers and texts stay as they were written."""
    for line in pretty.split("\n"):
        match = _LINE.fullmatch(line)
        if match is None:
            yield Line("", "", "", line, "", "")
            continue
        indent, key, colon, value, comma = (part or "" for part in match.groups())
        yield Line(indent, key, colon, value, _kind(value), comma)


def _beginning(pretty: str) -> str:
    """So many lines, and so many characters, whichever is less."""
    end = -1
    for _ in range(MOST_LINES):
        end = pretty.find("\n", end + 1)
        if end < 0:
            end = len(pretty)
            break
    return pretty[: min(end, MOST_CHARACTERS)]


def _kind(value: str) -> str:
    if value.startswith('"'):
        return "js"
    if value in {"true", "false", "null"}:
        return "jl"
    return "" if value[:1] in {"{", "}", "[", "]", ""} else "jn"
