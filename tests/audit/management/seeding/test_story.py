"""The story: the same for the same seed, and drafts that the log takes."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

from audit import people
from audit.drafts import Draft
from audit.management.seeding import story
from audit.management.seeding.cast import cast_of
from audit.models import Person, Tenant, Workspace

END = datetime(2026, 11, 24, 12, tzinfo=UTC)


def tell(tenant: Tenant, workspace: Workspace, *, count: int, seed: int) -> list[Draft]:
    rng = random.Random(seed)
    stage = story.Stage(cast_of(tenant, rng), [people.place_of(workspace)])
    return list(story.drafts(count, stage=stage, begin=END - timedelta(days=30), end=END, rng=rng))


def test_the_same_seed_tells_the_same_story(acme: Tenant, soc: Workspace) -> None:
    assert tell(acme, soc, count=200, seed=3) == tell(acme, soc, count=200, seed=3)
    assert tell(acme, soc, count=200, seed=3) != tell(acme, soc, count=200, seed=4)


def test_every_draft_can_be_recorded(acme: Tenant, soc: Workspace) -> None:
    for draft in tell(acme, soc, count=2_000, seed=1):
        draft.check()


def test_most_happens_in_office_hours(acme: Tenant, soc: Workspace) -> None:
    moments = [draft.occurred_at for draft in tell(acme, soc, count=2_000, seed=1)]

    working = [m for m in moments if m and m.weekday() < 5 and 7 <= m.hour <= 17]
    assert len(working) / len(moments) > 0.75


def test_who_only_reads_changes_nothing(acme: Tenant, soc: Workspace, vic: Person) -> None:
    mine = [draft for draft in tell(acme, soc, count=5_000, seed=1) if draft.actor.email == vic.email]

    assert mine
    assert {draft.event.area.code for draft in mine} <= {"users", "cases", "approval_management"}


def test_a_single_entry_is_a_story_too(acme: Tenant, soc: Workspace) -> None:
    [draft] = tell(acme, soc, count=1, seed=1)

    assert END - timedelta(days=30) <= (draft.occurred_at or END) <= END
