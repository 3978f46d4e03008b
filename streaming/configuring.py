"""Saves a stream's settings: writes what was checked, and records who changed what."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from audit.catalog.areas import tenant_admin_settings as events
from audit.models import Tenant
from audit.recording import record
from streaming import environment, switching
from streaming.changing import Change, told_of
from streaming.checking import BEGINNING, DATE, NOW, RESUME, Settings, SettingsRefused, check, wrong_name
from streaming.models import Cursor, State, Stream
from streaming.tokens import found_scheme, sealed_signing_secret

__all__ = [
    "BEGINNING", "DATE", "FIRST_NAME", "NOW", "RESUME", "Change", "Settings", "SettingsRefused", "add_stream", "check",
    "save_settings", "stream_of", "told_of",
]  # fmt: skip

FIRST_NAME = "SIEM"
MOST_STREAMS = 20
"""Each is looked at by every sweep, and each of its destinations gets all of the tenant's entries."""
PLACE = ("destination_kind", "url")
CHOSEN = ("entry_filter", "payload_format", "framing")


def stream_of(tenant: Tenant) -> Stream | None:
    """The stream that the settings page shows: the tenant's first."""
    return tenant.streams.order_by("created_at", "pk").first()


def save_settings(
    *,
    tenant: Tenant,
    settings: Settings,
    change: Change,
    now: datetime,
    name: str = FIRST_NAME,
    stream_id: UUID | None = None,
) -> Stream:
    """Write the settings and the entries that tell of it, in one transaction. Raises SettingsRefused.

    The stream is the one with this id, else the one with this name, which is made if there is none. Switching off
    changes nothing but the switch and the name; whatever else the form holds is left alone.
    """
    with transaction.atomic():
        _one_at_a_time(tenant)
        named = tenant.streams.select_for_update()
        stream = named.filter(name=name).first() if stream_id is None else named.filter(pk=stream_id).first()
        if stream is None and stream_id is not None:
            raise SettingsRefused({"__all__": "This stream was removed meanwhile."})
        _check_name(tenant, settings.name, stream=stream)
        if settings.enabled is False:
            return _switched_off(stream, settings, change, now=now)
        checked = check(settings, stream=stream)
        if stream is None:
            return _made(tenant, settings.name or name, checked, change, now=now)
        return _written(stream, checked, change, now=now)


def add_stream(*, tenant: Tenant, settings: Settings, change: Change, now: datetime) -> Stream:
    """Make a further stream, as `save_settings`; it needs a name that no other stream of the tenant has."""
    with transaction.atomic():
        _one_at_a_time(tenant)
        checked = check(settings, stream=None)
        _check_name(tenant, checked.name, stream=None)
        return _made(tenant, checked.name or FIRST_NAME, checked, change, now=now)


def _one_at_a_time(tenant: Tenant) -> None:
    """Two who save at once would both make the first stream, or two of one name."""
    Tenant.objects.select_for_update(no_key=True).get(pk=tenant.pk)


def _check_name(tenant: Tenant, name: str | None, *, stream: Stream | None) -> None:
    if errors := wrong_name(name):
        raise SettingsRefused(errors)
    others = tenant.streams.exclude(pk=stream.pk) if stream else tenant.streams.all()
    if name is not None and others.filter(name__iexact=name.strip()).exists():
        raise SettingsRefused({"name": "Another stream has this name. Enter a different one."})


def _made(tenant: Tenant, name: str, settings: Settings, change: Change, *, now: datetime) -> Stream:
    if tenant.streams.count() >= MOST_STREAMS:
        raise SettingsRefused({"__all__": f"A tenant has at most {MOST_STREAMS} streams. Remove one first."})
    return _written(Stream(tenant=tenant, name=name), settings, change, now=now)


def _written(stream: Stream, settings: Settings, change: Change, *, now: datetime) -> Stream:
    fresh = stream._state.adding  # noqa: SLF001 - Django's documented place for it
    renamed, changed = _rename(stream, settings), _apply(stream, settings, now=now)
    switched_on = bool(settings.enabled) and not stream.enabled
    if switched_on:
        stream.enabled, stream.paused_at, stream.paused_by = True, None, ""
    stream.save()
    Cursor.objects.get_or_create(stream=stream)
    if changed or switched_on or _in_trouble(stream):
        switching.free(stream)
    # First its place: where it starts from now, what is told of this change is the first that it sends.
    if switched_on:
        switching.switch_on(stream, settings, change, now=now)
    told = [] if fresh and switched_on else [*(["name"] if renamed else []), *changed]
    _tell(stream, told, change, now=now, details=renamed)
    return Stream.objects.select_related("cursor", "tenant").get(pk=stream.pk)


def _rename(stream: Stream, settings: Settings) -> str:
    """Take the name over; a sentence where it is another one."""
    before = stream.name
    if settings.name is None or settings.name.strip() == before:
        return ""
    stream.name = settings.name.strip()
    return f"“{before}” is called “{stream.name}” now."


def _apply(stream: Stream, settings: Settings, *, now: datetime) -> list[str]:
    """Take the values over; gives the names of those that changed, never a value."""
    wanted = {name: getattr(settings, name) for name in (*PLACE, *CHOSEN)}
    changed = [name for name, value in wanted.items() if value is not None and getattr(stream, name) != value]
    for name in changed:
        setattr(stream, name, wanted[name])
    if settings.token is not None:
        changed.insert(sum(name in PLACE for name in changed), "token")
        ring = environment.key_ring()
        stream.token_encrypted = ring.encrypt(settings.token, tenant=stream.tenant_id, row=stream.pk)
        stream.token_set_at = now
        stream.scheme = found_scheme(
            tenant_id=stream.tenant_id, kind=stream.destination_kind, url=stream.url, token=settings.token
        )
    changed += _sign(stream, settings)
    if changed:
        stream.config_version += 1
        stream.gzip = stream.gzip or changed != ["entry_filter"]
    return changed


def _sign(stream: Stream, settings: Settings) -> list[str]:
    secret = settings.signing_secret
    if secret is None or not (secret.reveal() or stream.signing_secret_encrypted):
        return []
    stream.signing_secret_encrypted = sealed_signing_secret(stream, secret) if secret.reveal() else None
    return ["signing_secret"]


def _in_trouble(stream: Stream) -> bool:
    """Whether saving means "try again now", although nothing was changed: what was wrong may have been mended there."""
    return Cursor.objects.filter(pk=stream.pk).exclude(state=State.HEALTHY, warning="").exists()


def _switched_off(stream: Stream | None, settings: Settings, change: Change, *, now: datetime) -> Stream:
    if stream is None:
        raise SettingsRefused({"enabled": "There is nothing to switch off: no destination was ever saved."})
    renamed = _rename(stream, settings)
    if renamed:
        Stream.objects.filter(pk=stream.pk).update(name=stream.name)
        _tell(stream, ["name"], change, now=now, details=renamed)
    switching.switch_off(stream, change, now=now)
    return stream


def _tell(stream: Stream, changed: list[str], change: Change, *, now: datetime, details: str) -> None:
    if changed:
        event = events.AUDIT_LOG_STREAMING_SETTINGS_UPDATED
        draft = told_of(stream, event, {"changed": changed}, change, details=details)
        record(tenant=stream.tenant, draft=draft, now=now)
