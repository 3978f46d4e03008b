"""Streams over the HTTP API: read only, and never a token."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from django.http import HttpRequest
from django.utils import timezone
from msgspec import Meta, Struct
from ninja import Router

from audit.api.answers import Answer, Refusal, json_answer
from audit.api.authentication import ApiKeyAuth
from audit.api.description import REFERENCE, described
from audit.models import Scope
from streaming.coverage import untaken, what_goes
from streaming.health import health_of
from streaming.models import Stream

router = Router()


class StreamHealth(Struct):
    """How a stream is doing. recorded = not_streamed + delivered + waiting + set_aside, at any time."""

    id: str
    name: str
    destination: str
    state: Annotated[
        str,
        Meta(
            description="disabled, paused, healthy, catching_up, delivering_with_set_asides, retrying, "
            "held_for_credentials or held_for_settings"
        ),
    ]
    recorded: int
    delivered: int
    waiting: int
    set_aside: int
    not_streamed: Annotated[int, Meta(description="Left out by choice: before the start, or passed over.")]
    not_matching: Annotated[int, Meta(description="Of those, what the filter did not take.")]
    place: Annotated[int, Meta(description="The sequence up to which everything is done.")]
    lag_seconds: Annotated[float, Meta(description="Age of the oldest entry that waits.")]
    last_error: str
    last_error_at: str | None
    last_success_at: str | None
    last_attempt_at: str | None
    next_attempt_at: str | None
    held_since: str | None
    paused_at: str | None
    paused_by: Annotated[str, Meta(description="Who paused the stream; empty where nobody did.")]
    troubled_since: str | None
    failures: Annotated[int, Meta(description="In a row.")]
    warning: Annotated[str, Meta(description="Delivered, but a person should know this.")]
    refused: Annotated[int, Meta(description="Entries that were ever set aside, those of replays too.")]
    duplicates: Annotated[int, Meta(description="Delivered entries that the destination had already.")]
    requests: int
    entry_bytes: Annotated[int, Meta(description="Of the entries in all requests, before they were encoded.")]
    delivered_within: Annotated[
        dict[str, float | None],
        Meta(
            description="Seconds from recording to the answer: p50, p95, p99. Null where nothing was delivered."
        ),
    ]
    filter: Annotated[
        str,
        Meta(
            description="Which entries go, as the query of `GET /entries`: `category=user_actions`. Empty: all."
        ),
    ]
    format: Annotated[str, Meta(description="HTTP destinations: native, ecs or ocsf.")]
    framing: Annotated[str, Meta(description="HTTP destinations: array, ndjson or single.")]


class Untaken(Struct):
    """Entries of the last `days` days that no enabled stream takes."""

    number: Annotated[int | None, Meta(description="Null where counting took too long.")]
    more: Annotated[bool, Meta(description="There are more than `number`.")]
    days: int


class Streams(Struct):
    """All streams of the key's tenant."""

    streams: list[StreamHealth]
    taken_by_none: Annotated[Untaken | None, Meta(description="Null where no stream is switched on.")]


def schemas() -> dict[str, Any]:
    """The types above as JSON schemas, by name."""
    return msgspec.json.schema_components([Streams, StreamHealth, Untaken], ref_template=REFERENCE)[1]


def get_streams(request: HttpRequest) -> Answer:
    """All streams of the key's tenant, with their health."""
    now = timezone.now()
    streams = _streams(request).order_by("created_at")
    told = [_told(stream, now=now) for stream in streams]
    tenant = request.auth.tenant  # type: ignore[attr-defined] # set by ApiKeyAuth
    return json_answer(request, {"streams": told, "taken_by_none": untaken(tenant, now=now)})


def get_stream(request: HttpRequest, stream_id: UUID) -> Answer:
    """One stream's health, as `manage.py stream_status` tells it."""
    stream = _streams(request).filter(pk=stream_id).first()
    if stream is None:
        raise Refusal(404, "stream-unknown", "The key's tenant has no stream with this id.")
    return json_answer(request, _told(stream, now=timezone.now()))


def _told(stream: Stream, *, now: datetime) -> dict[str, Any]:
    return {**health_of(stream, now=now).as_json(), **what_goes(stream)}


def _streams(request: HttpRequest) -> Any:
    return Stream.objects.filter(tenant=request.auth.tenant)  # type: ignore[attr-defined] # set by ApiKeyAuth


router.get(
    "/streams",
    auth=ApiKeyAuth(Scope.READ),
    summary="Read all streams",
    operation_id="get_streams",
    tags=["Streams"],
    openapi_extra=described(status=200, answer={"$ref": REFERENCE.format(name="Streams")}),
)(get_streams)

router.get(
    "/streams/{stream_id}",
    auth=ApiKeyAuth(Scope.READ),
    summary="Read one stream",
    operation_id="get_stream",
    tags=["Streams"],
    openapi_extra=described(
        status=200, answer={"$ref": REFERENCE.format(name="StreamHealth")}, refusals=(404,)
    ),
)(get_stream)
