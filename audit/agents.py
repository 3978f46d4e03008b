"""What a user agent says of itself, in words: "Chrome 142 on Windows 10". It may say what it likes."""

from __future__ import annotations

from functools import lru_cache

import ua_parser

LONGEST = 500
"""Longer ones are cut before they are looked at: what is named stands at the front."""
# Browsers on macOS have called themselves 10.15 for years, whatever runs.
_NAMES = {"Mac OS X": "macOS"}


@lru_cache(maxsize=1_000)
def in_words(user_agent: str) -> str:
    """Program and system; empty where neither is known by name, or no more than that is said anyway."""
    found = ua_parser.parse(user_agent[:LONGEST])
    program = found.user_agent and _named(found.user_agent.family, found.user_agent.major)
    system = found.os and _named(found.os.family, found.os.major)
    words = " on ".join(part for part in (program, system) if part)
    return "" if words == user_agent else words


def _named(family: str, major: str | None) -> str:
    name = _NAMES.get(family, "")
    return name or f"{family} {major or ''}".strip()
