"""What a process remembers of those who send entries: keys with their tenants, and workspaces by what they are called.

Nothing is believed for having been remembered: the statement that writes an entry looks whether it all still holds
(`audit.one_row.Sure`). What was learnt from an answer that refused is not remembered.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar
from uuid import UUID

from audit.drafts import Place
from audit.keys import digest_of
from audit.models import ApiKey

# Beyond so many all are forgotten, and learnt again from those who still send.
MOST = 10_000

_keys: dict[bytes, ApiKey] = {}
_places: dict[tuple[UUID, str], Place] = {}
K = TypeVar("K")
V = TypeVar("V")


def remember_key(text: str, key: ApiKey) -> None:
    """This text was recognised as this key."""
    _keep(_keys, digest_of(text), key)


def key_of(text: str) -> ApiKey | None:
    """The key that this text was, with its tenant; None for one that did not come by yet."""
    return _keys.get(digest_of(text))


def remember_places(tenant_id: UUID, places: dict[str, Place]) -> None:
    """What the tenant's workspaces are called by those who send."""
    for name, place in places.items():
        _keep(_places, (tenant_id, name), place)


def place_of(tenant_id: UUID, name: str) -> Place | None:
    return _places.get((tenant_id, name))


def forget(text: str, tenant_id: UUID, names: Iterable[str]) -> None:
    """Not all of it holds any more."""
    _keys.pop(digest_of(text), None)
    for name in names:
        _places.pop((tenant_id, name), None)


def _keep(kept: dict[K, V], name: K, value: V) -> None:
    if len(kept) >= MOST:
        kept.clear()
    kept[name] = value
