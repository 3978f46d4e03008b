"""What goes in and comes out of the HTTP API, as types: decoding, the API's description and its docs use these."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from msgspec import Meta, Struct

from audit.drafts import Actor, Context, Outcome, Target

Moment = Annotated[datetime, Meta(tz=True)]


class EntryIn(Struct, forbid_unknown_fields=True):
    """An entry going in. Keys that are not listed here are refused."""

    event: Annotated[str, Meta(description="The event's code; GET /catalog lists them.")]
    actor: Actor
    workspace: Annotated[str | None, Meta(description="Slug or id of one of the tenant's workspaces.")] = None
    parameters: Annotated[
        dict[str, Any], Meta(description="The key data of the event; any JSON object.")
    ] = {}
    details: Annotated[str, Meta(description="More context, as text.")] = ""
    target: Target | None = None
    outcome: Outcome = "success"
    context: Context | None = None
    occurred_at: Annotated[
        Moment | None, Meta(description="When it was done: RFC 3339 with a zone. Left out: now.")
    ] = None
    external_id: Annotated[
        str | None, Meta(description="The producer's own id. Sent again, the entry is a duplicate.")
    ] = None


class Accepted(Struct):
    """What became of a batch. For duplicates the sequences are those that the first ones have."""

    accepted: int
    duplicates: int
    first_sequence: int | None
    last_sequence: int | None


class Named(Struct):
    """A tenant or a workspace, as it was called when the entry was recorded."""

    id: str
    slug: str
    name: str


class Entry(Struct):
    """An entry as it was recorded (schema 1): what is hashed, stored, exported and delivered."""

    schema: int
    id: Annotated[str, Meta(description="A UUID version 7.")]
    sequence: Annotated[int, Meta(description="1, 2, 3 … in its tenant: commit order, without a gap.")]
    tenant: Named
    workspace: Named | None
    event: str
    action: str
    area: str
    category: str
    actor: Actor
    parameters: dict[str, Any]
    details: str
    target: Target | None
    outcome: Outcome
    context: Context | None
    occurred_at: Moment
    recorded_at: Moment
    producer: str
    external_id: str | None


class Entries(Struct):
    """One page. `next` goes to older entries (with order=sequence: to later ones), `previous` back."""

    entries: list[Entry]
    next: str | None
    previous: str | None


class ActivityBar(Struct):
    """How many entries occurred from `start`, in the zone that was asked for."""

    start: str
    count: int


class Activity(Struct):
    """Counts over time, oldest first; where nothing occurred there is no bar."""

    per: str
    zone: str
    bars: list[ActivityBar]


class FacetValue(Struct):
    """A value (null: none, as of a workspace), and how many entries have it."""

    value: str | None
    count: int


class Facets(Struct):
    """The most frequent values by filter, over the `counted` latest entries; `complete`: those are all."""

    facets: dict[str, list[FacetValue]]
    counted: int
    complete: bool


class EventOut(Struct):
    """One thing that can be recorded. `extension`: not of the platform's own vocabulary."""

    code: str
    label: str
    category: str
    parameters: tuple[str, ...]
    description: str
    extension: bool


class AreaOut(Struct):
    """A part of the platform and its events."""

    code: str
    label: str
    events: list[EventOut]


class Vocabulary(Struct):
    """Everything that can be recorded, in the product's order."""

    areas: list[AreaOut]


class ProblemItem(Struct):
    """One thing that is wrong: `loc` is a JSON pointer into the body, `type` a stable code."""

    loc: str
    msg: str
    type: str


class ProblemDocument(Struct):
    """Why a request was refused (RFC 9457, application/problem+json)."""

    type: str
    title: str
    status: int
    detail: str
    errors: list[ProblemItem]
