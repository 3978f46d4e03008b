from __future__ import annotations

import pytest
from django.utils.datastructures import MultiValueDict

from audit import queries
from audit.filters import AuditEntryFilter, typed
from audit.filters.options import Scope
from audit.grammar import SearchError
from audit.models import Tenant, Workspace
from tests.entries import NOON

FILTERS = AuditEntryFilter.base_filters


@pytest.fixture
def scope(acme: Tenant, soc: Workspace) -> Scope:  # noqa: ARG001 - there is a workspace to be named
    return Scope(acme, queries.readable(acme), NOON)


def split(text: str, scope: Scope) -> tuple[str, list[tuple[str, str]]]:
    return typed.split(text, filters=FILTERS, scope=scope)


@pytest.mark.parametrize(
    ("text", "pairs"),
    [
        ('category:"User actions"', [("category", "user_actions")]),
        ("-category:USER_ACTIONS", [("not.category", "user_actions")]),
        ('area:"Tenant admin settings"', [("area", "tenant_admin_settings")]),
        ('action:"workflow published"', [("action", "workflows.workflow_published")]),
        ("event:workflows.workflow_published", [("action", "workflows.workflow_published")]),
        ('action:"Field created (Tables)"', [("action", "tables.field_created")]),
        ("workspace:SOC -workspace:tenant", [("workspace", "soc"), ("not.workspace", "none")]),
        (
            'outcome:failure actor_type:"Service account"',
            [("outcome", "failure"), ("actor_type", "service_account")],
        ),
        ('range:"last 7 days" by:Ana', [("range", "7d"), ("by", "Ana")]),
        ("category:nonsense", [("category", "nonsense")]),
        ("p.version:7 -p.version:8", [("p.version", "7"), ("not.p.version", "8")]),
        ("occurred:2026-11-01..2026-11-05", [("from", "2026-11-01"), ("to", "2026-11-05")]),
        ("occurred:2026-11-01..", [("from", "2026-11-01")]),
        ("occurred:..2026-11-05T10:15", [("to", "2026-11-05T10:15")]),
        ("occurred:2026-11-01", [("from", "2026-11-01"), ("to", "2026-11-01")]),
        ("occurred:24h", [("range", "24h")]),
        ("by:x done_by:x", [("by", "x")]),
    ],
)
def test_values_are_found_by_what_the_page_calls_them(
    scope: Scope, text: str, pairs: list[tuple[str, str]]
) -> None:
    assert split(text, scope) == ("", pairs)


def test_a_label_of_two_areas_means_both_events(scope: Scope) -> None:
    assert split('action:"Field created" x', scope) == (
        "x", [("action", "case_related_tables.field_created"), ("action", "tables.field_created")],
    )  # fmt: skip


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("search:xy", "“search” is no filter"),
        ("limit:5", "is no filter"),
        ("-occurred:7d", "cannot be excluded"),
        ("occurred:..", "Write occurred:2026-11-01..2026-11-05"),
        ("categry:x", "Did you mean “category:”?"),
        ("workflow_name:x", "Did you mean “p.workflow_name:”?"),
    ],
)
def test_what_is_no_condition_is_refused(scope: Scope, text: str, words: str) -> None:
    with pytest.raises(SearchError, match=words.replace("?", r"\?")):
        split(text, scope)


def test_every_filter_is_named_to_who_gives_a_wrong_one(scope: Scope) -> None:
    with pytest.raises(SearchError) as refused:
        split("colour:red", scope)

    said = str(refused.value).partition("There are: ")[2].partition(". To")[0].split(", ")
    assert said == [*(name for name in FILTERS if name != "q" and "not." not in name), "occurred", "p.<key>"]


def test_conditions_are_added_to_what_stands_beside_the_search(scope: Scope) -> None:
    given = MultiValueDict({"q": ["by:b triage"], "by": ["a"]})

    moved = typed.moved(given, FILTERS, scope)

    assert dict(moved.lists()) == {"q": ["triage"], "by": ["a", "b"]}
    assert dict(given.lists()) == {"q": ["by:b triage"], "by": ["a"]}


def test_a_search_that_is_too_long_is_left_to_be_refused_as_a_whole(scope: Scope) -> None:
    given = MultiValueDict({"q": ["by:b " + "x" * 500]})

    assert typed.moved(given, FILTERS, scope) == given
