from __future__ import annotations

from django.http import QueryDict

from audit import queries
from audit.filters import AuditEntryFilter
from audit.filters.kinds import ManyFilter
from audit.models import Tenant, Workspace
from audit.views.addresses import Address, tidy
from audit.views.filter_bar import FilterBar
from audit.views.menus import Menu
from tests.entries import NOON, make_entry

LOG = "/t/acme/audit-log/"


def bar(tenant: Tenant, query: str) -> FilterBar:
    address = tidy(LOG, QueryDict(query))
    filters = AuditEntryFilter(
        QueryDict(address.query), queryset=queries.readable(tenant), tenant=tenant, now=NOON
    )
    return FilterBar(filters, address)


def menu(shown: FilterBar, name: str) -> Menu:
    return next(one for one in [*shown.menus, *shown.more] if one.name == name)


def chosen(one: Menu) -> list[str]:
    return [choice.label for choice in one.chosen]


def test_every_column_has_its_filter_in_the_bar(acme: Tenant) -> None:
    assert [one.label for one in bar(acme, "").menus] == [
        "Category",
        "Area",
        "Action",
        "Workspace",
        "Done by",
    ]
    assert [one.name for one in bar(acme, "").more] == [
        "details", "target", "ip", "request", "outcome", "actor_type", "id",
    ]  # fmt: skip


def test_what_is_chosen_is_marked_counted_and_cleared(acme: Tenant, soc: Workspace) -> None:
    shown = bar(acme, "workspace=soc&workspace=none&by=x")

    one = menu(shown, "workspace")

    assert chosen(one) == [soc.name, "Tenant (no workspace)"]
    assert one.count == 2
    assert str(one.clear) == f"{LOG}?by=x"


def test_a_menu_of_what_is_left_out_says_so(acme: Tenant) -> None:
    shown = bar(acme, "not.by=nobody@acme.example&category=user_actions&not.category=setting_updates")

    assert (menu(shown, "by").turned, chosen(menu(shown, "by"))) == (True, ["nobody@acme.example"])
    assert (menu(shown, "category").turned, chosen(menu(shown, "category"))) == (False, ["User actions"])
    assert shown.hidden == [("not.category", "setting_updates")]


def test_the_few_values_of_a_filter_under_more_are_all_there(acme: Tenant) -> None:
    one = menu(bar(acme, "outcome=failure"), "outcome")

    assert [(choice.label, choice.chosen) for choice in one.choices] == [
        ("Success", False), ("Failure", True), ("Unknown", False),
    ]  # fmt: skip


def test_chips_say_filters_in_words_but_for_the_time(acme: Tenant, soc: Workspace) -> None:
    shown = bar(acme, "q=a+b&range=7d&workspace=soc&not.action=cases.case_shared&p.version=7")

    assert [(chip.label, chip.op, chip.words) for chip in shown.chips] == [
        ("Search", "contains", "a b"), ("Workspace", "is", soc.name), ("Action", "is not", "Case shared"),
        ("version", "is", "7"),
    ]  # fmt: skip
    assert shown.time_label == "Last 7 days"


def test_a_chip_is_turned_round_where_it_stands(acme: Tenant) -> None:
    shown = bar(acme, "q=z&by=x&category=user_actions&not.p.version=7")

    assert [(str(chip.turn), chip.other_op) for chip in shown.chips[1:]] == [
        (f"{LOG}?q=z&not.by=x&category=user_actions&not.p.version=7", "is not"),
        (f"{LOG}?q=z&by=x&not.category=user_actions&not.p.version=7", "is not"),
        (f"{LOG}?q=z&by=x&category=user_actions&p.version=7", "is"),
    ]
    assert shown.chips[0].turn is None


def test_chips_say_what_is_left_out(acme: Tenant) -> None:
    shown = bar(acme, "not.p.version=7&not.details=dry&not.outcome=failure&not.target=C-12")

    assert [(chip.label, chip.op, chip.words) for chip in shown.chips] == [
        ("version", "is not", "7"), ("Details", "does not contain", "dry"), ("Outcome", "is not", "Failure"),
        ("Target (type, id or name)", "is not", "C-12"),
    ]  # fmt: skip


def test_what_is_still_being_typed_has_no_chip_of_its_own(acme: Tenant) -> None:
    shown = bar(acme, "q=by:ana+ip:x")

    assert [(chip.label, chip.words) for chip in shown.chips] == [("Search", "by:ana ip:x")]
    assert menu(shown, "by").given == []
    [(label, _, without)] = shown.problems
    assert (label, without) == ("IP address or range", Address(LOG))


def test_what_has_no_field_travels_hidden(acme: Tenant) -> None:
    shown = bar(acme, "range=7d&by=x&not.by=y&not.ip=z&p.version=7&q=z&before=1")

    assert shown.hidden == [("range", "7d"), ("not.by", "y"), ("p.version", "7")]
    assert "before" not in str(shown.address)


def test_more_filters_are_counted_and_cleared_together(acme: Tenant) -> None:
    shown = bar(acme, "outcome=failure&not.ip=203.0.113.7&p.version=7&not.p.version=8&by=x&not.by=y")

    assert shown.more_count == 4
    assert str(shown.clear_more) == f"{LOG}?by=x&not.by=y"


def test_problems_come_with_a_way_out(acme: Tenant) -> None:
    assert bar(acme, "by=x").problems == []
    [(label, reason, without)] = bar(acme, "ip=x&by=x").problems

    assert (label, without) == ("IP address or range", Address(LOG, (("by", "x"),)))
    assert "is no address" in reason


def test_a_further_filter_is_one_attribute(acme: Tenant) -> None:
    """What docs/adding-a-filter.md promises."""

    class Wider(AuditEntryFilter):
        producer = ManyFilter("producer", label="Producer", menu="bar")

    make_entry(acme)
    query = QueryDict("not.producer=auditsite")
    filters = Wider(query, queryset=queries.readable(acme), tenant=acme, now=NOON)
    shown = FilterBar(filters, tidy(LOG, query))

    assert chosen(menu(shown, "producer")) == ["auditsite"]
    assert filters.named("producer").counted
    assert [(chip.label, chip.op, chip.words) for chip in shown.chips] == [
        ("Producer", "is not", "auditsite")
    ]
    assert list(filters.found) == []
