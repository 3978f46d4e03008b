"""The most frequent values, with counts."""

from __future__ import annotations

import pytest

from audit import drafts, facets, queries
from audit.facets import Counted
from audit.filters import filtered
from audit.models import Tenant, Workspace
from tests.entries import NOON, make_entry

WORKFLOW, CASE, LOGIN = "workflows.workflow_published", "cases.case_shared", "users.user_logged_in"


def test_values_are_counted_the_most_frequent_first(acme: Tenant, globex: Tenant) -> None:
    for event in (CASE, LOGIN, LOGIN):
        make_entry(acme, event)
    make_entry(globex, WORKFLOW)

    found = facets.of_column(queries.readable(acme), "event")

    assert found == Counted([(LOGIN, 2), (CASE, 1)], 3, complete=True)


def test_ten_are_shown_and_those_that_are_chosen_as_well(acme: Tenant) -> None:
    for number in range(12):
        for _ in range(2 if number < 10 else 1):
            make_entry(acme, by=f"person{number:02}@acme.example")

    names = [name for name, _ in facets.of_column(queries.readable(acme), "done_by").values]
    assert names == [f"person{number:02}@acme.example" for number in range(10)]

    chosen = facets.of_column(queries.readable(acme), "done_by", also=["person11@acme.example", "nobody"])
    assert chosen.values[0] == ("person11@acme.example", 1)
    assert {name for name, _ in chosen.values} > set(names)


def test_a_long_log_is_counted_in_its_latest_entries_and_says_so(
    acme: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    for event in (CASE, LOGIN, LOGIN):
        make_entry(acme, event)
    monkeypatch.setattr(facets, "LATEST", 2)

    assert facets.of_column(queries.readable(acme), "event") == Counted([(LOGIN, 2)], 2, complete=False)


def test_the_tenant_as_a_whole_is_a_workspace_and_no_address_is_none(acme: Tenant, soc: Workspace) -> None:
    make_entry(acme, workspace=soc)
    make_entry(acme)

    places = facets.of_column(queries.readable(acme), "workspace_id")
    addresses = facets.of_column(queries.readable(acme), "ip")

    assert sorted(places.values, key=str) == sorted([(str(soc.pk), 1), (None, 1)], key=str)
    assert addresses == Counted([], 2, complete=True)


def test_an_address_is_written_without_its_length(acme: Tenant) -> None:
    make_entry(acme, context=drafts.Context(ip="203.0.113.7"))

    assert facets.of_column(queries.readable(acme), "ip").values == [("203.0.113.7", 1)]


def test_text_is_found_within_values_whatever_its_case_and_signs(acme: Tenant) -> None:
    for by in ("ana_b@acme.example", "anaXb@acme.example", "ÜMIT"):
        make_entry(acme, by=by)
    entries = queries.readable(acme)

    assert [name for name, _ in facets.of_column(entries, "done_by", find="A_b").values] == [
        "ana_b@acme.example"
    ]
    assert [name for name, _ in facets.of_column(entries, "done_by", find="ümi").values] == ["ÜMIT"]
    assert facets.of_column(entries, "done_by", find="%").values == []


def test_values_of_a_parameter_are_counted_as_they_are_written(acme: Tenant) -> None:
    for parameters in (
        {"version": 7}, {"version": "7"}, {"version": True}, {"version": [1]}, {"version": {"a": 1}},
        {"version": None}, {"7": "x"}, {},
    ):  # fmt: skip
        make_entry(acme, parameters=parameters)
    entries = queries.readable(acme)

    assert facets.of_parameter(entries, "version") == Counted([("7", 2), ("true", 1)], 8, complete=True)
    assert facets.of_parameter(entries, "7").values == [("x", 1)]
    assert facets.of_parameter(entries, "version", find="TR").values == [("true", 1)]


def test_filters_hold_also_those_that_kinds_tell(acme: Tenant) -> None:
    make_entry(acme, CASE, by="ana@acme.example")
    make_entry(acme, LOGIN, by="bob@acme.example")

    def people(**params: list[str]) -> Counted:
        return facets.of_column(filtered(queries.readable(acme), params, tenant=acme, now=NOON), "done_by")

    assert people(area=["users"]).values == [("bob@acme.example", 1)]
    assert people(area=["users"], category=["setting_updates"]) == facets.NOTHING
    assert people(q=["shared"]).values == [("ana@acme.example", 1)]


def test_whoever_did_something_ever_is_found_by_a_part_of_the_name(acme: Tenant, globex: Tenant) -> None:
    for tenant, by in (
        (acme, "ana@acme.example"),
        (acme, "Bot 7"),
        (acme, "ana@acme.example"),
        (globex, "Bot 8"),
    ):
        make_entry(tenant, by=by)

    assert facets.people(acme, "bot") == ["Bot 7"]
    assert facets.people(acme, "A") == ["ana@acme.example"]
    assert facets.people(acme, "%") == []
