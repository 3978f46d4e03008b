"""Removes a stream for good: settings, token and place; the log keeps that it was there and how far it came."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models.functions import Now

from audit.catalog.areas.tenant_admin_settings import AUDIT_LOG_STREAMING_REMOVED
from audit.models import Tenant
from audit.recording import record
from streaming.configuring import Change, told_of
from streaming.health import health_of
from streaming.models import Cursor, Replay, ReplayState, Stream


class RemovalRefused(ValueError):
    """The stream stays; the text says why, and what to do."""


def remove_stream(*, tenant: Tenant, stream_id: UUID, confirmed: str, change: Change, now: datetime) -> str:
    """Remove the stream that is called as `confirmed` says; gives its name. Raises RemovalRefused.

    A stream that is switched on, that a worker still sends for, or whose replay is not over is left alone.
    """
    with transaction.atomic():
        stream = tenant.streams.select_for_update().filter(pk=stream_id).first()
        if stream is None:
            raise RemovalRefused("This stream was removed already.")
        _check(stream, confirmed)
        health = health_of(stream, now=now)
        figures = {
            "delivered": health.delivered,
            "waiting": health.waiting,
            "set_aside": health.set_aside,
        }
        record(tenant=tenant, draft=told_of(stream, AUDIT_LOG_STREAMING_REMOVED, figures, change), now=now)
        stream.delete()
    return stream.name


def _check(stream: Stream, confirmed: str) -> None:
    if stream.enabled:
        raise RemovalRefused("Switch the stream off first, and save.")
    if Replay.objects.filter(stream=stream, state__in=[s for s in ReplayState if s.is_open]).exists():
        raise RemovalRefused("A replay of this stream is not over. Cancel it first.")
    if Cursor.objects.filter(pk=stream.pk, leased_until__gt=Now()).exists():
        raise RemovalRefused("The last request is still on its way. Try again in a moment.")
    if confirmed.strip() != stream.name:
        raise RemovalRefused(f"Type the stream's name, {stream.name}, to remove it.")
