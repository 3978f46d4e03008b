"""Streams over the HTTP API: read only, and never a token."""

from __future__ import annotations

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
            description="disabled, healthy, catching_up, retrying, held_for_credentials or held_for_settings"
        ),
    ]
    recorded: int
    delivered: int
    waiting: int
    set_aside: int
    not_streamed: Annotated[int, Meta(description="Left out by choice: before the start, or passed over.")]
    lag_seconds: Annotated[float, Meta(description="Age of the oldest entry that waits.")]
    last_error: str
    last_error_at: str | None
    last_success_at: str | None
    next_attempt_at: str | None
    held_since: str | None
    failures: int


class Streams(Struct):
    """All streams of the key's tenant."""

    streams: list[StreamHealth]


def schemas() -> dict[str, Any]:
    """The types above as JSON schemas, by name."""
    return msgspec.json.schema_components([Streams, StreamHealth], ref_template=REFERENCE)[1]


def get_streams(request: HttpRequest) -> Answer:
    """All streams of the key's tenant, with their health."""
    now = timezone.now()
    streams = _streams(request).order_by("created_at")
    return json_answer(request, {"streams": [health_of(stream, now=now).as_json() for stream in streams]})


def get_stream(request: HttpRequest, stream_id: UUID) -> Answer:
    """One stream's health, as `manage.py stream_status` tells it."""
    stream = _streams(request).filter(pk=stream_id).first()
    if stream is None:
        raise Refusal(404, "stream-unknown", "The key's tenant has no stream with this id.")
    return json_answer(request, health_of(stream, now=timezone.now()).as_json())


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
