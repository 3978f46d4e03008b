"""An entry as a document of the Elastic Common Schema.

An entry is read into structs and its document written from structs: of the ways that keep the rules readable, the
quickest. The entry's own bytes are not repeated in `event.original`, which would double what is sent and stored.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from ipaddress import ip_address
from typing import Any, NamedTuple

import msgspec
from msgspec import Raw

from streaming.wire import ecs_fields as ecs
from streaming.wire.ecs_kinds import ecs_kind
from streaming.wire.entries import Entry, Named, Target, Tenant, read_entry, read_named
from streaming.wire.payload import Payload

_OUTCOMES = frozenset({"success", "failure"})
_ACCOUNTS = frozenset({"user", "service_account"})
_PARTS = ("type", "dataset", "namespace")
_UNNAMED = Named()
_encoder = msgspec.json.Encoder()
_write, _write_into = _encoder.encode, _encoder.encode_into


def bulk_body(payloads: Sequence[Payload], *, stream: str) -> bytes:
    """The entries as `create` operations of `_bulk`: an entry that is there already is not doubled.

    The id is the stored entry's, and all is written by a JSON encoder: nobody's data can forge an action line.
    """
    parts = data_stream(stream)
    body = bytearray()
    for payload in payloads:
        entry = read_entry(payload.body)
        body += b'{"create":{"_id":%b}}\n' % _write(entry.id)
        _write_into(_document(entry, parts), body, -1)
        body += b"\n"
    return bytes(body)


def ecs_bytes(payload: Payload, *, stream: str = "") -> bytes:
    """The document as JSON on one line; `stream` is the data stream that it goes to, if it goes to one."""
    return _write(_document(read_entry(payload.body), data_stream(stream)))


def ecs_document(payload: Payload, *, stream: str) -> dict[str, Any]:
    """The document, read again."""
    made: dict[str, Any] = msgspec.json.decode(ecs_bytes(payload, stream=stream))
    return made


@lru_cache(maxsize=256)
def data_stream(name: str) -> Raw | None:
    """The name's three parts; Elasticsearch refuses a document whose parts differ from its stream's."""
    parts = name.split("-")
    if len(parts) != 3 or parts[0] != "logs":
        return None
    return Raw(_write(dict(zip(_PARTS, parts, strict=True))))


def _document(entry: Entry, stream: Raw | None) -> ecs.Document:
    kind = _kind(entry.event)
    named = read_named(entry.parameters) if kind.is_about_people else _UNNAMED
    context = entry.context
    user = _user(entry, named)
    address = context.ip if context else None
    ip = valid_ip(address) if address else None
    return ecs.Document(
        _milliseconds(entry.occurred_at),
        entry.details or entry.action,
        _event(entry, kind),
        user,
        ecs.Auditsite(_own(entry)),
        data_stream=stream,
        organization=_organization(entry.tenant),
        labels=_labels(entry),
        group=_group(entry, named),
        related=_related(user, ip),
        source=ecs.Source(address, ip) if address else None,
        user_agent=ecs.UserAgent(context.user_agent) if context and context.user_agent else None,
        http=ecs.Http(ecs.HttpRequest(context.request_id)) if context and context.request_id else None,
    )


class _Kind(NamedTuple):
    """What follows from an event's code; category and type are JSON already."""

    category: Raw
    type: Raw
    action: str
    is_about_people: bool


@lru_cache(maxsize=1024)
def _kind(code: str) -> _Kind:
    kind = ecs_kind(code)
    action = code.rpartition(".")[2].replace("_", "-")
    return _Kind(Raw(_write(kind.category)), Raw(_write(kind.type)), action, "iam" in kind.category)


def _event(entry: Entry, kind: _Kind) -> ecs.Event:
    return ecs.Event(
        entry.id,
        entry.sequence,
        _milliseconds(entry.recorded_at),
        kind.category,
        kind.type,
        kind.action,
        entry.event,
        entry.outcome if entry.outcome in _OUTCOMES else "unknown",
    )


def _organization(tenant: Tenant | None) -> ecs.Organization | None:
    if tenant is None or not (tenant.id or tenant.name):
        return None
    return ecs.Organization(tenant.id, tenant.name)


def _user(entry: Entry, named: Named) -> ecs.User:
    actor = entry.actor
    email, name = actor.email or None, actor.name or None
    role = named.new_role
    return ecs.User(
        actor.id or None,
        email,
        email or name,
        name if email else None,
        _account(entry.target, named),
        ecs.Changes([role]) if role else None,
    )


def _account(target: Target | None, named: Named) -> ecs.Account | None:
    """The account that the event is about: its target, else the one that its parameters name."""
    if target is not None and target.type in _ACCOUNTS:
        return ecs.Account(target.id or None, target.name or None, target.email or None)
    return ecs.Account(name=named.account) if named.account else None


def _group(entry: Entry, named: Named) -> ecs.Group | None:
    target = entry.target
    if target is not None and target.type == "group":
        return ecs.Group(target.id or None, target.name or None)
    return ecs.Group(name=named.group) if named.group else None


def _related(user: ecs.User, ip: str | None) -> ecs.Related | None:
    about = user.target
    people = [name for name in (user.name, about and (about.email or about.name)) if name]
    return ecs.Related(people or None, [ip] if ip else None) if people or ip else None


def _labels(entry: Entry) -> ecs.Labels | None:
    place = entry.workspace
    return ecs.Labels(place.id or None, place.name or None, place.slug or None) if place else None


def _own(entry: Entry) -> ecs.Own:
    target, tenant = entry.target, entry.tenant
    return ecs.Own(
        entry.area,
        entry.category,
        entry.action,
        entry.actor.type,
        ecs.OwnTarget(target.type or None, target.id or None, target.name or None) if target else None,
        tenant.slug if tenant else None,
        entry.producer,
        entry.external_id,
        entry.schema,
        str(entry.parameters, "utf-8") if entry.has_parameters else None,
    )


@lru_cache(maxsize=8192)
def valid_ip(text: str) -> str | None:
    """The address in its usual form; None for what is none, and for one with a zone, which no `ip` field takes."""
    try:
        return None if "%" in text else str(ip_address(text))
    except ValueError:
        return None


def _milliseconds(moment: str) -> str:
    """The stored moment (UTC, microseconds) as ECS has it."""
    return f"{moment[:23]}Z"
