"""What an address means, in a few lines of plain Python: the filters are compared with it."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from datetime import timedelta
from functools import cache
from typing import Any, NamedTuple

from audit.filters.options import RANGES
from audit.models import AuditEntry
from tests.entries import NOON

PUNCTUATION = str.maketrans(dict.fromkeys("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~", " "))

Entry = AuditEntry
Rule = Callable[[Entry], bool]


class Asked(NamedTuple):
    """A piece of text that is searched for. `kind`: `word`, `pre*` or `phrase`."""

    text: str
    kind: str = "word"
    without: bool = False

    @property
    def typed(self) -> str:
        minus = "-" if self.without else ""
        return minus + {"word": self.text, "pre*": f"{self.text}*", "phrase": f'"{self.text}"'}[self.kind]


@cache
def tokens(text: str) -> tuple[str, ...]:
    return tuple(text.translate(PUNCTUATION).lower().split())


@cache
def spoken(entry: Entry) -> tuple[str, ...]:
    target = entry.target or {}
    parts = [
        entry.action,
        entry.details,
        entry.done_by,
        entry.actor_name,
        entry.workspace_name,
        written(entry.parameters),
        *(target.get(part, "") for part in ("type", "id", "name")),
    ]
    return tokens(" ".join(parts))


def written(value: Any) -> str:
    """As JSON has it, for a filter by text."""
    if isinstance(value, dict):
        return " ".join(f"{key} {written(item)}" for key, item in value.items())
    if isinstance(value, list):
        return " ".join(map(written, value))
    return (
        {True: "true", False: "false", None: "null"}[value]
        if value is None or isinstance(value, bool)
        else str(value)
    )


def has_text(found: tuple[str, ...], asked: list[Asked]) -> bool:
    return all(_has(found, one) != one.without for one in asked)


def _has(found: tuple[str, ...], asked: Asked) -> bool:
    """Its words stand side by side in this order; the last one may go on, but not in a phrase."""
    *first, last = tokens(asked.text)
    whole = tuple(first)
    for start in range(len(found) - len(whole)):
        end = found[start + len(whole)]
        if found[start : start + len(whole)] == whole and (
            end == last or (asked.kind != "phrase" and end.startswith(last))
        ):
            return True
    return False


def has_parameter(entry: Entry, key: str, asked: str) -> bool:
    if key not in entry.parameters or isinstance(entry.parameters[key], list | dict):
        return False
    return written(entry.parameters[key]) == asked


def rule(name: str, values: list[str], places: dict[str, str]) -> Rule:
    """What one name of an address means, but for `q` and `details`; `places` has workspaces' ids by slug."""
    if name.startswith("not."):
        inner = rule(name.removeprefix("not."), values, places)
        return lambda e: not inner(e)
    if name.startswith("p."):
        return lambda e: any(has_parameter(e, name[2:], value) for value in values)
    return {**_plain(values, places), **_timed(values)}[name]


def _plain(values: list[str], places: dict[str, str]) -> dict[str, Rule]:
    return {
        "category": lambda e: e.category in values,
        "area": lambda e: e.area in values,
        "action": lambda e: e.event in values,
        "by": lambda e: e.done_by in values,
        "workspace": lambda e: (
            (str(e.workspace_id) if e.workspace_id else "none") in [places.get(v, v) for v in values]
        ),
        "outcome": lambda e: e.outcome in values,
        "actor_type": lambda e: e.actor_type in values,
        "id": lambda e: str(e.pk) in values,
        "target": lambda e: bool(set(values) & set((e.target or {}).values())),
        "ip": lambda e: (
            bool(e.ip) and any(ipaddress.ip_address(e.ip or "::") in ipaddress.ip_network(v) for v in values)
        ),
    }


def _timed(values: list[str]) -> dict[str, Rule]:
    return {
        "range": lambda e: (
            values[0] == "all" or e.occurred_at >= NOON - (RANGES[values[0]][1] or timedelta())
        ),
        "from": lambda e: f"{e.occurred_at:%Y-%m-%dT%H:%M}" >= values[0],
        "to": lambda e: f"{e.occurred_at:%Y-%m-%dT%H:%M}" <= values[0],
    }
