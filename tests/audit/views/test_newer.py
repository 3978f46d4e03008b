from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from audit import queries
from audit.models import AuditEntry, Person, Tenant, Workspace
from audit.views.addresses import Address
from audit.views.newer import watch
from tests.audit.views.reading import LOG, LogPage, read
from tests.entries import make_entry

NEWER = f"{LOG}newer/"


@pytest.fixture
def browser(client: Client, ana: Person) -> Client:
    """Ana's browser."""
    client.force_login(ana)
    return client


def asks(page: LogPage) -> str:
    """What the page asks every five seconds; empty where it asks nothing."""
    found = re.search(r'id="newer"[^>]*hx-get="([^"]+)"', page.html)
    return found[1].replace("&amp;", "&") if found else ""


def test_a_page_asks_for_what_its_filters_find_after_its_last_entry(
    browser: Client, acme: Tenant, soc: Workspace
) -> None:
    make_entry(acme)
    asked = asks(read(browser, f"{LOG}?area=cases&live=1"))
    assert asked == f"{NEWER}?live=1&area=cases&than=1"
    assert browser.get(asked).status_code == 204

    make_entry(acme)
    make_entry(acme, "cases.case_shared", workspace=soc)
    make_entry(acme, "cases.case_exported")

    link = LogPage(browser.get(asked).content.decode()).link("2 new entries")
    assert link == f"{LOG}?live=1&area=cases&since=1"
    page = read(browser, link)
    assert len(page.rows) == 2
    assert page.html.count('class="is-new"') == 2
    assert asks(page) == f"{NEWER}?live=1&area=cases&than=4"


def test_only_what_is_new_is_marked(browser: Client, acme: Tenant) -> None:
    make_entry(acme)
    make_entry(acme)

    page = read(browser, f"{LOG}?since=1")

    assert len(page.rows) == 2
    assert page.html.count('class="is-new"') == 1
    assert "is-new" not in read(browser, f"{LOG}?since=x").html
    assert "since" not in page.link("Live tail")


def test_an_entry_that_is_on_the_page_already_is_not_announced(acme: Tenant) -> None:
    """The head was read when the request began; what was committed meanwhile may stand in the table."""
    for _ in range(3):
        make_entry(acme)
    acme.log_head.last_sequence = 1

    found = watch(acme, Address(LOG), page=queries.page(AuditEntry.objects.of(acme)))

    assert found.href == f"{NEWER}?than=3"


@pytest.mark.parametrize("query", ["colour=red", "q=before:2020"])
def test_nothing_is_announced_where_filters_cannot_be_used(browser: Client, query: str) -> None:
    assert asks(read(browser, f"{LOG}?{query}")) == ""


def test_older_pages_announce_nothing(browser: Client, acme: Tenant) -> None:
    for _ in range(51):
        make_entry(acme)
    first = read(browser)

    assert asks(first) != ""
    assert asks(read(browser, first.link("Older"))) == ""


def test_a_log_without_entries_waits_for_its_first(browser: Client, acme: Tenant) -> None:
    asked = asks(read(browser))

    assert asked == f"{NEWER}?than=0"
    make_entry(acme)
    assert "1 new entry" in browser.get(asked).content.decode()


def test_a_viewer_hears_of_their_workspaces_only(
    client: Client, vic: Person, acme: Tenant, soc: Workspace, lab: Workspace
) -> None:
    client.force_login(vic)
    make_entry(acme, workspace=lab)
    make_entry(acme)

    assert client.get(f"{NEWER}?than=0").status_code == 204
    make_entry(acme, workspace=soc)
    assert "1 new entry" in client.get(f"{NEWER}?than=0").content.decode()


def test_another_tenants_number_is_not_found(browser: Client, globex: Tenant) -> None:
    make_entry(globex)

    assert browser.get("/t/globex/audit-log/newer/?than=0").status_code == 404


@pytest.mark.parametrize("query", ["", "than=-1", "than=x", "than=" + "9" * 19, "than=0&colour=red"])
def test_what_cannot_be_counted_is_refused_in_words(browser: Client, query: str) -> None:
    answer = browser.get(f"{NEWER}?{query}")

    assert answer.status_code == 400
    assert answer.content


def test_who_was_signed_out_is_told_and_no_longer_asked(client: Client, acme: Tenant) -> None:  # noqa: ARG001 - is there
    answer = client.get(f"{NEWER}?area=cases&than=0")

    assert answer.status_code == 286
    link = LogPage(answer.content.decode()).link("You were signed out. Sign in")
    assert link == f"/accounts/login/?next={'%2Ft%2Facme%2Faudit-log%2F%3Farea%3Dcases'}"


def test_live_mode_is_a_link_and_stays_in_the_address(browser: Client, acme: Tenant) -> None:
    for _ in range(51):
        make_entry(acme)
    on = read(browser).link("Live tail")

    page = read(browser, on)

    assert on == f"{LOG}?live=1"
    assert page.link("Live, turn live tail off") == LOG
    assert "live=1" in page.link("Older")
    assert '<meta http-equiv="refresh" content="15">' in page.html
    for still in (page.link("Older"), f"{LOG}?live=1&entry={page.entries[0]}", LOG):
        assert "http-equiv" not in read(browser, still).html


def test_what_loads_by_itself_leaves_the_way_back_as_it_was(browser: Client) -> None:
    headers = {"HX-Request": "true"}

    loaded = browser.get(f"{LOG}?area=cases&since=3", headers=headers)
    filtered = browser.get(f"{LOG}?area=cases", headers=headers)

    assert filtered["HX-Push-Url"] == f"{LOG}?area=cases"
    assert not {"HX-Push-Url", "HX-Replace-Url"} & set(loaded.headers)


def test_announcing_costs_the_log_no_question(browser: Client, acme: Tenant) -> None:
    make_entry(acme)

    with CaptureQueriesContext(connection) as asked:
        read(browser)

    heads = [one["sql"] for one in asked.captured_queries if "audit_loghead" in one["sql"]]
    assert len(heads) == 1
    assert "audit_membership" in heads[0]
