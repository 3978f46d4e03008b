"""How entries stand together in the body of one request to a generic HTTP intake."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

ARRAY, NDJSON, SINGLE = "array", "ndjson", "single"
FRAMINGS = (ARRAY, NDJSON, SINGLE)


class Framed(NamedTuple):
    body: bytes
    content_type: str


def framed(documents: Sequence[bytes], framing: str) -> Framed:
    """JSON documents, each on one line, as one body. `single` takes exactly one. Raises ValueError."""
    if framing == NDJSON:
        return Framed(b"\n".join((*documents, b"")), "application/x-ndjson")
    if framing == SINGLE:
        (document,) = documents
        return Framed(document, "application/json")
    if framing != ARRAY:
        raise ValueError(f"There is no framing {framing!r}; choose one of {', '.join(FRAMINGS)}.")
    return Framed(b"[%b]" % b",".join(documents), "application/json")
