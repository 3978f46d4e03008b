"""From JSON values to entries going in: each is one, or the list of all that is wrong with it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
from msgspec.structs import FieldInfo, fields

from audit.api.answers import Refusal
from audit.api.bodies import Body
from audit.api.reading_json import Repeating, read_json
from audit.api.shapes import EntryIn
from audit.drafts import Problem

MOST_ENTRIES = 1_000

# An entry, or what is wrong with it, located from the entry.
Item = EntryIn | list[Problem]
_Entries = list[EntryIn]


def decode(body: Body) -> tuple[list[Item], bool]:
    """The entries of a body, and whether it is a batch rather than one entry.

    Raises Refusal for a body that cannot be read as a whole (400), and for more than 1,000 entries (413).
    """
    value, sure = read_json(body.content, lines=body.lines)
    batch = isinstance(value, list)
    if not batch and not isinstance(value, dict):
        raise Refusal(400, "body-wrong", "The body is neither an entry (an object) nor an array of entries.")
    values = value if batch else [value]
    if not values:
        raise Refusal(400, "batch-empty", "The array is empty: send at least one entry.")
    if len(values) > MOST_ENTRIES:
        raise Refusal(
            413,
            "batch-too-large",
            f"{len(values):,} entries are too many for one request: send at most {MOST_ENTRIES:,}.",
        )
    return _items(values, sure=sure), batch


def pointer(*parts: str | int) -> str:
    """A JSON pointer (RFC 6901)."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in parts)


def _items(values: list[Any], *, sure: bool) -> list[Item]:
    if sure:
        try:
            return list(
                msgspec.convert(values, _Entries)
            )  # all at once: where one is wrong, each is looked at
        except (msgspec.ValidationError, RecursionError):
            pass
    return [_item(value, sure=sure) for value in values]


def _item(value: Any, *, sure: bool) -> Item:
    repeated = [] if sure else list(_repeated(value))
    try:
        entry = msgspec.convert(value, EntryIn)
    except (msgspec.ValidationError, RecursionError) as reason:
        return [*repeated, *_problems(value, EntryIn)] or [Problem("", _words(str(reason)), "type_invalid")]
    return repeated or entry


def _problems(value: Any, shape: type[msgspec.Struct], at: str = "") -> Iterator[Problem]:
    """What keeps a value from being of this shape, key by key."""
    if not isinstance(value, dict):
        yield Problem(at, f"has to be an object, not {_kind(value)}", "type_invalid")
        return
    known = {field.name: field for field in fields(shape)}
    for name in value.keys() - known.keys():
        near = f"; known are {', '.join(known)}"
        yield Problem(at + pointer(name), f"is an unknown key{near}", "key_unknown")
    for name, field in known.items():
        if name not in value:
            if field.required:
                yield Problem(at + pointer(name), "is missing", "missing")
        else:
            yield from _field(value[name], field, at + pointer(name))


def _field(value: Any, field: FieldInfo, at: str) -> Iterator[Problem]:
    nested = _nested(field.type)
    if nested is not None and not (value is None and not field.required):
        yield from _problems(value, nested, at)
        return
    try:
        msgspec.convert(value, field.type)
    except msgspec.ValidationError as error:
        yield Problem(at, _words(str(error)), "type_invalid")


def _nested(annotation: Any) -> type[msgspec.Struct] | None:
    """The struct that a field takes, if it takes one."""
    options = (annotation, *getattr(annotation, "__args__", ()))
    return next((o for o in options if isinstance(o, type) and issubclass(o, msgspec.Struct)), None)


def _words(reason: str) -> str:
    """msgspec's reason, as the rest of a sentence that begins with the place."""
    reason = reason.partition(" - at `")[0]
    if reason.startswith("Expected `"):
        wanted, _, got = reason.removeprefix("Expected ").replace("`", "").partition(", got ")
        return f"has to be {wanted}, not {got}" if got else f"has to be {wanted}"
    return f"is refused: {reason[:1].lower()}{reason[1:]}"


def _kind(value: Any) -> str:
    kinds = {dict: "an object", list: "an array", str: "text", bool: "true or false", type(None): "null"}
    return kinds.get(type(value), "a number")


def _repeated(value: Any) -> Iterator[Problem]:
    """Keys that occur twice. Walks without recursion: what was read may be nested deep."""
    waiting = [("", value)]
    while waiting:
        at, found = waiting.pop()
        if isinstance(found, Repeating):
            for key in found.repeated:
                yield Problem(at + pointer(key), "occurs twice: which one is meant?", "key_repeated")
        if isinstance(found, dict):
            waiting += [(at + pointer(key), item) for key, item in found.items() if _deep(item)]
        elif isinstance(found, list):
            waiting += [(at + pointer(index), item) for index, item in enumerate(found) if _deep(item)]


def _deep(value: Any) -> bool:
    return isinstance(value, dict | list)
