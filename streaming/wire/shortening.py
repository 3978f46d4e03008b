"""An entry made small enough for a destination that takes no large ones: who did what and when stay whole."""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec.structs import replace

from streaming.wire.payload import Payload

LONGEST_DETAILS = 500
"""Characters of the details that are kept."""
LARGEST_PARAMETERS = 2_000
"""Bytes of parameters that are kept, the first of those that are short."""
LARGEST_PARAMETER = 200


def shortened(payload: Payload) -> Payload:
    """The payload with its parameters and details cut; the parameters say so, and how many bytes there were.

    The same bytes each time. What is cut stays in the log.
    """
    entry: dict[str, Any] = msgspec.json.decode(payload.body)
    entry["parameters"] = {
        **_first_that_fit(entry.get("parameters") or {}),
        "_original_bytes": len(payload.body),
        "_truncated": True,
    }
    entry["details"] = (entry.get("details") or "")[:LONGEST_DETAILS]
    return replace(payload, body=msgspec.json.encode(entry, order="sorted"))


def _first_that_fit(parameters: dict[str, Any]) -> dict[str, Any]:
    kept, room = {}, LARGEST_PARAMETERS
    for name in sorted(parameters):
        size = len(name) + len(msgspec.json.encode(parameters[name]))
        if size <= min(LARGEST_PARAMETER, room):
            kept[name] = parameters[name]
            room -= size
    return kept
