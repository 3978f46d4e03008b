"""Rows of the log for PostgreSQL's binary COPY, made in bulk. Pure.

What does not depend on an entry's number is made before the head of the log is locked (`Batch.prepare`), the rest under
the lock (`Batch.row`). Every field carries its length and nothing is escaped, so that no value breaks out of its
column. The format: PostgreSQL, COPY, "Binary Format"; the fields' forms are those of each type's receive function.
"""

from __future__ import annotations

import ipaddress
import os
import struct
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from hashlib import sha256
from typing import NamedTuple
from uuid import UUID

import uuid_utils
from msgspec import Raw, Struct, json

from audit.canonical import SALT_LENGTH, SCHEMA, plain_bytes, timestamp
from audit.catalog.kinds import Event
from audit.drafts import Draft, Place

COLUMNS = (
    "id", "tenant_id", "producer", "recorded_at", "event", "area", "category", "action", "workspace_id",
    "workspace_name", "done_by", "actor_type", "actor_id", "actor_email", "actor_name", "parameters", "details",
    "target", "outcome", "ip", "occurred_at", "external_id", "salt", "sequence", "body", "leaf_hash",
)  # fmt: skip

_SIGNATURE = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_TRAILER = b"\xff\xff"
_NULL = b"\xff\xff\xff\xff"
_JSONB_VERSION = b"\x01"
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_INET, _INET6 = b"\x02\x20\x00", b"\x03\x80\x00"  # family, bits, no CIDR

_int4 = struct.Struct(">i").pack
_int8_field = struct.Struct(">iq").pack
_plain = json.Encoder().encode


class _Head(Struct):
    """The canonical document up to its number: fields in the order of RFC 8785."""

    action: str
    actor: Raw
    area: str
    category: str
    context: Raw
    details: str
    event: str
    external_id: str | None
    id: str
    occurred_at: str
    outcome: str
    parameters: Raw
    producer: str
    recorded_at: str
    schema: int = SCHEMA


class Prepared(NamedTuple):
    """An entry but for its number: its first fields, its salt, and its body before and after the number."""

    fields: bytes
    salt: bytes
    before: bytes
    after: bytes


class Told(Struct, frozen=True):
    """A tenant or a workspace, as an entry tells of it."""

    id: UUID
    slug: str
    name: str


class Batch:
    """Makes the rows of one tenant that are recorded at one moment by one producer."""

    def __init__(self, *, tenant: Told, producer: str, now: datetime) -> None:
        self._tenant, self._producer, self._now = tenant, producer, now
        self._recorded_at = timestamp(now)
        self._constant = _field(tenant.id.bytes) + _text(producer) + _moment(now)
        self._events: dict[str, bytes] = {}
        self._places: dict[Place | None, tuple[bytes, bytes]] = {}

    def prepare(self, drafts: Iterable[tuple[Draft, bytes]], *, number: int) -> list[Prepared]:
        """Drafts that were checked, each with the canonical bytes of its parameters; so many there are."""
        salts = os.urandom(SALT_LENGTH * number)
        return [
            self._prepared(draft, parameters, salts[at * SALT_LENGTH : (at + 1) * SALT_LENGTH])
            for at, (draft, parameters) in enumerate(drafts)
        ]

    def _prepared(self, draft: Draft, parameters: bytes, salt: bytes) -> Prepared:
        event, actor, context, moment = (
            draft.event,
            draft.actor,
            draft.context,
            draft.occurred_at or self._now,
        )
        number = uuid_utils.uuid7()
        target = plain_bytes(draft.target)
        place, after = self._place(draft.workspace)
        before = _plain(_Head(
            event.label, Raw(plain_bytes(actor)), event.area.label, event.category.label, Raw(plain_bytes(context)),
            draft.details, event.code, draft.external_id, str(number), timestamp(moment), draft.outcome,
            Raw(parameters), self._producer, self._recorded_at,
        ))  # fmt: skip
        fields = (
            _FIELDS, _field(number.bytes), self._constant, self._event(event), place,
            _text(actor.done_by), _text(actor.type), _text(actor.id), _text(actor.email), _text(actor.name),
            _jsonb(parameters), _text(draft.details), _NULL if draft.target is None else _jsonb(target),
            _text(draft.outcome), _NULL if context is None or context.ip is None else _inet(context.ip),
            _moment(moment), _NULL if draft.external_id is None else _text(draft.external_id), _field(salt),
        )  # fmt: skip
        return Prepared(b"".join(fields), salt, before[:-1] + b',"sequence":', b',"target":' + target + after)

    def _event(self, event: Event) -> bytes:
        made = self._events.get(event.code)
        if made is None:
            texts = (event.code, event.area.code, event.category.value, event.label)
            made = self._events[event.code] = b"".join(map(_text, texts))
        return made

    def _place(self, place: Place | None) -> tuple[bytes, bytes]:
        """Its columns, and the end of the body, which names tenant and workspace."""
        made = self._places.get(place)
        if made is None:
            columns = _field(place.id.bytes) + _text(place.name) if place else _NULL + _text("")
            end = b',"tenant":' + plain_bytes(self._tenant) + b',"workspace":' + plain_bytes(place) + b"}"
            made = self._places[place] = columns, end
        return made


def row(prepared: Prepared, sequence: int) -> bytes:
    """The whole row of an entry that has its number."""
    body = prepared.before + b"%d" % sequence + prepared.after
    digest = sha256(b"\0" + prepared.salt + body).digest()
    return prepared.fields + _int8_field(8, sequence) + _field(body) + _field(digest)


def fields(prepared: Prepared) -> list[bytes | None]:
    """The values of the columns before `sequence`, each in its type's binary form."""
    found: list[bytes | None] = []
    at = len(_FIELDS)
    while at < len(prepared.fields):
        size, at = int.from_bytes(prepared.fields[at : at + 4], signed=True), at + 4
        found.append(None if size < 0 else prepared.fields[at : at + size])
        at += max(size, 0)
    return found


def external_id_row(tenant: UUID, external_id: str, sequence: int) -> bytes:
    """A row of (tenant_id, external_id, sequence)."""
    return _int4(3)[2:] + _field(tenant.bytes) + _text(external_id) + _int8_field(8, sequence)


def stream(rows: Iterable[bytes]) -> bytes:
    """What COPY … FROM STDIN (FORMAT binary) is sent for these rows."""
    return b"".join([_SIGNATURE, *rows, _TRAILER])


def _field(value: bytes) -> bytes:
    return _int4(len(value)) + value


def _text(value: str) -> bytes:
    return _field(value.encode())


def _jsonb(value: bytes) -> bytes:
    return _field(_JSONB_VERSION + value)


def _moment(moment: datetime) -> bytes:
    return _int8_field(8, (moment - _EPOCH) // _MICROSECOND)


@lru_cache(maxsize=10_000)
def _inet(text: str) -> bytes:
    packed = ipaddress.ip_address(text).packed
    return _field((_INET if len(packed) == 4 else _INET6) + bytes([len(packed)]) + packed)


_FIELDS = _int4(len(COLUMNS))[2:]
