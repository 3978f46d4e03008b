"""The steps of Test Connection and what each of them reports."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from streaming.wire.messages import Answer, Response, TransportError
from streaming.wire.outcome import Outcome, Verdict

PHASES = {
    "address": "Address",
    "dns": "DNS",
    "tcp": "TCP",
    "tls": "TLS",
    "authentication": "Authentication",
    "ingest": "Ingest",
}
"""All steps in their order, with what the page calls them."""


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
    detail: str = ""
    """Facts for those who can read them, such as a certificate's subject."""
    found: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """What the step found out for delivery, e.g. `{"scheme": "ApiKey"}`."""

    @property
    def stops(self) -> bool:
        return self.status is PhaseStatus.FAIL

    def as_json(self) -> dict[str, Any]:
        return {
            **{k: getattr(self, k) for k in self.__slots__},
            "status": str(self.status),
            "found": dict(self.found),
        }


def failed(name: str, error: TransportError, *, milliseconds: int | None = None) -> PhaseResult:
    """The result of a step that ended in a transport error."""
    return PhaseResult(
        name=name,
        status=PhaseStatus.FAIL,
        message=error.reason,
        code=error.code,
        hint=error.hint,
        detail=error.detail,
        milliseconds=milliseconds,
    )


def skipped(name: str, message: str) -> PhaseResult:
    """A step that had nothing to say."""
    return PhaseResult(name=name, status=PhaseStatus.SKIPPED, message=message)


def answered(
    name: str, verdict: Verdict, answer: Answer, *, status: PhaseStatus | None = None, message: str = ""
) -> PhaseResult:
    """A step that ended in a verdict: busy is a warning, anything else but delivered a failure."""
    if isinstance(answer, TransportError):
        return failed(name, answer)
    busy = verdict.outcome in {Outcome.RETRY, Outcome.THROTTLED} and not verdict.hold_after
    worst = PhaseStatus.WARN if busy or verdict.outcome is Outcome.DELIVERED else PhaseStatus.FAIL
    return PhaseResult(
        name=name,
        status=status or worst,
        message=message or verdict.reason,
        code="" if status is PhaseStatus.OK else verdict.code,
        hint=f"The service is busy ({answer.status}). Try again in a minute." if busy and not status else "",
        milliseconds=milliseconds(answer),
    )


def milliseconds(response: Response) -> int:
    """How long an answer took, as the page shows it."""
    return round(response.elapsed.total_seconds() * 1000)
