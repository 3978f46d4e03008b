"""What few kinds of entries tell about many entries."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from audit import queries
from audit.catalog.kinds import Category, Event
from audit.catalog.lookup import CATALOG
from audit.drafts import Draft
from audit.filters import filtered
from audit.models import AuditEntry, Tenant, Workspace
from audit.models.entries import EntryQuerySet
from audit.narrowing import narrowed
from audit.recording import record
from tests.entries import NOON, draft, make_entry


def asked(tenant: Tenant, **params: Any) -> EntryQuerySet:
    given = {name.replace("not_", "not."): values for name, values in params.items()}
    return filtered(queries.readable(tenant), given, tenant=tenant, now=NOON)


def sql(entries: EntryQuerySet) -> str:
    return str(entries.query).partition(" WHERE ")[2]


def test_filters_that_have_no_kind_in_common_find_nothing_and_read_no_entry(acme: Tenant) -> None:
    make_entry(acme, "users.user_logged_in")
    make_entry(acme, "workflows.workflow_published")

    with CaptureQueriesContext(connection) as done:
        page = queries.page(asked(acme, area=["users"], action=["workflows.workflow_published"]))

    assert page == queries.Page([], None, None)
    assert [one["sql"] for one in done.captured_queries if 'FROM "audit_auditentry"' in one["sql"]] == []


def test_a_filter_that_all_entries_of_its_events_keep_is_asked_by_event_alone(acme: Tenant) -> None:
    shown = make_entry(acme, "users.user_logged_in")
    make_entry(acme, "workflows.workflow_published")

    found = narrowed(asked(acme, area=["users"], by=["ana@acme.example"]))

    assert list(found) == [shown]
    assert '"event" IN (users.user_logged_in)' in sql(found)
    assert '"area"' not in sql(found)
    assert '"done_by"' in sql(found)


def test_a_filter_that_only_some_entries_of_an_event_keep_stays(acme: Tenant) -> None:
    make_entry(acme, outcome="success")
    failed = make_entry(acme, outcome="failure")
    make_entry(acme, "users.user_logged_in")

    found = narrowed(asked(acme, outcome=["failure"]))

    assert list(found) == [failed]
    assert '"event" IN (workflows.workflow_published)' in sql(found)
    assert '"outcome"' in sql(found)


def test_an_event_that_was_in_another_category_once_is_found_in_both(acme: Tenant) -> None:
    now = make_entry(acme, "workflows.workflow_published")
    event = CATALOG.event("workflows.workflow_published")
    once = Event(
        event.code, event.label, Category.SETTING_UPDATES, event.area, event.parameters, event.description
    )
    record(tenant=acme, draft=Draft(event=once, actor=draft().actor), now=NOON)

    for category, sequences in ((event.category.value, [now.sequence]), ("setting_updates", [2])):
        found = narrowed(asked(acme, category=[category]))
        assert list(found.values_list("sequence", flat=True)) == sequences


def test_an_event_that_happens_in_no_workspace_is_not_looked_for_in_one(acme: Tenant, soc: Workspace) -> None:
    alone = make_entry(acme, "users.user_logged_in")
    placed = make_entry(acme, workspace=soc)

    def found(**params: Any) -> list[AuditEntry]:
        return list(narrowed(asked(acme, **params)))

    assert found(workspace=["soc"], area=["users"]) == []
    assert found(workspace=["none"], area=["users"]) == [alone]
    assert found(workspace=["none", "soc"], not_area=["users"]) == [placed]
    assert found(not_workspace=["none"], area=["users", "workflows"]) == [placed]
    assert found(not_workspace=["soc"], area=["users", "workflows"]) == [alone]


def test_what_is_added_to_a_question_is_not_lost(acme: Tenant) -> None:
    make_entry(acme, by="ana@acme.example")
    mine = make_entry(acme, by="bob@acme.example")
    entries = asked(acme, area=["workflows"])

    assert list(narrowed(entries.filter(done_by="bob@acme.example"))) == [mine]
    assert list(narrowed(entries.exclude(done_by="ana@acme.example"))) == [mine]
    assert list(narrowed(entries.none())) == []
    assert narrowed(entries.defer("body")).first().get_deferred_fields() == {"body"}  # type: ignore[union-attr] # there are two


@pytest.mark.parametrize("params", [{"by": ["ana@acme.example"]}, {"workspace": ["none"]}, {"q": ["x"]}])
def test_what_no_kind_tells_is_asked_as_it_is(acme: Tenant, params: dict[str, Any]) -> None:
    entries = asked(acme, **params)

    assert narrowed(entries) is entries
