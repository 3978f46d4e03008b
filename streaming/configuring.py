"""Saves a stream's settings: checks them as a person needs it, writes them, and records who changed what."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.db import transaction

from audit.catalog.areas import tenant_admin_settings as events
from audit.catalog.kinds import Event
from audit.drafts import Actor, Context, Draft
from audit.models import AuditEntry, LogHead, Tenant
from audit.recording import record
from streaming import environment, leasing
from streaming.destination import Destination, SettingsError, destination
from streaming.encryption import Secret
from streaming.models import Cursor, State, Stream
from streaming.tokens import found_scheme
from streaming.transport.addresses import check_address
from streaming.transport.urls import parse_url, without_query
from streaming.wire.messages import AddressRefused

NOW, BEGINNING, DATE = "now", "beginning", "date"
RESUME = "resume"


class SettingsRefused(ValueError):
    """The settings cannot be saved: `errors` has a sentence for each field that needs attention."""

    def __init__(self, errors: dict[str, str]) -> None:
        self.errors = errors
        super().__init__(" ".join(errors.values()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What the form holds. `token` is None for "keep the saved one", `enabled` None for "leave the switch as it is".

    `start_from` counts at the first enabling (`now`, `beginning`, or `date` with `start_date`), `catch_up` when a
    stream is enabled again (`resume`, or `now` to leave out what waits).
    """

    enabled: bool | None
    destination_kind: str = ""
    url: str = ""
    token: Secret | None = field(default=None, repr=False)
    start_from: str = NOW
    start_date: datetime | None = None
    catch_up: str = RESUME


@dataclass(frozen=True, slots=True)
class Change:
    """Who saves, and from where."""

    by: Actor
    context: Context | None = None


def stream_of(tenant: Tenant) -> Stream | None:
    """The stream that the settings page shows: the tenant's first."""
    return tenant.streams.order_by("created_at").first()


def check(settings: Settings, *, stream: Stream | None) -> Settings:
    """The settings as they will be saved; nothing is looked up in DNS. Raises SettingsRefused."""
    try:
        kind = destination(settings.destination_kind)
    except LookupError:
        raise SettingsRefused({"destination_kind": "Choose a destination type."}) from None
    errors = _wrong_url(kind, settings.url)
    token = settings.token
    if token is not None:
        try:
            token = Secret(kind.check_token(token.reveal()))
        except SettingsError as error:
            errors[error.field] = error.message
    elif needs_token(settings, stream=stream):
        errors["token"] = _why_token(stream)
    if errors:
        raise SettingsRefused(errors)
    return replace(settings, url=settings.url.strip(), token=token)


def _wrong_url(kind: Destination, url: str) -> dict[str, str]:
    if not url.strip():
        return {"url": "Enter a URL."}
    try:
        check_address(kind.target_url(url)[0], environment.policy())
    except SettingsError as error:
        return {error.field: error.message}
    except AddressRefused as error:
        return {"url": f"{error.reason} {error.hint}".strip()}
    return {}


def needs_token(settings: Settings, *, stream: Stream | None) -> bool:
    """Whether the saved token may not be used: there is none, or it would go to another host or kind of service."""
    if stream is None or not stream.has_token or stream.destination_kind != settings.destination_kind:
        return True
    saved, wanted = (
        _origin(stream.destination_kind, stream.url),
        _origin(stream.destination_kind, settings.url),
    )
    return saved is None or saved != wanted


def save_settings(
    *, tenant: Tenant, settings: Settings, change: Change, now: datetime, name: str = "SIEM"
) -> Stream:
    """Write the settings and the entries that tell of it, in one transaction. Raises SettingsRefused.

    Switching off changes nothing but the switch; whatever else the form holds is left alone.
    """
    with transaction.atomic():
        stream = tenant.streams.select_for_update().filter(name=name).first()
        if settings.enabled is False:
            return _switched_off(stream, change, now=now)
        checked = check(settings, stream=stream)
        fresh = stream is None
        stream = stream or Stream(tenant=tenant, name=name)
        changed = _apply(stream, checked, now=now)
        switched_on = bool(settings.enabled) and not stream.enabled
        stream.enabled = stream.enabled or switched_on
        stream.save()
        Cursor.objects.get_or_create(stream=stream)
        if switched_on:
            _start(stream, checked)
        if changed or switched_on:
            _free(stream)
        _tell(stream, [] if fresh else changed, switched_on=switched_on, change=change, now=now)
    return Stream.objects.select_related("cursor", "tenant").get(pk=stream.pk)


def _apply(stream: Stream, settings: Settings, *, now: datetime) -> list[str]:
    """Take the values over; gives the names of those that changed, never a value."""
    changed = [n for n in ("destination_kind", "url") if getattr(stream, n) != getattr(settings, n)]
    stream.destination_kind, stream.url = settings.destination_kind, settings.url
    if settings.token is not None:
        changed.append("token")
        ring = environment.key_ring()
        stream.token_encrypted = ring.encrypt(settings.token, tenant=stream.tenant_id, row=stream.pk)
        stream.token_set_at = now
        stream.scheme = found_scheme(
            tenant_id=stream.tenant_id, kind=stream.destination_kind, url=stream.url, token=settings.token
        )
    if changed:
        stream.config_version += 1
        stream.gzip = True
    return changed


def _start(stream: Stream, settings: Settings) -> None:
    """Set the place of a stream that is switched on: at its first start, or again."""
    cursor = Cursor.objects.select_for_update().get(pk=stream.pk)
    head = LogHead.objects.filter(pk=stream.tenant_id).values_list("last_sequence", flat=True).first() or 0
    if cursor.started_after is None:
        cursor.place = cursor.started_after = _first_place(stream, settings, head=head)
    elif settings.catch_up == NOW:
        cursor.left_out += head - cursor.place
        cursor.place = head
    cursor.save()


def _first_place(stream: Stream, settings: Settings, *, head: int) -> int:
    if settings.start_from == BEGINNING:
        return 0
    if settings.start_from == DATE and settings.start_date is not None:
        since = AuditEntry.objects.filter(tenant_id=stream.tenant_id, recorded_at__gte=settings.start_date)
        first = since.order_by("sequence").values_list("sequence", flat=True).first()
        return head if first is None else first - 1
    return head


def _free(stream: Stream) -> None:
    """New settings are tried at once, and no result for the old ones counts."""
    leasing.fence_off(stream.pk)
    Cursor.objects.filter(pk=stream.pk).update(
        failures=0, next_attempt_at=None, batch_limit=None, state=_unheld(stream)
    )


def _unheld(stream: Stream) -> State:
    """A held stream stays held until something was delivered, so that its recovery is told."""
    state = State(Cursor.objects.values_list("state", flat=True).get(pk=stream.pk))
    return state if state.is_held else State.HEALTHY


def _switched_off(stream: Stream | None, change: Change, *, now: datetime) -> Stream:
    if stream is None:
        raise SettingsRefused({"enabled": "There is nothing to switch off: no destination was ever saved."})
    if stream.enabled:
        Stream.objects.filter(pk=stream.pk).update(enabled=False)
        stream.enabled = False
        _record(stream, events.AUDIT_LOG_STREAMING_DISABLED, {}, change, now=now)
    return stream


def _tell(stream: Stream, changed: list[str], *, switched_on: bool, change: Change, now: datetime) -> None:
    if changed:
        told = {"changed": changed}
        _record(stream, events.AUDIT_LOG_STREAMING_SETTINGS_UPDATED, told, change, now=now)
    if switched_on:
        _record(stream, events.AUDIT_LOG_STREAMING_ENABLED, {}, change, now=now)


def _record(stream: Stream, event: Event, more: dict[str, Any], change: Change, *, now: datetime) -> None:
    parameters = {"stream_name": stream.name, "destination_type": stream.destination_kind}
    parameters["url"] = without_query(stream.url)
    draft = Draft(event, change.by, parameters={**parameters, **more}, context=change.context)
    record(tenant=stream.tenant, draft=draft, now=now)


def _why_token(stream: Stream | None) -> str:
    if stream is None or not stream.has_token:
        return "Enter a token. It is needed to switch streaming on."
    return "Enter the token again: the saved one is only sent to the host and type that it was entered for."


def _origin(kind: str, url: str) -> tuple[str, int] | None:
    """Host and port that would be called; None for an address that cannot be."""
    try:
        parsed = parse_url(destination(kind).target_url(url)[0])
    except (SettingsError, AddressRefused):
        return None
    return parsed.host, parsed.port
