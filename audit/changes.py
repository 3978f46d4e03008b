"""What was before and after, found in an entry's parameters. Pure data.

Producers tell changes in several forms, and all of these are understood:
`{"changes": {"owner": {"old": "ana", "new": "bo"}}}`, with `before`/`after`, `from`/`to`, `previous`/`current` or a
list of two; a list of `{"field": "owner", "old": …, "new": …}`; a text, `owner: ana → bo, retries: 3 → 5`; a parameter
that is such a pair itself; `before` and `after` as whole objects; `old_owner` beside `new_owner`, `previous_owner`
beside `owner`; `groups_added` beside `groups_removed`. Objects are compared key by key, however deep. What is not
understood is no change: it is a parameter like any other.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

Kind = Literal["changed", "added", "removed", "set"]
MOST = 1_000
"""So many changes of one entry are told; the rest stands in its JSON."""

_PAIRS = (
    ("before", "after"), ("old", "new"), ("from", "to"), ("previous", "current"), ("old_value", "new_value"),
    ("old_values", "new_values"),
)  # fmt: skip
_AROUND = (("old_", "new_"), ("before_", "after_"), ("previous_", "new_"), ("previous_", "current_"))
_BEHIND = (("_old", "_new"), ("_before", "_after"))
_PREVIOUS, _MOST_PREVIOUS = "previous_", 50
_NAMES = ("field", "name", "key", "path", "property", "attribute", "setting")
LISTS = frozenset({"changes", "diff", "modifications"})
"""Parameters that say nothing but what changed."""
_ARROW = re.compile(r"([^:→]{1,80}): (.*?) ?(?:→|->|=>) ?(.*)")
_UNCLEAR = re.compile(r"→|->|=>")


class _Nothing:
    """Stands for a value that was not there; None is a value."""


NOTHING: Final = _Nothing()


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that changed. `before` and `after` are texts, None where there was nothing.

    `set`: what it was before is not recorded. `note` tells of lists what came and what went.
    """

    field: str
    before: str | None
    after: str | None
    kind: Kind = "changed"
    note: str = ""


def changes(parameters: Mapping[str, Any]) -> list[Change]:
    """All changes that the parameters tell, in their order, up to MOST."""
    found: list[Change] = []
    partners = _partners(parameters)
    done: set[str] = set()
    for key in parameters:
        if key not in done:
            found += _of(key, parameters, partners, done)
        if len(found) >= MOST:
            break
    return found[:MOST]


def in_text(value: object) -> str:
    """A value in one line: text as it is, plain values of a list with commas, else its JSON."""
    if isinstance(value, str):
        return value
    if isinstance(value, list) and value and all(isinstance(item, str | int | float) for item in value):
        return ", ".join(map(in_text, value))
    return json.dumps(value, ensure_ascii=False)


def _of(
    key: str, parameters: Mapping[str, Any], partners: Mapping[str, tuple[str, str, str]], done: set[str]
) -> list[Change]:
    value = parameters[key]
    if key in LISTS:
        return list(_listed(value))
    pair = _pair(value)
    if pair is not None:
        return list(_compared(key, *pair))
    if key in partners:
        before, after, field = partners[key]
        done.update((before, after))
        return list(_compared(field, parameters[before], parameters[after]))
    return _come_and_gone(key, parameters, done)


def _partners(parameters: Mapping[str, Any]) -> dict[str, tuple[str, str, str]]:
    """For parameters that are one side of a change: which one has the side before, which the other, of what."""
    found = list(_whole(parameters))
    for key in parameters:
        for old, new in (*_AROUND, *_BEHIND):
            bare = _bare(key, old)
            other = new + bare if new.endswith("_") else bare + new
            if bare and other in parameters:
                found.append((key, other, bare))
    previous = [key for key in parameters if key.startswith(_PREVIOUS)][:_MOST_PREVIOUS]
    found += [(key, now, now) for key in previous if (now := _present(key, parameters))]
    return {key: one for one in reversed(found) for key in one[:2]}


def _whole(parameters: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    for old, new in _PAIRS:
        # A range says from and to as well, so these two alone mean no change.
        if old in parameters and new in parameters and old != "from":
            yield old, new, ""


def _bare(key: str, affix: str) -> str:
    bare = key.removeprefix(affix) if affix.endswith("_") else key.removesuffix(affix)
    return "" if bare == key else bare


def _present(previous: str, parameters: Mapping[str, Any]) -> str:
    """Which parameter has the present value of this one: `role` of `previous_role`, `group_name` of `previous_name`."""
    bare = previous.removeprefix(_PREVIOUS)
    if bare in parameters:
        return bare
    others = [key for key in parameters if not key.startswith(_PREVIOUS)]
    alike = [key for key in others if key.endswith(f"_{bare}") and not key.startswith(("old_", "new_"))]
    if len(alike) == 1:
        return alike[0]
    return others[0] if len(others) == 1 and not isinstance(parameters[others[0]], dict | list) else ""


def _come_and_gone(key: str, parameters: Mapping[str, Any], done: set[str]) -> list[Change]:
    """`groups_added` and `groups_removed`, also alone."""
    told = []
    for affix in ("_added", "_removed"):
        bare = _bare(key, affix)
        if bare:
            names = (f"{bare}_removed", f"{bare}_added")
            done.update(names)
            gone, come = (parameters.get(name, NOTHING) or NOTHING for name in names)
            told = [] if gone is come else [Change(bare, _text(gone), _text(come), _kind(gone, come))]
    return told


def _listed(value: object) -> Iterator[Change]:
    if isinstance(value, Mapping):
        for field, one in value.items():
            pair = _pair(one)
            if pair is None and isinstance(one, list) and len(one) == 2:
                pair = one[0], one[1]
            yield from [Change(field, None, in_text(one), "set")] if pair is None else _compared(field, *pair)
    elif isinstance(value, list):
        for one in value:
            yield from _named(one)
    elif isinstance(value, str):
        yield from _read(value)


def _named(one: object) -> Iterator[Change]:
    """`{"field": "owner", "old": "ana", "new": "bo"}`."""
    if not isinstance(one, Mapping):
        return
    name = next((key for key in _NAMES if isinstance(one.get(key), str)), None)
    if name is None:
        return
    for old, new in _PAIRS:
        if old in one or new in one:
            yield from _compared(one[name], one.get(old, NOTHING), one.get(new, NOTHING))
            return


def _read(text: str) -> list[Change]:
    """`owner: ana → bo, order of steps`: all of it, or nothing where a part is unclear."""
    found = []
    for part in text.split(", "):
        match = _ARROW.fullmatch(part)
        if match is None:
            if _UNCLEAR.search(part):
                return []
            continue
        field, before, after = match.groups()
        found.append(Change(field, before, after))
    return found


def _pair(value: object) -> tuple[Any, Any] | None:
    if isinstance(value, Mapping) and 1 <= len(value) <= 2:
        for old, new in _PAIRS:
            if value.keys() <= {old, new}:
                return value.get(old, NOTHING), value.get(new, NOTHING)
    return None


def _compared(field: str, before: Any, after: Any) -> Iterator[Change]:
    """What differs, key by key where both are objects; nothing where both are the same."""
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for key in dict.fromkeys([*before, *after]):
            path = f"{field}.{key}" if field else key
            yield from _compared(path, before.get(key, NOTHING), after.get(key, NOTHING))
    elif type(before) is not type(after) or before != after:
        yield Change(
            field or "value", _text(before), _text(after), _kind(before, after), _note(before, after)
        )


def _kind(before: object, after: object) -> Kind:
    if before is NOTHING:
        return "added"
    return "removed" if after is NOTHING else "changed"


def _text(value: object) -> str | None:
    return None if value is NOTHING else in_text(value)


def _note(before: object, after: object) -> str:
    if not isinstance(before, list) or not isinstance(after, list):
        return ""
    come, gone = (_without(one, other) for one, other in ((after, before), (before, after)))
    words = [f"{len(items)} {word}" for items, word in ((come, "added"), (gone, "removed")) if items]
    return ", ".join(words) or "in another order"


def _without(items: Sequence[Any], others: Sequence[Any]) -> list[Any]:
    known = {in_text(one) for one in others}
    return [one for one in items if in_text(one) not in known]
