"""What people type into the search box: words, "phrases", pre*, -without, and filters as `key:value`.

Plain Python: it knows how a search is written, and nothing of entries. docs/searching.md tells it to readers.

A word before a colon is a filter's key only where a value follows it at once, and these stay text, since they merely
contain a colon: addresses of the web (`https://…`), paths (`C:\\temp`), times (`10:15`), hosts with a port
(`splunk.example:8088`), IPv6 and MAC addresses, and names with colons of their own (`urn:isbn:…`).
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

QUOTES = '"“”„'
"""Any of them opens and any closes: what is pasted or typed on a phone has the curved ones."""
PARAMETER, NOT = "p.", "not."

# What the generated column `search` turns into blanks (its last migration: 0005_search_target): ASCII punctuation.
PUNCTUATION = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"
BLANKS = str.maketrans(PUNCTUATION, " " * len(PUNCTUATION))

_INSIDE = rf"(?:\\.|[^{QUOTES}\\]|\\\Z)*"
_QUOTED = rf"[{QUOTES}]{_INSIDE}(?:[{QUOTES}]|\Z)"
_TOKEN = re.compile(
    rf"""
    (?P<minus>-(?=[\w{QUOTES}]))?
    (?:(?P<key>(?:not\.)?(?:p\.(?:{_QUOTED}|[^\s:{QUOTES}]+)|[a-z][a-z_]*)):(?=\S))?
    (?P<value>{_QUOTED}|\S+)
    """,
    re.VERBOSE | re.DOTALL | re.IGNORECASE,
)
_CLOSED = re.compile(rf"({_INSIDE})[{QUOTES}]", re.DOTALL)
_ESCAPED = re.compile(rf"\\([{QUOTES}\\])")
_TO_ESCAPE = re.compile(rf"([{QUOTES}\\])")
_NO_VALUE = ("//", "\\", ":")
_HEX = re.compile(r"[0-9a-fA-F:]+")


class SearchError(ValueError):
    """A search that cannot be read. Its text says why, and how to write it."""


@dataclass(frozen=True, slots=True)
class Term:
    """Words that stand side by side in this order; of the last one only the beginning where `prefix` is set."""

    words: tuple[str, ...]
    prefix: bool = False
    without: bool = False


@dataclass(frozen=True, slots=True)
class Condition:
    """`key:value`: a filter by the name that it has in an address (`not.by` where it excludes)."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Search:
    """What was typed: text to search for, still as it was written, and conditions in their order."""

    text: str
    conditions: tuple[Condition, ...]


def read(
    text: str, *, known: Collection[str], aliases: Mapping[str, str], ideas: Collection[str] = ()
) -> Search:
    """Take the conditions out of a search. Raises SearchError for a key that is not known.

    `known` has the names of filters, each that can be turned round also with `not.`; `p.<key>` is always one.
    `aliases` are further words for them, `ideas` names that may be meant, for the error.
    """
    kept: list[str] = []
    found: list[Condition] = []
    for token in _TOKEN.finditer(text):
        key = token["key"]
        name = _name(key, aliases) if key else ""
        if not key or not (_is_one(name, known) or _looks_like_one(token, known)):
            kept.append(token[0])
            continue
        found.append(Condition(_checked(token, name, known, ideas), _unquoted(token["value"])))
    return Search(" ".join(kept), tuple(found))


def terms(text: str) -> list[Term]:
    """The words and phrases of a text that has no conditions (or whose colons mean nothing); empty for mere signs."""
    found = []
    for token in _TOKEN.finditer(text):
        asked = token[0].removeprefix("-") if token["minus"] else token[0]
        words = tuple(_words(_unquoted(asked)))
        if words:
            found.append(Term(words, prefix=asked[0] not in QUOTES, without=bool(token["minus"])))
    return found


def quoted(text: str) -> str:
    """The text as a value or phrase that is read as exactly this."""
    return '"' + _TO_ESCAPE.sub(r"\\\1", text) + '"'


def _words(text: str) -> list[str]:
    return [word for word in text.translate(BLANKS).split() if any(map(str.isalnum, word))]


def _unquoted(text: str) -> str:
    if text[0] not in QUOTES:
        return text
    inner = text[1:]
    closed = _CLOSED.fullmatch(inner)
    return _ESCAPED.sub(r"\1", closed[1] if closed else inner)


def _name(key: str, aliases: Mapping[str, str]) -> str:
    """The key as a filter's name: without regard to case, but for the key of a parameter."""
    folded = key.lower()
    turned = NOT if folded.startswith(NOT) else ""
    bare = key[len(turned) :]
    if bare.lower().startswith(PARAMETER):
        return turned + PARAMETER + _unquoted(bare[len(PARAMETER) :])
    return turned + aliases.get(bare.lower(), bare.lower())


def _is_one(name: str, known: Collection[str]) -> bool:
    return name in known or name.removeprefix(NOT).startswith(PARAMETER)


def _looks_like_one(token: re.Match[str], known: Collection[str]) -> bool:
    """Whether something that is no filter's key was meant as one: else its colon is part of a text."""
    key, value = token["key"].lower(), token["value"]
    if len(key) == 1 or value.startswith(_NO_VALUE) or _HEX.fullmatch(f"{key}:{value}"):
        return False
    return ":" not in value or bool(difflib.get_close_matches(key, known, n=1))


def _checked(token: re.Match[str], name: str, known: Collection[str], ideas: Collection[str]) -> str:
    """The condition's name, with `not.` where a minus stands before it. Raises SearchError."""
    turned = bool(token["minus"]) != name.startswith(NOT)
    bare = name.removeprefix(NOT)
    asked = f"{NOT}{bare}" if turned else bare
    if _is_one(asked, known):
        return asked
    if bare in known:
        raise SearchError(f"“{bare}:” cannot be excluded: leave out the minus.")
    typed = token["key"]
    positive = [one for one in known if not one.startswith(NOT)]
    nearest = difflib.get_close_matches(bare, [*positive, *ideas], n=1)
    hint = f" Did you mean “{nearest[0]}:”?" if nearest else ""
    raise SearchError(
        f"“{typed}” is no filter.{hint} There are: {', '.join(positive)}, p.<key>. "
        f"To search for it as text, put it in quotes: {quoted(token[0].removeprefix('-'))}"
    )
