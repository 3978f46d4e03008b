"""Entries for tests, written through the one door like all others."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from audit import drafts, recording
from audit.catalog.lookup import CATALOG
from audit.models import AuditEntry, Tenant, Workspace

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


def draft(
    event: str = "workflows.workflow_published", *, by: str = "ana@acme.example", **fields: Any
) -> drafts.Draft:
    """A draft of this event; `by` with an @ is a user, without one a service account."""
    actor = drafts.Actor(email=by) if "@" in by else drafts.Actor(name=by, type="service_account")
    return drafts.Draft(event=CATALOG.event(event), **{"actor": actor, **fields})


def place(workspace: Workspace) -> drafts.Place:
    return drafts.Place(id=workspace.pk, slug=workspace.slug, name=workspace.name)


def make_entry(  # a test names what it is about, and nothing else
    tenant: Tenant,
    event: str = "workflows.workflow_published",
    *,
    at: datetime = NOON,
    now: datetime | None = None,
    workspace: Workspace | None = None,
    parameters: Mapping[str, Any] | None = None,
    **fields: Any,
) -> AuditEntry:
    """Record one entry that occurred `at`, and was recorded `now` (else at once), and give it back from the database.

    Further fields are those of `draft` (`by`, `details`, `outcome`, `target`, `context`, `external_id`, …).
    """
    made = draft(
        event,
        workspace=place(workspace) if workspace else None,
        parameters=parameters or {},
        occurred_at=at,
        **fields,
    )
    receipt = recording.record(tenant=tenant, draft=made, now=now or at)
    return AuditEntry.objects.of(tenant).get(sequence=receipt.sequences[0])
