"""An entry on its way out: its place in the tenant's log and its stored bytes."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec


@dataclass(frozen=True, slots=True, kw_only=True)
class Payload:
    """One entry, ready to be sent.

    `body` is the entry's stored canonical JSON (schema 1, UTF-8), the same bytes that are hashed. A
    destination splices them into its request wherever the format allows it; only one that must reshape the
    entry calls `parsed()`. Both times are aware and in UTC.
    """

    id: UUID
    sequence: int
    occurred_at: datetime
    recorded_at: datetime
    body: bytes = field(repr=False)
    _parsed: dict[str, Any] = field(init=False, default_factory=dict, repr=False, compare=False)

    def parsed(self) -> dict[str, Any]:
        """The entry as a dictionary, parsed once. Shared: don't change it."""
        if not self._parsed:
            self._parsed.update(msgspec.json.decode(self.body))
        return self._parsed
