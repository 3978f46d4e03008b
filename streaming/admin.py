"""Streams and their health in Django admin: for looking, never for changing; a token is not shown."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone

from streaming.filtering import as_typed
from streaming.health import Health, health_of
from streaming.models import DeliveryAttempt, Stream
from streaming.transport.urls import without_query


class ReadOnly:
    """No door to add, change or delete, for superusers neither."""

    def has_add_permission(self, request: HttpRequest, *_args: Any) -> bool:  # noqa: ARG002 - Django's signature
        return False

    def has_change_permission(self, request: HttpRequest, *_args: Any) -> bool:  # noqa: ARG002
        return False

    def has_delete_permission(self, request: HttpRequest, *_args: Any) -> bool:  # noqa: ARG002
        return False


@admin.register(Stream)
class StreamAdmin(ReadOnly, admin.ModelAdmin[Stream]):
    """Where each tenant streams to, and how it is doing. Tenants' admins change it on their settings page."""

    list_display = ("tenant", "name", "destination_kind", "entries", "state", "waiting", "lag", "last_error")
    list_filter = ("destination_kind", "enabled", "cursor__state")
    list_select_related = ("tenant", "cursor")
    search_fields = ("tenant__slug", "tenant__name", "name")
    fields = (
        "tenant", "name", "enabled", "destination_kind", "address", "token_set_at", "entries",
        "payload_format", "framing", "signed", "state", "delivered", "waiting",
        "set_aside", "lag", "last_error", "next_attempt_at", "created_at",
    )  # fmt: skip
    readonly_fields = fields

    @admin.display(description="URL")
    def address(self, stream: Stream) -> str:
        return without_query(stream.url)

    @admin.display(description="Entries")
    def entries(self, stream: Stream) -> str:
        return as_typed(stream.entry_filter, tenant=stream.tenant) or "All"

    @admin.display(description="Signed", boolean=True)
    def signed(self, stream: Stream) -> bool:
        return stream.signing_secret_encrypted is not None

    @admin.display(description="State")
    def state(self, stream: Stream) -> str:
        return _health(stream).label

    @admin.display(description="Delivered")
    def delivered(self, stream: Stream) -> int:
        return _health(stream).delivered

    @admin.display(description="Waiting")
    def waiting(self, stream: Stream) -> int:
        return _health(stream).waiting

    @admin.display(description="Set aside")
    def set_aside(self, stream: Stream) -> int:
        return _health(stream).set_aside

    @admin.display(description="Lag")
    def lag(self, stream: Stream) -> str:
        return f"{_health(stream).lag_seconds:,.1f} s"

    @admin.display(description="Last error")
    def last_error(self, stream: Stream) -> str:
        return _health(stream).last_error or "None"

    @admin.display(description="Next attempt")
    def next_attempt_at(self, stream: Stream) -> Any:
        return _health(stream).next_attempt_at


@admin.register(DeliveryAttempt)
class DeliveryAttemptAdmin(ReadOnly, admin.ModelAdmin[DeliveryAttempt]):
    """What destinations answered lately."""

    list_display = (
        "at",
        "stream",
        "first_sequence",
        "last_sequence",
        "outcome",
        "http_status",
        "code",
        "milliseconds",
    )
    list_filter = ("outcome",)
    list_select_related = ("stream__tenant",)
    show_full_result_count = False


def _health(stream: Stream) -> Health:
    """Asked for once a row: every column shows a part of the same health."""
    known: Health | None = getattr(stream, "_health", None)
    if known is None:
        known = stream._health = health_of(stream, now=timezone.now())  # type: ignore[attr-defined] # noqa: SLF001
    return known
