"""An entry on its way out: its place in the tenant's log and its stored bytes."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec


class Payload(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One entry, ready to be sent. A struct, as a worker makes hundreds of thousands of them a minute.

    `body` is the entry's stored canonical JSON (schema 1, UTF-8), the same bytes that are hashed. A
    destination splices them into its request wherever the format allows it; only one that must reshape the
    entry calls `parsed()`. Both times are aware and in UTC. A `lean` one goes with nothing around it that the
    destination can do without: what it refused may have been that, and not the entry.
    """

    id: UUID
    sequence: int
    occurred_at: datetime
    recorded_at: datetime
    body: bytes
    lean: bool = False

    def __repr__(self) -> str:
        """Without the body: a log must not repeat what people did."""
        return f"Payload(id={self.id}, sequence={self.sequence})"

    def parsed(self) -> dict[str, Any]:
        """The entry as a dictionary, parsed anew each time."""
        read: dict[str, Any] = msgspec.json.decode(self.body)
        return read
