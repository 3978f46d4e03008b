"""Text from outside, made safe to read: what would hide or reorder something is shown as a mark.

A value in the log was chosen by whoever did the deed. Characters that cannot be seen, or that turn the direction of
writing (CVE-2021-42574), would let `admin` and `ad<zero width space>min` look alike, or swap what two columns say.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

_UNSEEN = re.compile(
    "["
    "\x00-\x1f\x7f-\x9f"  # controls
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f"  # soft hyphen, joiners, fillers
    "\u200b-\u200f\u2028-\u202e\u2060-\u206f"  # zero width, separators, direction
    "\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb"  # blanks that count as letters, variants, annotations
    "\ud800-\udfff"  # halves of a character
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"  # shorthand, music, tags
    "]"
)
_SHORT = {"\t": "\\t", "\n": "\\n", "\r": "\\r"}
_JOINER = "\u200d"
_PRESENTATION = "\ufe0e\ufe0f"


def as_html(value: object) -> SafeString:
    """The value escaped, in `<bdi>`, its unseen characters as marks; copying gives the original characters."""
    text = _text(value)
    if not _UNSEEN.search(text):  # as nearly all are
        return mark_safe(f"<bdi>{escape(text)}</bdi>")  # noqa: S308 - it went through escape()
    body = "".join(_mark(piece) if unseen else escape(piece) for unseen, piece in _pieces(text))
    return mark_safe(f"<bdi>{body}</bdi>")  # noqa: S308 - every piece went through escape() or _mark()


def as_code(text: str) -> SafeString:
    """Lines that we have made of values (indented JSON): their breaks are ours, only what is in them is marked.

    Lines in ASCII need no isolation: a hundred kilobytes are a few elements, not thousands.
    """
    lines = (
        escape(line) if line.isascii() and line.isprintable() else as_html(line) for line in text.split("\n")
    )
    return mark_safe("\n".join(lines))  # noqa: S308 - every line went through escape() or as_html()


def as_text(value: object) -> str:
    """The same for places that hold no markup (titles, labels, options): `ad[U+200B]min`."""
    text = _text(value)
    if not _UNSEEN.search(text):
        return text
    return "".join(f"[{_code(piece)}]" if unseen else piece for unseen, piece in _pieces(text))


def _text(value: object) -> str:
    return "" if value is None else str(value)


def _pieces(text: str) -> Iterator[tuple[bool, str]]:
    start = 0
    for match in _UNSEEN.finditer(text):
        at = match.start()
        if _belongs_to_an_emoji(text, at):
            continue
        if at > start:
            yield False, text[start:at]
        yield True, text[at]
        start = at + 1
    if start < len(text):
        yield False, text[start:]


def _belongs_to_an_emoji(text: str, at: int) -> bool:
    """Joiners and presentation selectors that do what they are for can be seen: they change the picture."""
    before, after = text[at - 1 : at], text[at + 1 : at + 2]
    if not before:
        return False
    if text[at] in _PRESENTATION:
        return unicodedata.category(before)[0] in "SNP"
    joins = before in _PRESENTATION or unicodedata.category(before) in {"So", "Sk"}
    return text[at] == _JOINER and joins and bool(after) and unicodedata.category(after) in {"So", "Sm"}


def _code(character: str) -> str:
    return _SHORT.get(character) or f"U+{ord(character):04X}"


def _mark(character: str) -> str:
    return f'<span class="unseen" data-code="{_code(character)}">{_in_markup(character)}</span>'


def _in_markup(character: str) -> str:
    """HTML cannot carry U+0000, UTF-8 cannot carry half a character, and a parser turns CR into LF."""
    if character == "\x00" or "\ud800" <= character <= "\udfff":
        return ""
    return f"&#{ord(character)};" if character == "\r" else character
