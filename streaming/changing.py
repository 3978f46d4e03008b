"""Who changes a stream, and the entry that tells of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from audit.catalog.kinds import Event
from audit.drafts import Actor, Context, Draft
from streaming.models import Stream
from streaming.transport.urls import without_query


@dataclass(frozen=True, slots=True)
class Change:
    """Who changes it, and from where."""

    by: Actor
    context: Context | None = None


def told_of(
    stream: Stream, event: Event, more: dict[str, Any], change: Change, *, details: str = ""
) -> Draft:
    """An entry about a stream: its name, kind and address without what may be a secret, and `more`."""
    parameters = {"stream_name": stream.name, "destination_type": stream.destination_kind}
    parameters["url"] = without_query(stream.url)
    return Draft(event, change.by, parameters={**parameters, **more}, context=change.context, details=details)
