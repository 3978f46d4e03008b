"""From a call to the bytes of an entry, as `POST /api/v1/entries` takes it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Literal, NamedTuple, TypedDict
from uuid import UUID, uuid4

from auditsite_client.context import Actor, Context

# One entry has to fit into one request, whose limit at the server is 5,000,000 bytes.
LARGEST_ENTRY = 4_000_000


class Fields(TypedDict, total=False):
    """What an entry says beside its event. Only `actor` has to be known, from here or from the context.

    `context` (`ip`, `user_agent`, `request_id`) goes before the current one, key by key; `occurred_at` has a
    zone; `external_id` is made where it is not given.
    """

    actor: Actor
    workspace: str | None
    parameters: Mapping[str, object]
    details: str
    target: Mapping[str, str] | None
    outcome: Literal["success", "failure", "unknown"]
    context: Mapping[str, str]
    occurred_at: datetime
    external_id: str


class Made(NamedTuple):
    """An entry ready to be sent, and the id by which sending it again is harmless."""

    external_id: str
    body: bytes


def make(event: str, given: Fields, *, context: Context, now: datetime) -> Made:
    """The entry's JSON. Raises ValueError or TypeError for a call that no server could take, and says why.

    Whether the event is known and its fields are in order is the server's to say: a service may be older than the
    catalogue.
    """
    unknown = given.keys() - Fields.__annotations__.keys()
    if unknown:
        raise TypeError(
            f"record() knows no {', '.join(sorted(unknown))}; known are {', '.join(Fields.__annotations__)}."
        )
    if not event:
        raise ValueError("Name the event by its code, such as 'cases.case_shared'.")
    external_id = given.get("external_id") or str(uuid4())
    entry: dict[str, object] = {name: value for name, value in given.items() if value is not None}
    entry |= {
        "event": event,
        "actor": _actor(given.get("actor") or context.who()),
        "external_id": external_id,
        "occurred_at": _moment(given.get("occurred_at") or now),
    }
    request = context.request() | dict(given.get("context") or {})
    if request:
        entry["context"] = request
    return Made(external_id, _encoded(entry))


def _actor(who: Actor | None) -> Mapping[str, str]:
    if not who:
        raise ValueError("Who did it? Give actor='ana@acme.example', or set it for a while with acting(…).")
    return {"email": who} if isinstance(who, str) else dict(who)


def _moment(occurred_at: datetime) -> str:
    if occurred_at.tzinfo is None:
        raise ValueError("occurred_at has to have a time zone: datetime.now(UTC), not datetime.now().")
    return occurred_at.isoformat()


def _encoded(entry: Mapping[str, object]) -> bytes:
    text = json.dumps(entry, ensure_ascii=False, allow_nan=False, separators=(",", ":"), default=_plain)
    body = text.encode()
    if len(body) > LARGEST_ENTRY:
        raise ValueError(f"An entry of {len(body):,} bytes is too large: at most {LARGEST_ENTRY:,} are sent.")
    return body


def _plain(value: object) -> object:
    """Values that have one plain reading as JSON; anything else is the caller's to turn into text."""
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, UUID | Decimal | timedelta):
        return str(value)
    if isinstance(value, set | frozenset):
        return sorted(value, key=str)
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(
        f"A {type(value).__name__} cannot be part of an entry: give text, a number, a list or a dict."
    )
