"""Writes a story into a tenant's log, through the one door, in the order of its time."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from audit import people, recording
from audit.drafts import Draft
from audit.management.base import OPERATOR
from audit.management.seeding import story
from audit.management.seeding.cast import WORKSPACES, cast_of
from audit.models import Tenant, Workspace

# A batch is recorded at one time, so it reaches back only a little where people look first; older history may look
# like that of a producer which sent twice a day, for the sake of speed.
RECENT = timedelta(days=1)
RECENT_SPAN, SPAN = timedelta(minutes=15), timedelta(hours=12)
BATCH = 1_000
AFTER = timedelta(milliseconds=180)
PRODUCER = "platform"


@dataclass(frozen=True, slots=True)
class Period:
    """From when to when the entries happened."""

    begin: datetime
    end: datetime


def seed(tenant: Tenant, *, entries: int, period: Period, seed: int) -> int:
    """Record `entries` believable entries; returns the last one's sequence, 0 for none.

    A tenant without workspaces is given some first. The same seed on the same members tells the same story.
    """
    rng = random.Random(seed)  # noqa: S311 - a story, no secret
    places = [people.place_of(workspace) for workspace in workspaces_of(tenant, at=period.begin)]
    stage = story.Stage(cast_of(tenant, rng), places)
    told = story.drafts(entries, stage=stage, begin=period.begin, end=period.end, rng=rng)
    last = 0
    for chunk in _chunks(_batches(told, recent=period.end - RECENT)):
        with transaction.atomic():
            for batch in chunk:
                at = min((batch[-1].occurred_at or period.end) + AFTER, period.end)
                receipt = recording.record_many(tenant=tenant, drafts=batch, now=at, producer=PRODUCER)
                last = receipt.last_sequence or last
    return last


def workspaces_of(tenant: Tenant, *, at: datetime) -> list[Workspace]:
    """The tenant's workspaces, oldest first; a tenant without any is given five, made at this moment."""
    standing = list(tenant.workspaces.order_by("created_at"))
    if standing:
        return standing
    by = people.By(OPERATOR, at)
    return [people.create_workspace(tenant=tenant, slug=slug, name=name, by=by) for slug, name in WORKSPACES]


def _batches(drafts: Iterable[Draft], *, recent: datetime) -> Iterator[list[Draft]]:
    """Drafts that are recorded together."""
    batch: list[Draft] = []
    for draft in drafts:
        if batch and (len(batch) == BATCH or _apart(batch[0], draft, recent=recent)):
            yield batch
            batch = []
        batch.append(draft)
    if batch:
        yield batch


def _apart(first: Draft, draft: Draft, *, recent: datetime) -> bool:
    if first.occurred_at is None or draft.occurred_at is None:
        return False
    span = RECENT_SPAN if draft.occurred_at > recent else SPAN
    return draft.occurred_at - first.occurred_at > span


def _chunks(batches: Iterable[list[Draft]]) -> Iterator[list[list[Draft]]]:
    """Batches that are committed together."""
    chunk: list[list[Draft]] = []
    for batch in batches:
        chunk.append(batch)
        if sum(map(len, chunk)) >= BATCH:
            yield chunk
            chunk = []
    if chunk:
        yield chunk
