from __future__ import annotations

from django.http import QueryDict

from audit import queries
from audit.facets import Counted
from audit.filters import AuditEntryFilter
from audit.filters.kinds import EntryFilter
from audit.models import Tenant, Workspace
from audit.views.addresses import tidy
from audit.views.menus import Choice, counted, given_of, menu
from tests.entries import NOON

LOG = "/t/acme/audit-log/"


def named(tenant: Tenant, name: str) -> EntryFilter:
    return AuditEntryFilter({}, queryset=queries.readable(tenant), tenant=tenant, now=NOON).named(name)


def shown(choices: list[Choice]) -> list[tuple[str, bool, str]]:
    return [(choice.label, choice.chosen, choice.count) for choice in choices]


def test_what_is_given_stands_first_then_what_is_frequent(acme: Tenant) -> None:
    found = Counted([("user_actions", 1204), ("setting_updates", 3)], 1207, complete=True)

    choices = counted(
        "category",
        named(acme, "category"),
        found,
        given=["system_configuration"],
        asked=["system_configuration"],
    )

    assert shown(choices) == [
        ("System configuration", True, "0"),
        ("User actions", False, "1,204"),
        ("Setting updates", False, "3"),
    ]


def test_counts_of_a_part_are_at_least_and_what_was_not_counted_has_none(acme: Tenant) -> None:
    found = Counted([("ana", 10_000)], 10_000, complete=False)

    choices = counted("by", named(acme, "by"), found, given=["bob"], asked=["bob"])

    assert shown(choices) == [("bob", True, ""), ("ana", False, "10,000+")]


def test_a_workspace_is_asked_for_by_its_slug_and_one_that_is_gone_by_its_id(
    acme: Tenant, soc: Workspace
) -> None:
    found = Counted([(None, 3), (str(soc.pk), 2), (str(acme.pk), 1)], 6, complete=True)

    choices = counted("workspace", named(acme, "workspace"), found, given=[])

    assert [choice.value for choice in choices] == ["none", "soc", str(acme.pk)]
    assert [choice.label for choice in choices] == ["Tenant (no workspace)", soc.name, str(acme.pk)]


def test_a_choice_keeps_its_id_wherever_it_stands() -> None:
    one, same, other = (
        Choice("by", value, "x", chosen=on) for value, on in (("a b", True), ("a b", False), ("ab", True))
    )

    assert one.id == same.id != other.id
    assert " " not in one.id


def test_a_menu_holds_what_is_asked_for_or_else_what_is_left_out(acme: Tenant) -> None:
    address = tidy(LOG, QueryDict("by=x&not.by=y&not.area=users&before=1"))

    assert given_of("by", address) == (["x"], False)
    assert given_of("area", address) == (["users"], True)
    assert given_of("action", address) == ([], False)
    assert str(menu("by", named(acme, "by"), address).clear) == f"{LOG}?not.area=users&before=1"
