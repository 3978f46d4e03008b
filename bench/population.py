"""Who and what a filled log is about: 1,000 tenants with Zipf sizes, the whole vocabulary, believable entries.

Entries are made from some 20,000 of `seed_demo`, each with an actor, a workspace, an address and a reference of its
own. These templates go to the database as forms for PostgreSQL's `format()`; `bench.rows` makes the rows from them.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import msgspec
from uuid_utils.compat import uuid7

from audit.drafts import Draft, Place
from audit.management.seeding import cast as casting
from audit.management.seeding import story
from audit.models import Tenant, Workspace

TENANTS, WORKSPACES, PEOPLE, ADDRESSES, TEMPLATES = 1_000, 20, 60, 200, 20_000
ZIPF = 1.2
"""The largest tenant has 23 of 100 entries."""
PARAMETER_BYTES = 300
# What a row has of its own, in the order of format()'s arguments; each of a form that no entry's text has.
PERSON, SLUG, PERSON_ID, IP, ENTRY, MOMENT, REFERENCE, SEQUENCE, TENANT, PLACE_ID, PLACE = (
    f"xq{name}qx"
    for name in ("who", "slug", "whoid", "ip", "entry", "at", "ref", "seq", "tenant", "wsid", "ws")
)
HOLES = (PERSON, SLUG, PERSON_ID, IP, ENTRY, MOMENT, REFERENCE, SEQUENCE, TENANT, PLACE_ID, PLACE)
_sorted = msgspec.json.Encoder(order="deterministic")
_NOTE = (
    "approved after review by the team on call because the previous change had been rolled back and nobody was "
    "affected while the window lasted so that the runbook step could be closed without further questions asked today"
)


@dataclass(frozen=True, slots=True)
class Template:
    """One believable entry; `parameters` and `body` are JSON with holes."""

    draft: Draft
    parameters: str
    body: str


def make_tenants() -> list[Tenant]:
    """All tenants with their workspaces, written; the largest first."""
    tenants = [Tenant(slug=f"tenant-{n:04}", name=f"Tenant {n:04}") for n in range(1, TENANTS + 1)]
    Tenant.objects.bulk_create(tenants)
    places = [
        Workspace(tenant=tenant, slug=f"ws-{n:02}", name=f"Workspace {n:02}")
        for tenant in tenants
        for n in range(WORKSPACES)
    ]
    Workspace.objects.bulk_create(places, batch_size=5_000)
    return tenants


def shares() -> list[float]:
    """Each tenant's share of all entries."""
    weights = [1 / rank**ZIPF for rank in range(1, TENANTS + 1)]
    return [weight / sum(weights) for weight in weights]


def numbers(entries: int, ends: Iterable[float], *, rng: random.Random) -> Iterator[list[int]]:
    """Of each tenant, how many entries it has when so much of all time is over (0 to 1)."""
    phases = [rng.random() for _ in range(TENANTS)]
    for end in ends:
        yield [int(entries * share * end + phase) for share, phase in zip(shares(), phases, strict=True)]


def templates(tenant: Tenant, *, end: datetime, rng: random.Random) -> Iterator[Template]:
    """Believable entries over the whole vocabulary, in no order."""
    places = [Place(id=uuid7(), slug=slug, name=name) for slug, name in casting.WORKSPACES]
    stage = story.Stage(casting.cast_of(tenant, rng), places)
    drafts = list(story.drafts(TEMPLATES, stage=stage, begin=end - timedelta(days=90), end=end, rng=rng))
    rng.shuffle(drafts)
    for draft in drafts:
        parameters = _padded(draft.parameters, rng)
        body = _sorted.encode(_document(draft, parameters)).decode()
        yield Template(
            draft, msgspec.json.encode(parameters).decode(), body.replace(f'"{SEQUENCE}"', SEQUENCE)
        )


def form(text: str) -> str:
    """The text for PostgreSQL's format(), with its holes numbered."""
    text = text.replace("%", "%%")
    for number, hole in enumerate(HOLES, start=1):
        text = text.replace(hole, f"%{number}$s")
    return text


def user_email() -> str:
    return f"person{PERSON}@tenant-{SLUG}.example"


def _padded(parameters: Any, rng: random.Random) -> dict[str, Any]:
    """With a reference that no other entry has, and as long as parameters usually are."""
    told = {**parameters, "reference": f"ref{REFERENCE}"}
    lacking = PARAMETER_BYTES - len(str(told)) - 10
    if lacking > 0:
        words = _NOTE.split()
        begin = int(rng.random() * 20)
        told["note"] = " ".join(words[begin:] + words)[:lacking]
    return told


def _document(draft: Draft, parameters: dict[str, Any]) -> dict[str, Any]:
    event, at = draft.event, MOMENT
    return {
        "schema": 1, "id": ENTRY, "sequence": SEQUENCE,
        "tenant": {"id": TENANT, "slug": f"tenant-{SLUG}", "name": f"Tenant {SLUG}"},
        "event": event.code, "action": event.label, "area": event.area.label, "category": event.category.label,
        "actor": _actor(draft), "parameters": parameters, "details": draft.details,
        "target": draft.target and msgspec.to_builtins(draft.target), "outcome": draft.outcome,
        "occurred_at": at, "recorded_at": at, "producer": "platform", "external_id": None,
        "workspace": draft.workspace and {"id": PLACE_ID, "slug": f"ws-{PLACE}", "name": f"Workspace {PLACE}"},
        "context": draft.context and {"ip": IP, "request_id": None, "user_agent": draft.context.user_agent},
    }  # fmt: skip


def _actor(draft: Draft) -> Any:
    if draft.actor.type != "user":
        return msgspec.to_builtins(draft.actor)
    return {
        "type": "user", "id": f"00000000-0000-0000-0000-0000000000{PERSON_ID}",
        "email": user_email(), "name": f"Person {PERSON}",
    }  # fmt: skip


def as_json(value: Any) -> str:
    return msgspec.json.encode(value).decode()
