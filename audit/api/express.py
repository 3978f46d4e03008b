"""The short way of entries: what is right beyond doubt is recorded here, and all else goes the API's own way.

A single entry of a sender who came by before is one question to PostgreSQL; a batch has none of its own for its sender.
Nothing is refused here: where anything is doubtful, nothing was recorded, and the long way says what is wrong.
"""

from __future__ import annotations

from typing import NamedTuple

import msgspec
from django.utils import timezone

from audit.api import remembering
from audit.api.answers import Refusal
from audit.api.bodies import Body, unpacked
from audit.api.decoding import Item, decode
from audit.api.drafting import Places, draft_of
from audit.api.shapes import Accepted, EntryIn
from audit.drafts import Draft, DraftRefused, Problem
from audit.models import ApiKey
from audit.recording import Receipt, record_if


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
    try:
        items, _ = decode(Body(unpacked(content) if packed else content, lines))
        receipt = _recorded(items, key, secret)
    except (Refusal, DraftRefused):
        return None
    if receipt is None:
        return None
    accepted = Accepted(receipt.accepted, receipt.duplicates, receipt.first_sequence, receipt.last_sequence)
    return Taken(msgspec.json.encode(accepted), key)


def _recorded(items: list[Item], key: ApiKey, secret: str) -> Receipt | None:
    names = {item.workspace for item in items if isinstance(item, EntryIn) and item.workspace is not None}
    places = {
        name: place for name in names if (place := remembering.place_of(key.tenant_id, name)) is not None
    }
    drafts = [draft for item in items if isinstance(draft := _draft(item, places), Draft)]
    if len(drafts) < len(items):
        return None
    receipt = record_if(
        tenant=key.tenant, drafts=drafts, now=timezone.now(), producer=key.name, digest=bytes(key.digest)
    )
    if receipt is None:
        remembering.forget(secret, key.tenant_id, names)
    return receipt


def _draft(item: Item, places: Places) -> Draft | list[Problem]:
    return draft_of(item, places) if isinstance(item, EntryIn) else item
