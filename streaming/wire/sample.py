"""The entry that a connection test sends or simulates: shaped like any other, and marked."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

import msgspec

from streaming.wire.payload import Payload


def marked_entry(*, entry_id: UUID, tenant_slug: str, now: datetime) -> Payload:
    """A marked test entry. It is in nobody's log, so its sequence is 0."""
    moment = now.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
    body = {
        "action": "Audit log streaming tested",
        "actor": {"type": "system", "id": None, "email": None, "name": "Auditsite"},
        "area": "Tenant admin settings",
        "category": "User actions",
        "context": None,
        "details": "Test of the connection. This is not an entry of the log.",
        "event": "tenant_admin_settings.audit_log_streaming_tested",
        "external_id": None,
        "id": str(entry_id),
        "occurred_at": moment,
        "outcome": "success",
        "parameters": {},
        "producer": "auditsite",
        "recorded_at": moment,
        "schema": 1,
        "sequence": 0,
        "target": None,
        "tenant": {"id": None, "name": None, "slug": tenant_slug},
        "test": True,
        "workspace": None,
    }
    return Payload(id=entry_id, sequence=0, occurred_at=now, recorded_at=now, body=msgspec.json.encode(body))
