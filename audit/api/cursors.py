"""Where a reader goes on: signed, so that nobody makes one up, and good for the same tenant and the same query only."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.core import signing
from django.http import QueryDict

from audit.api.answers import Refusal
from audit.models import Tenant
from audit.queries import Cursor

OWN = frozenset({"cursor", "limit"})
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Cursors:
    """The cursors of one query of one tenant."""

    salt: str
    given: str

    @classmethod
    def of(cls, tenant: Tenant, query: QueryDict) -> Cursors:
        asked = sorted((name, sorted(values)) for name, values in query.lists() if name not in OWN)
        digest = hashlib.sha256(json.dumps(asked).encode()).hexdigest()
        return cls(f"audit.api.{tenant.pk}.{digest}", query.get("cursor", ""))

    def page(self) -> Cursor | None:
        """The place between entries that was asked for; None: begin at the newest. Raises Refusal."""
        if not self.given:
            return None
        direction, microseconds, sequence = self._read(3)
        return Cursor(direction, _EPOCH + timedelta(microseconds=microseconds), sequence)

    def sequence(self) -> int:
        """The sequence after which to go on; 0: begin at the first entry. Raises Refusal."""
        if not self.given:
            return 0
        [sequence] = self._read(1)
        return int(sequence)

    def at_page(self, cursor: Cursor | None) -> str | None:
        if cursor is None:
            return None
        microseconds = (cursor.occurred_at - _EPOCH) // timedelta(microseconds=1)
        return self._write([cursor.direction, microseconds, cursor.sequence])

    def at_sequence(self, sequence: int) -> str:
        return self._write([sequence])

    def _write(self, place: list[Any]) -> str:
        return signing.Signer(salt=self.salt).sign_object(place)

    def _read(self, parts: int) -> list[Any]:
        try:
            place = signing.Signer(salt=self.salt).unsign_object(self.given)
        except (signing.BadSignature, ValueError):
            place = None
        if not isinstance(place, list) or len(place) != parts:
            raise Refusal(
                400,
                "cursor-unknown",
                "This cursor is not of this query: keep the filters and the order as they were when you got it, "
                "or begin again without a cursor.",
            )
        return place
