"""Entries going in become drafts of the key's tenant."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from audit.api.drafting import draft_all
from audit.api.shapes import EntryIn
from audit.drafts import Actor, Context, DraftRefused, Place, Problem, Target
from audit.models import Tenant, Workspace

ANA = Actor(email="ana@acme.example")
SHARED = "cases.case_shared"


def _refused(items: list[EntryIn | list[Problem]], tenant: Tenant) -> list[tuple[str, str]]:
    with pytest.raises(DraftRefused) as refused:
        draft_all(items, tenant=tenant)
    return [(problem.loc, problem.type) for problem in refused.value.problems]


def test_a_draft_has_all_that_the_entry_had(acme: Tenant, soc: Workspace) -> None:
    given = EntryIn(
        SHARED, ANA, workspace="soc", target=Target("case", "1"), context=Context(ip="203.0.113.7")
    )

    [made] = draft_all([given], tenant=acme)

    assert made.event.code == SHARED
    assert made.workspace == Place(soc.pk, "soc", "SOC")
    assert made.target is not None
    assert made.context is not None
    assert (made.target.id, made.context.ip, made.actor.email) == ("1", "203.0.113.7", "ana@acme.example")


def test_without_workspaces_the_database_is_not_asked(acme: Tenant) -> None:
    with CaptureQueriesContext(connection) as asked:
        draft_all([EntryIn(SHARED, ANA)] * 10, tenant=acme)

    assert len(asked) == 0


def test_a_workspace_whose_slug_looks_like_another_ones_id_is_found_by_slug(
    acme: Tenant, soc: Workspace
) -> None:
    odd = Workspace.objects.create(tenant=acme, slug=str(soc.pk), name="Odd")

    [made] = draft_all([EntryIn(SHARED, ANA, workspace=str(soc.pk))], tenant=acme)

    assert made.workspace == Place(odd.pk, odd.slug, "Odd")


def test_problems_come_in_the_order_of_the_items_also_those_of_good_looking_ones(acme: Tenant) -> None:
    items: list[EntryIn | list[Problem]] = [
        EntryIn(SHARED, ANA, details="\x00"),
        EntryIn(SHARED, ANA),
        [Problem("/event", "is missing", "missing")],
        EntryIn(SHARED, Actor()),
        EntryIn("nothing.like_it", ANA, workspace="nowhere"),
    ]

    assert _refused(items, acme) == [
        ("/0/details", "nul_character"),
        ("/2/event", "missing"),
        ("/3/actor", "actor_missing"),
        ("/4/event", "event_unknown"),
        ("/4/workspace", "workspace_unknown"),
    ]
