"""Who and what a filled log is about: 1,000 tenants with Zipf sizes, the whole vocabulary, rows as COPY takes them.

Entries are made from a few thousand believable ones (those of `seed_demo`), each with an actor, a workspace, an
address and a reference of its own. The canonical bytes and their hashes are real.
"""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import accumulate
from typing import Any
from uuid import UUID

import msgspec
from uuid_utils.compat import uuid7

from audit.canonical import leaf_hash
from audit.drafts import Draft
from audit.management.seeding import cast as casting
from audit.management.seeding import story
from audit.models import Tenant, Workspace

TENANTS, WORKSPACES, PEOPLE, ADDRESSES, TEMPLATES = 1_000, 20, 60, 200, 20_000
ZIPF = 1.2
"""The largest tenant has 23 of 100 entries."""
PARAMETER_BYTES = 300
_sorted = msgspec.json.Encoder(order="deterministic")
_WORDS = [
    *(
        "approved",
        "after",
        "review",
        "by",
        "the",
        "team",
        "on",
        "call",
        "because",
        "the",
        "previous",
        "change",
        "had",
    ),
    *(
        "been",
        "rolled",
        "back",
        "and",
        "nobody",
        "was",
        "affected",
        "while",
        "the",
        "window",
        "lasted",
        "so",
        "that",
    ),
    *("the", "runbook", "step", "could", "be", "closed", "without", "further", "questions", "asked", "today"),
]


@dataclass(slots=True)
class Tenancy:
    """One tenant, and the parts of its entries that repeat, as JSON and as COPY text."""

    tenant: Tenant
    places: list[Workspace]
    told: msgspec.Raw = field(init=False)
    sequence: int = 0

    def __post_init__(self) -> None:
        self.told = _raw({"id": str(self.tenant.pk), "slug": self.tenant.slug, "name": self.tenant.name})


def make_tenants() -> list[Tenancy]:
    """All tenants with their workspaces, written."""
    tenants = [Tenant(slug=f"tenant-{n:04}", name=f"Tenant {n:04}") for n in range(1, TENANTS + 1)]
    Tenant.objects.bulk_create(tenants)
    places = {
        tenant.pk: [
            Workspace(tenant=tenant, slug=f"ws-{n:02}", name=f"Workspace {n:02}")
            for n in range(1, WORKSPACES + 1)
        ]
        for tenant in tenants
    }
    Workspace.objects.bulk_create([one for some in places.values() for one in some], batch_size=5_000)
    return [Tenancy(tenant, places[tenant.pk]) for tenant in tenants]


def templates(tenant: Tenant, *, end: datetime, rng: random.Random) -> list[Draft]:
    """Believable drafts over the whole vocabulary, in no order."""
    places = [story.Place(id=uuid7(), slug=slug, name=name) for slug, name in casting.WORKSPACES]
    stage = story.Stage(casting.cast_of(tenant, rng), places)
    made = list(story.drafts(TEMPLATES, stage=stage, begin=end - timedelta(days=90), end=end, rng=rng))
    rng.shuffle(made)
    return made


class Writer:
    """Makes rows in the order of time; each tenant's sequences count from 1 without a gap."""

    def __init__(self, tenancies: list[Tenancy], drafts: list[Draft], rng: random.Random) -> None:
        self.tenancies, self.drafts, self.rng = tenancies, drafts, rng
        self.weights = list(accumulate(1 / rank**ZIPF for rank in range(1, len(tenancies) + 1)))

    def rows(self, moments: Iterator[datetime], count: int) -> Iterator[str]:
        chosen = self.rng.choices(self.tenancies, cum_weights=self.weights, k=count)
        for tenancy, draft, moment in zip(
            chosen, self.rng.choices(self.drafts, k=count), moments, strict=False
        ):
            tenancy.sequence += 1
            yield self._row(tenancy, draft, moment)

    def _row(self, tenancy: Tenancy, draft: Draft, moment: datetime) -> str:
        random_ = self.rng.random
        place = tenancy.places[int(random_() ** 2 * WORKSPACES)] if draft.workspace else None
        actor = _actor(draft, tenancy.tenant.slug, int(random_() ** 1.6 * PEOPLE))
        ip = f"10.{int(random_() * 4)}.7.{int(random_() * ADDRESSES)}" if draft.context else None
        parameters = _padded(draft.parameters, random_)
        at = moment.isoformat(timespec="microseconds").replace("+00:00", "Z")
        document = _document(tenancy, draft, actor, parameters, at)
        document |= {
            "workspace": place and {"id": str(place.pk), "slug": place.slug, "name": place.name},
            "context": ip and {"ip": ip, "request_id": None, "user_agent": draft.context.user_agent},  # type: ignore[union-attr] # an ip comes of it
        }
        return _line(tenancy, draft, document, place, ip)


def _actor(draft: Draft, slug: str, number: int) -> dict[str, str]:
    if draft.actor.type != "user":
        return msgspec.to_builtins(draft.actor)  # type: ignore[no-any-return] # a struct makes a dict
    email = f"person{number:02}@{slug}.example"
    return {"type": "user", "id": str(UUID(int=number + 1)), "email": email, "name": f"Person {number:02}"}


def _padded(parameters: dict[str, Any], random_: Any) -> dict[str, Any]:
    """With a reference that no other entry has, and as long as parameters usually are."""
    told = {**parameters, "reference": f"ref{int(random_() * 10**12):012}"}
    lacking = PARAMETER_BYTES - len(str(told)) - 10
    if lacking > 0:
        begin = int(random_() * 20)
        told["note"] = " ".join(_WORDS[begin:] + _WORDS)[:lacking]
    return told


def _document(
    tenancy: Tenancy, draft: Draft, actor: dict[str, str], parameters: dict[str, Any], at: str
) -> dict[str, Any]:
    event = draft.event
    return {
        "schema": 1, "id": str(uuid7()), "sequence": tenancy.sequence, "tenant": tenancy.told,
        "event": event.code, "action": event.label, "area": event.area.label, "category": event.category.label,
        "actor": actor, "parameters": parameters, "details": draft.details,
        "target": draft.target and msgspec.to_builtins(draft.target), "outcome": draft.outcome,
        "occurred_at": at, "recorded_at": at, "producer": "platform", "external_id": None,
    }  # fmt: skip


def _line(
    tenancy: Tenancy, draft: Draft, document: dict[str, Any], place: Workspace | None, ip: str | None
) -> str:
    """The row in COPY's text format, with the columns of `audit.recording`."""
    body, salt = _sorted.encode(document), os.urandom(16)
    event, actor = draft.event, document["actor"]
    done_by = draft.actor.done_by if draft.actor.type != "user" else actor["email"]
    cells = (
        document["id"], str(tenancy.tenant.pk), str(document["sequence"]), event.code, event.area.code,
        event.category.value, event.label, str(place.pk) if place else None, place.name if place else "", done_by,
        actor["type"], actor["id"], actor["email"], actor["name"], _json(document["parameters"]), draft.details,
        _json(document["target"]) if document["target"] else None, draft.outcome, ip,
        document["occurred_at"], document["recorded_at"], "platform", None,
        "\\x" + body.hex(), "\\x" + salt.hex(), "\\x" + leaf_hash(salt, body).hex(),
    )  # fmt: skip
    return "\t".join("\\N" if cell is None else _escaped(cell) for cell in cells) + "\n"


def _escaped(text: str) -> str:
    if "\\" in text:
        text = text.replace("\\", "\\\\")
    return text if text.isprintable() else text.replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()


def _raw(value: Any) -> msgspec.Raw:
    return msgspec.Raw(_sorted.encode(value))
