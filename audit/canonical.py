"""An entry's canonical bytes and their hash. Pure: what is hashed here is what is stored, shown and sent.

RFC 8785 (JSON Canonicalization Scheme) gives the bytes; the leaf hash is that of RFC 6962 with a salt before them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec
import rfc8785

SCHEMA = 1
SALT_LENGTH = 16
# RFC 8785 section 3.2.2.3: numbers are IEEE 754 doubles, exact for integers only up to here.
LARGEST_INTEGER = 2**53 - 1

_STRINGS = frozenset({str})
_PLAIN = frozenset({str, bool, type(None)})
_sorted = msgspec.json.Encoder(order="sorted")


def canonical_bytes(document: Mapping[str, Any]) -> bytes:
    """The document in RFC 8785 form: sorted keys, no blanks, UTF-8.

    Raises ValueError for what that form cannot hold (NaN, infinities, integers beyond 2**53-1, lone surrogates).
    """
    if _plain(document):
        try:
            return _sorted.encode(document)
        except UnicodeEncodeError as error:
            raise ValueError(f"text cannot be written as UTF-8: {error.reason}") from None
    try:
        return rfc8785.dumps(document)
    except (rfc8785.CanonicalizationError, UnicodeEncodeError) as error:
        raise ValueError(str(error)) from None


def plain_bytes(value: object) -> bytes:
    """RFC 8785 form, quickly, of what is known to be plain: no floats, no integer beyond 2**53-1, keys in ASCII.

    The fields of structs are sorted like keys. Raises UnicodeEncodeError for a lone surrogate.
    """
    return _sorted.encode(value)


def flat_bytes(document: Mapping[str, Any]) -> bytes | None:
    """RFC 8785 form of an object of plain values and lists of text, quickly; None where somebody has to look closer."""
    if type(document) is not dict or not _STRINGS.issuperset(map(type, document)):
        return None
    if not ("".join(document).isascii() and all(map(_is_flat, document.values()))):
        return None
    try:
        return _sorted.encode(document)
    except UnicodeEncodeError:
        return None


def leaf_hash(salt: bytes, body: bytes) -> bytes:
    """SHA-256(0x00 || salt || body): 32 bytes (RFC 6962 section 2.1, salted so that a guess cannot be confirmed)."""
    return hashlib.sha256(b"\x00" + salt + body).digest()


def timestamp(moment: datetime) -> str:
    """An aware moment as UTC text with microseconds: ``2026-11-24T08:15:30.123456Z``."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def _is_flat(value: object) -> bool:
    kind = type(value)
    if kind is int:
        return -LARGEST_INTEGER <= value <= LARGEST_INTEGER  # type: ignore[operator] # an int
    return kind in _PLAIN or (kind is list and _STRINGS.issuperset(map(type, value)))  # type: ignore[call-overload] # a list


def _plain(value: object) -> bool:
    """Whether the fast encoder gives RFC 8785 form: no floats, no large numbers, keys that sort alike.

    RFC 8785 sorts by UTF-16 units and the encoder by UTF-8 bytes; up to U+D7FF both are the same.
    """
    kind = type(value)
    if kind is str or value is None or kind is bool:
        return True
    if kind is dict:
        return _plain_items(value)  # type: ignore[arg-type] # a dict
    if kind is int:
        return -LARGEST_INTEGER <= value <= LARGEST_INTEGER  # type: ignore[operator] # an int
    return isinstance(value, list | tuple) and all(map(_plain, value))


def _plain_items(value: dict[object, object]) -> bool:
    for key, item in value.items():
        if type(key) is not str or not (key.isascii() or max(key) <= "\ud7ff"):
            return False
        if type(item) is not str and not _plain(item):
            return False
    return True
