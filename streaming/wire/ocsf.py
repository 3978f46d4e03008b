"""An entry as an event of the Open Cybersecurity Schema Framework (delivery.md 5.2)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec

from streaming.wire.ecs import valid_ip
from streaming.wire.entries import Actor, Entry, read_entry
from streaming.wire.ocsf_kinds import WEB_RESOURCES, OcsfKind, ocsf_kind
from streaming.wire.ocsf_objects import Object, actor_of, known, objects_of
from streaming.wire.payload import Payload

OCSF_VERSION = "1.6.0"

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_PRODUCT = {"name": "Auditsite", "vendor_name": "Auditsite"}
_STATUS = {"success": (1, "Success"), "failure": (2, "Failure")}
_write = msgspec.json.Encoder().encode


def ocsf_bytes(payload: Payload) -> bytes:
    """The event as JSON on one line."""
    return _write(ocsf_event(payload))


def ocsf_event(payload: Payload) -> Object:
    """The event; its `unmapped.parameters` are the stored bytes."""
    entry = read_entry(payload.body)
    kind = ocsf_kind(entry.event)
    about = objects_of(entry, kind)
    activity, name = about.pop("activity", (kind.activity, kind.name))
    return {
        "activity_id": activity,
        "activity_name": name,
        "category_uid": kind.cls.category_uid,
        "category_name": kind.cls.category_name,
        "class_uid": kind.cls.uid,
        "class_name": kind.cls.name,
        "type_uid": kind.cls.uid * 100 + activity,
        "type_name": f"{kind.cls.name}: {name}",
        "time": _milliseconds(payload.occurred_at),
        "severity_id": 1,
        "severity": "Informational",
        **_outcome(entry),
        "metadata": _metadata(entry, kind, payload),
        **_origin(entry),
        **about,
        "unmapped": _unmapped(entry),
    }


def _outcome(entry: Entry) -> Object:
    status_id, status = _STATUS.get(entry.outcome, (0, "Unknown"))
    said = {"status_id": status_id, "status": status, "message": entry.details or entry.action}
    return {**said, "status_detail": entry.details} if status_id == 2 and entry.details else said


def _metadata(entry: Entry, kind: OcsfKind, payload: Payload) -> Object:
    return known(
        {
            "version": OCSF_VERSION,
            "product": _PRODUCT,
            # Only with this profile has that class a place for who did it.
            "profiles": ["host"] if kind.cls is WEB_RESOURCES else None,
            "uid": entry.id,
            "sequence": entry.sequence,
            "event_code": entry.event,
            "tenant_uid": entry.tenant.id if entry.tenant else None,
            "log_name": "audit",
            "log_provider": entry.producer,
            "original_time": entry.occurred_at,
            "logged_time": _milliseconds(payload.recorded_at),
            "correlation_uid": entry.context.request_id if entry.context else None,
        }
    )


def _origin(entry: Entry) -> Object:
    """Who did it, and from where."""
    context = entry.context
    address = context.ip if context else None
    ip = valid_ip(address) if address else None
    agent = context.user_agent if context else None
    return known(
        {
            "actor": {"user": actor_of(entry)},
            "src_endpoint": known({"ip": ip, "name": None if ip else address}),
            "http_request": known({"user_agent": agent}),
            "observables": _observables(entry.actor, ip),
        }
    )


def _observables(actor: Actor, ip: str | None) -> list[Object]:
    found: list[tuple[str, int, str, str | None]] = [
        ("actor.user.email_addr", 5, "Email Address", actor.email),
        ("src_endpoint.ip", 2, "IP Address", ip),
    ]
    return [
        {"name": name, "type_id": type_id, "type": caption, "value": value}
        for name, type_id, caption, value in found
        if value
    ]


def _unmapped(entry: Entry) -> Object:
    place = entry.workspace
    target = entry.target
    tenant = entry.tenant
    return known(
        {
            "action": entry.action,
            "area": entry.area,
            "category": entry.category,
            "workspace": known({"id": place.id, "slug": place.slug, "name": place.name}) if place else None,
            "target": known({"type": target.type, "id": target.id, "name": target.name}) if target else None,
            "tenant": tenant.slug if tenant else None,
            "external_id": entry.external_id,
            "parameters": entry.parameters if entry.has_parameters else None,
            "schema": entry.schema,
        }
    )


def _milliseconds(moment: datetime) -> int:
    return (moment - _EPOCH) // timedelta(milliseconds=1)
