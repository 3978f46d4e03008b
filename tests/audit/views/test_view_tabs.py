from __future__ import annotations

import pytest
from django.http import QueryDict

from audit import access, saved_views
from audit.models import Membership, Person, SavedView
from audit.views.addresses import Address, tidy
from audit.views.view_tabs import ViewTabs
from tests.entries import NOON

LOG = "/log/"


@pytest.fixture
def membership(ana: Person) -> Membership:
    return access.membership_of(ana, slug="acme")


@pytest.fixture
def view(membership: Membership) -> SavedView:
    may = access.may(membership)
    return saved_views.save(membership, name="Exits", filters="by=a&area=users", now=NOON, may=may)


def tabs(membership: Membership, query: str = "") -> ViewTabs:
    address = tidy(LOG, QueryDict(query))
    found = ViewTabs(membership, address)
    return found.over(found.address)


def test_every_view_is_a_tab_that_leads_to_its_filters(membership: Membership, view: SavedView) -> None:
    shown = [(tab.words, str(tab.href), tab.current) for tab in tabs(membership).tabs]

    assert shown == [
        ("All activity", LOG, True),
        ("Exits", f"{LOG}?view={view.pk}&by=a&area=users", False),
    ]


def test_a_view_is_changed_when_others_filters_are_asked_in_whatever_order(
    membership: Membership, view: SavedView
) -> None:
    same = tabs(membership, f"view={view.pk}&area=users&by=a&entry=7&before=x")
    other = tabs(membership, f"view={view.pk}&area=users&live=1")

    assert [tab.current for tab in same.tabs] == [False, True]
    assert not same.changed
    assert [tab.current for tab in other.tabs] == [False, True]
    assert other.changed
    assert other.filters == "area=users"
    assert str(other.tabs[1].href) == f"{LOG}?live=1&view={view.pk}&by=a&area=users"
    assert tabs(membership, "area=users").changed
    assert not tabs(membership).changed


def test_a_view_without_any_of_its_filters_is_all_activity(membership: Membership, view: SavedView) -> None:
    shown = tabs(membership, f"view={view.pk}&q=")

    assert [tab.current for tab in shown.tabs] == [True, False]
    assert str(shown.address) == f"{LOG}?view=all"


def test_an_address_that_names_only_a_view_leads_to_its_filters(
    membership: Membership, view: SavedView
) -> None:
    def leads_to(query: str) -> str:
        params = QueryDict(query)
        return str(ViewTabs(membership, tidy(LOG, params)).leads_to(params))

    whole = f"{LOG}?view={view.pk}&by=a&area=users"
    assert leads_to(f"view={view.pk}") == whole
    assert leads_to(f"live=1&view={view.pk}") == f"{LOG}?live=1&view={view.pk}&by=a&area=users"
    assert leads_to("") == leads_to(f"view={view.pk}&q=") == leads_to("area=users") == "None"
    saved_views.open_with(membership, view)
    assert leads_to("") == whole
    assert leads_to("view=all") == leads_to("area=users") == leads_to("q=") == "None"


def test_with_a_default_all_activity_is_said_in_every_link(membership: Membership, view: SavedView) -> None:
    saved_views.open_with(membership, view)

    shown = tabs(membership, "area=saml")

    assert str(shown.tabs[0].href) == f"{LOG}?view=all"
    assert str(shown.address.without("area")) == f"{LOG}?view=all"


@pytest.mark.parametrize("wanted", ["no-uuid", "01980000-0000-7000-8000-000000000000", "ALL"])
def test_a_view_that_is_not_theirs_is_not_found(membership: Membership, wanted: str) -> None:
    with pytest.raises(access.NotFound):
        ViewTabs(membership, Address(LOG, kept=(("view", wanted),)))
