"""A destination's side of a connection test, played from a list of answers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from streaming.destination import Destination, Target
from streaming.transport.phases import PhaseResult
from streaming.wire.messages import Answer, Request
from tests.streaming.wire.answers import response

NOW = datetime(2026, 11, 24, 8, 0, 0, tzinfo=UTC)
TOKEN = "0123456789-secret"


class Intake:
    """Answers by method and path; what is not listed does not exist."""

    def __init__(self, answers: Mapping[str, Answer]) -> None:
        self.answers = answers
        self.requests: list[Request] = []

    def send(self, request: Request) -> Answer:
        self.requests.append(request)
        return self.answers.get(f"{request.method} {urlsplit(request.url).path}", response(404))

    def asked(self) -> list[str]:
        return [f"{request.method} {urlsplit(request.url).path}" for request in self.requests]


def target(kind: Destination, url: str, **changes: Any) -> Target:
    given: dict[str, Any] = {
        "url": kind.target_url(url)[0],
        "token": TOKEN,
        "tenant_slug": "acme",
        "channel": UUID(int=7),
    }
    return Target(**(given | changes))


def told(results: list[PhaseResult]) -> list[tuple[str, str, str]]:
    return [(result.name, str(result.status), result.code) for result in results]
