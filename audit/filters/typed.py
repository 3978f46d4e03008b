"""Conditions that were typed into the search (`audit.grammar`), as the filters that they mean."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.datastructures import MultiValueDict

from audit import grammar
from audit.catalog.lookup import CATALOG
from audit.filters import fields, options

SEARCH = "q"
OCCURRED = "occurred"
"""`occurred:2026-11-01..2026-11-05`, `occurred:2026-11-01`, `occurred:7d`: a time in one condition."""
ALIASES = {"event": "action", "done_by": "by", "address": "ip", "entry_id": "id"}
"""Other words for filters: those of the API's entries and of the page's columns."""


def split(
    text: str, *, filters: Mapping[str, Any], scope: options.Scope
) -> tuple[str, list[tuple[str, str]]]:
    """What is left to search for, and names and values for an address. Raises grammar.SearchError.

    Values are found by what they are called on the page, too: `action:"Field created"` means two events.
    """
    known = [*(name for name in filters if name != SEARCH), OCCURRED]
    ideas = {grammar.PARAMETER + key for event in CATALOG.events() for key in event.parameters}
    search = grammar.read(text, known=known, aliases=ALIASES, ideas=ideas)
    pairs: list[tuple[str, str]] = []
    for condition in search.conditions:
        if condition.name == OCCURRED:
            pairs += _period(condition.value)
        elif condition.name in filters:
            spelled = filters[condition.name].spelled(scope, condition.value.strip())
            pairs += [(condition.name, value) for value in spelled]
        else:
            pairs.append((condition.name, condition.value))
    return search.text, list(dict.fromkeys(pairs))


def moved(
    given: MultiValueDict[str, str], filters: Mapping[str, Any], scope: options.Scope
) -> MultiValueDict[str, str]:
    """The same question, with each condition under its own name. Raises grammar.SearchError."""
    found, left = given.copy(), []
    for text in given.getlist(SEARCH):
        rest, pairs = text, list[tuple[str, str]]()
        if len(text) <= fields.LONGEST_VALUE:  # a longer one is refused as a whole
            rest, pairs = split(text, filters=filters, scope=scope)
        left.append(rest)
        for name, value in pairs:
            found.appendlist(name, value)
    if left:
        found.setlist(SEARCH, [text for text in left if text])
    return found


def _period(value: str) -> list[tuple[str, str]]:
    if value in options.RANGES:
        return [("range", value)]
    first, dots, last = (part.strip() for part in value.partition(".."))
    if not (first or last):
        raise grammar.SearchError(
            "Write occurred:2026-11-01..2026-11-05, with one of both left out as wanted."
        )
    ends = (("from", first), ("to", last if dots else first))
    return [(name, text) for name, text in ends if text]
