"""From the bytes of a body to JSON values, strictly: no key twice, no NaN, valid UTF-8, and where it breaks is told.

What is right is read by msgspec alone. Anything doubtful is read again by the standard library, which knows line,
column and repeated keys.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable
from typing import Any, NoReturn

import msgspec

from audit.api.answers import Refusal

BYTE_ORDER_MARK = b"\xef\xbb\xbf"

_quick = msgspec.json.Decoder()
_key = re.compile(rb'"[ \t\r\n]*:')
_CONTAINERS = frozenset({dict, list})
_blank = re.compile(r"[ \t\r\n]*")


class Repeating(dict[str, Any]):
    """A JSON object in which keys occurred twice; `repeated` names them."""

    repeated: tuple[str, ...] = ()


def read_json(content: bytes, *, lines: bool) -> tuple[Any, bool]:
    """The value of a body (with `lines` the list of its values), and whether it is beyond doubt.

    Raises Refusal (400) with the place. Where there is doubt, an object with a repeated key is `Repeating`.
    """
    content = content.removeprefix(BYTE_ORDER_MARK)
    try:
        value = _quick.decode_lines(content) if lines else _quick.decode(content)
        # Each key ends in a quote and a colon: that there are no more of these than keys proves that none repeats.
        if len(_key.findall(content)) == _keys(value):
            return value, True
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        pass  # read again, to say where
    return _carefully(content, lines=lines), False


def _keys(value: Any) -> int:
    """How many keys a value has, at any depth."""
    number, waiting = 0, [value]
    for found in waiting:  # which grows while it is walked
        if type(found) is dict:
            number += len(found)
            waiting += [item for item in found.values() if type(item) in _CONTAINERS]
        elif type(found) is list:
            waiting += [item for item in found if type(item) in _CONTAINERS]
    return number


def _carefully(content: bytes, *, lines: bool) -> Any:
    try:
        text = content.decode()
    except UnicodeDecodeError as error:
        raise _malformed(f"byte {error.start + 1:,} is not UTF-8") from None
    try:
        return list(_each(text)) if lines else _decoder.decode(text)
    except json.JSONDecodeError as error:
        raise _malformed(f"{error.msg}, line {error.lineno}, column {error.colno}") from None
    except _NumberRefused as error:
        raise _malformed(str(error)) from None
    except RecursionError:
        raise _malformed("it is nested too deep") from None


def _each(text: str) -> Iterable[Any]:
    position = _end(_blank, text, 0)
    while position < len(text):
        value, position = _decoder.raw_decode(text, position)
        yield value
        position = _end(_blank, text, position)


def _end(pattern: re.Pattern[str], text: str, position: int) -> int:
    match = pattern.match(text, position)
    return match.end() if match else position


class _NumberRefused(Exception):
    """A number that JSON does not have, or that no reader can hold."""


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) == len(pairs):
        return found
    seen: set[str] = set()
    repeated = Repeating(found)
    repeated.repeated = tuple(sorted({key for key, _ in pairs if key in seen or seen.add(key)}))  # type: ignore[func-returns-value] # add gives None, which is false
    return repeated


def _float(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise _NumberRefused(f"the number {digits[:40]} is out of range")
    return number


def _int(digits: str) -> int:
    if len(digits) > 400:
        raise _NumberRefused(f"a number of {len(digits):,} digits is out of range")
    return int(digits)


def _constant(name: str) -> NoReturn:
    raise _NumberRefused(f"{name} is no JSON number")


_decoder = json.JSONDecoder(
    object_pairs_hook=_object, parse_float=_float, parse_int=_int, parse_constant=_constant
)


def _malformed(reason: str) -> Refusal:
    return Refusal(400, "json-malformed", f"The body is not JSON: {reason}. Nothing was recorded.")
