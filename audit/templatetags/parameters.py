"""An entry's parameters as chips: as many `key: value` as fit the column, then how many more there are."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from audit.templatetags import visible_text

COLUMN = 258
"""Pixels for the chips of one row, beside the "+3". The first chip may be cut by the browser."""
_NARROW, _WIDE, _FRAME = 6, 13, 28
LONGEST_CHIP = 200
"""So much of a value is in the page for a chip; all of it is in the entry."""
LONGEST_ASKED = 500
"""Longer values cannot be asked for by a filter."""


@dataclass(frozen=True, slots=True)
class Chip:
    key: str
    value: str


@dataclass(frozen=True, slots=True)
class ChipRow:
    chips: tuple[Chip, ...]
    more: int


def fit(parameters: Mapping[str, object], *, width: int = COLUMN) -> ChipRow:
    """The first parameter, then those after it as long as they fit into `width` pixels."""
    shown: list[Chip] = []
    used = 0
    for key, value in parameters.items():
        chip = Chip(_cut(key), _cut(value_text(value)))
        used += _width_of(chip)
        if shown and used > width:
            break
        shown.append(chip)
    return ChipRow(tuple(shown), len(parameters) - len(shown))


def value_text(value: object) -> str:
    """A parameter's value in one line: text as it is, a list of plain values with commas, else its JSON."""
    if isinstance(value, str):
        return value
    if isinstance(value, list) and value and all(isinstance(item, str | int | float) for item in value):
        return ", ".join(value_text(item) for item in value)
    return json.dumps(value, ensure_ascii=False)


def is_nested(value: object) -> bool:
    """Whether a value reads better in lines: an object, or a list that holds one."""
    if isinstance(value, Mapping):
        return bool(value)
    return isinstance(value, list) and any(isinstance(item, list | Mapping) for item in value)


def askable(value: object) -> str:
    """The value as a filter asks for it; empty for what none can ask for."""
    text = "" if isinstance(value, list | Mapping) else value_text(value)
    return text if text == text.strip() and len(text) <= LONGEST_ASKED else ""


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST_CHIP else f"{text[:LONGEST_CHIP]}…"


def _width_of(chip: Chip) -> int:
    # Nobody reads further than the column is wide: a value of a megabyte is not measured to its end.
    text = visible_text.as_text(chip.key + chip.value[:COLUMN])
    if text.isascii():
        return _FRAME + _NARROW * len(text)
    return _FRAME + sum(_WIDE if unicodedata.east_asian_width(letter) in "WF" else _NARROW for letter in text)
