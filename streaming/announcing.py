"""What delivery says about itself in the tenant's log: once a change of state, never once an attempt."""

from __future__ import annotations

from datetime import datetime

from audit.canonical import timestamp
from audit.catalog.areas.tenant_admin_settings import AUDIT_LOG_STREAMING_HELD, AUDIT_LOG_STREAMING_RECOVERED
from audit.drafts import Actor, Draft
from audit.recording import record
from streaming.models import State, Stream

DELIVERY = Actor(type="system", name="Audit log streaming")


def change_of_state(stream: Stream, state: State, reason: str, *, now: datetime) -> None:
    """Record that the stream was held, or that it delivers again after it had been held; call it in the transaction."""
    was_held = State(stream.cursor.state).is_held
    if state.is_held and state != stream.cursor.state:
        _record(stream, Draft(
            AUDIT_LOG_STREAMING_HELD,
            DELIVERY,
            parameters={"stream_name": stream.name, "reason": reason, "after_sequence": stream.cursor.place},
            details=f"Delivery has stopped after entry {stream.cursor.place} and keeps its place: {reason}",
            outcome="failure",
        ), now=now)  # fmt: skip
    elif was_held and state is State.HEALTHY:
        since = stream.cursor.held_since
        _record(stream, Draft(
            AUDIT_LOG_STREAMING_RECOVERED,
            DELIVERY,
            parameters={"stream_name": stream.name, "held_since": timestamp(since) if since else ""},
            details="Delivery goes on in order, from the place where it had stopped.",
        ), now=now)  # fmt: skip


def _record(stream: Stream, draft: Draft, *, now: datetime) -> None:
    record(tenant=stream.tenant, draft=draft, now=now)
