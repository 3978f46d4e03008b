"""Entries for tests of what leaves the house."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import rfc8785

from streaming.wire.payload import Payload

OCCURRED = datetime(2026, 11, 24, 8, 15, 30, 123456, tzinfo=UTC)
RECORDED = datetime(2026, 11, 24, 8, 15, 30, 204518, tzinfo=UTC)


def entry(sequence: int = 41, **changes: Any) -> dict[str, Any]:
    """An entry in schema 1 of the wire format."""
    given: dict[str, Any] = {
        "schema": 1,
        "id": str(UUID(int=sequence)),
        "sequence": sequence,
        "tenant": {"id": "t-1", "slug": "acme", "name": "Acme"},
        "workspace": {"id": "w-1", "slug": "soc", "name": "SOC"},
        "event": "workflows.workflow_published",
        "action": "Workflow published",
        "area": "Workflows",
        "category": "System configuration",
        "actor": {"type": "user", "id": "u-1", "email": "ana@acme.example", "name": "Ana"},
        "parameters": {"workflow_name": "Triage", "version": "7"},
        "details": "",
        "target": None,
        "outcome": "success",
        "context": {"ip": "203.0.113.7", "user_agent": "curl/8", "request_id": "r-1"},
        "occurred_at": "2026-11-24T08:15:30.123456Z",
        "recorded_at": "2026-11-24T08:15:30.204518Z",
        "producer": "platform",
        "external_id": "evt-991",
    }
    return given | changes


def payload(sequence: int = 41, **changes: Any) -> Payload:
    body = rfc8785.dumps(entry(sequence, **changes))
    return Payload(
        id=UUID(int=sequence), sequence=sequence, occurred_at=OCCURRED, recorded_at=RECORDED, body=body
    )


def payloads(count: int, **changes: Any) -> list[Payload]:
    return [payload(sequence, **changes) for sequence in range(1, count + 1)]
