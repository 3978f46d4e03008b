"""The formats in which a generic HTTP intake can have its entries."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from streaming.wire.ecs import ecs_bytes
from streaming.wire.ocsf import ocsf_bytes
from streaming.wire.payload import Payload

NATIVE, ECS, OCSF = "native", "ecs", "ocsf"

_WRITERS: Mapping[str, Callable[[Payload], bytes]] = {ECS: ecs_bytes, OCSF: ocsf_bytes}
FORMATS = (NATIVE, *_WRITERS)


def documents(payloads: Sequence[Payload], payload_format: str) -> list[bytes]:
    """Each entry as one line of JSON; the native form is its stored bytes. Raises ValueError for an unknown format."""
    if payload_format == NATIVE:
        return [payload.body for payload in payloads]
    write = _WRITERS.get(payload_format)
    if write is None:
        raise ValueError(f"There is no format {payload_format!r}; choose one of {', '.join(FORMATS)}.")
    return [write(payload) for payload in payloads]


def largest_size(payload: Payload, payload_format: str) -> int:
    """At most how many bytes the entry has in this format.

    Reshaped, a text stands in up to three places, and parameters inside a string grow by a backslash a quote.
    """
    return len(payload.body) if payload_format == NATIVE else 3 * len(payload.body) + 1_500
