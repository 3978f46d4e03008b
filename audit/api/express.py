"""The short way of entries: what is right beyond doubt is recorded here, and all else goes the API's own way.

A single entry of a sender who came by before is one question to PostgreSQL. Nothing is refused here: where anything is
doubtful, nothing was recorded, and the long way says what is wrong.
"""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

import msgspec
from django.utils import timezone

from audit import keys
from audit.api import remembering
from audit.api.answers import Refusal
from audit.api.bodies import Body, unpacked
from audit.api.decoding import Item, decode
from audit.api.drafting import draft_all, draft_of
from audit.api.shapes import Accepted, EntryIn
from audit.drafts import DraftRefused
from audit.models import ApiKey, Scope
from audit.one_row import Sure
from audit.recording import record_if, record_many


class Taken(NamedTuple):
    """The body of the answer 201, and the key that was used: to be noted once the answer is out."""

    answer: bytes
    key: ApiKey


def take(content: bytes, *, lines: bool, packed: bool, secret: str) -> Taken | None:
    """Record what a body holds for the holder of a key. None: nothing was recorded.

    Raises the database's OperationalError and InterfaceError, after which nobody knows whether it was recorded.
    """
    key = remembering.key_of(secret)
    if key is None:
        return None
    now = timezone.now()
    try:
        items, _ = decode(Body(unpacked(content) if packed else content, lines))
        accepted = _one(items[0], key, secret, now) if len(items) == 1 else _many(items, secret, now)
    except (Refusal, DraftRefused, keys.KeyInvalid):
        return None
    return None if accepted is None else Taken(msgspec.json.encode(accepted), key)


def _one(item: Item, key: ApiKey, secret: str, now: datetime) -> Accepted | None:
    if not isinstance(item, EntryIn):
        return None
    name = item.workspace
    place = None if name is None else remembering.place_of(key.tenant_id, name)
    if name is not None and place is None:
        return None
    draft = draft_of(item, {} if name is None or place is None else {name: place})
    if isinstance(draft, list):
        return None
    tenant, slug = key.tenant, None if place is None else place.slug
    sure = Sure(bytes(key.digest), tenant.slug, tenant.name, slug)
    number = record_if(tenant=tenant, draft=draft, now=now, producer=key.name, sure=sure)
    if number is None:
        remembering.forget(secret, key.tenant_id, name)
        return None
    return Accepted(1, 0, number, number)


def _many(items: list[Item], secret: str, now: datetime) -> Accepted | None:
    key = keys.recognise(secret, now=now)
    if Scope.INGEST not in key.scopes:
        return None
    drafts = draft_all(items, tenant=key.tenant)
    receipt = record_many(tenant=key.tenant, drafts=drafts, now=now, producer=key.name)
    return Accepted(receipt.accepted, receipt.duplicates, receipt.first_sequence, receipt.last_sequence)
