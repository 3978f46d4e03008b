"""The steps of Test Connection that need no destination: address, DNS, TCP, TLS."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Any


class PhaseStatus(StrEnum):
    OK = "ok"
    WARN = "warn"
    FAIL = "fail"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True, kw_only=True)
class PhaseResult:
    """One step of a connection test. `name` is one of PHASES; `milliseconds` is None where nothing ran."""

    name: str
    status: PhaseStatus
    message: str
    """What happened, in a sentence."""
    code: str = ""
    hint: str = ""
    """How to mend it."""
    milliseconds: int | None = None
    found: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """What the step found out for delivery, e.g. `{"scheme": "ApiKey"}`."""

    @property
    def stops(self) -> bool:
        return self.status is PhaseStatus.FAIL

    def as_json(self) -> dict[str, Any]:
        return {**{k: getattr(self, k) for k in self.__slots__}, "status": str(self.status), "found": dict(self.found)}


PHASES = {
    "address": "Address",
    "dns": "DNS",
    "tcp": "TCP",
    "tls": "TLS",
    "authentication": "Authentication",
    "ingest": "Ingest",
}
"""All steps in their order, with what the page calls them."""
