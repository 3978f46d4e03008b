"""What menus offer: asked for when they are opened."""

from __future__ import annotations

import re
from html import unescape

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from audit import facets, queries
from audit.models import AuditEntry, Person, Tenant, Workspace
from audit.views.facets import keys
from tests.audit.views.reading import LOG
from tests.entries import make_entry

WORKFLOW, CASE, LOGIN = "workflows.workflow_published", "cases.case_shared", "users.user_logged_in"
HTMX = {"HX-Request": "true"}
_CHOICE = re.compile(
    r'<input class="check pick"[^>]* name="([^"]*)" value="([^"]*)"( checked)?.*?</div>', re.DOTALL
)


@pytest.fixture
def browser(client: Client, ana: Person) -> Client:
    """Ana's browser."""
    client.force_login(ana)
    return client


def offered(client: Client, name: str, query: str = "") -> list[tuple[str, str, bool, str]]:
    """Name, value, whether it is ticked, and count of each choice of the list."""
    response = client.get(f"{LOG}values/{name}/?{query.replace('find=', f'find.{name}=')}", headers=HTMX)
    assert response.status_code == 200
    html = response.content.decode()
    assert "<html" not in html
    return [
        (
            found[1],
            unescape(found[2]),
            bool(found[3]),
            (re.findall(r"[\d,]+\+?(?=<span)", found[0]) or [""])[0],
        )
        for found in _CHOICE.finditer(html)
    ]


def values(client: Client, name: str, query: str = "") -> dict[str, str]:
    return {value: count for _, value, _, count in offered(client, name, query)}


def test_values_come_with_counts_under_the_other_filters(browser: Client, acme: Tenant) -> None:
    for event, by in ((CASE, "ana@acme.example"), (LOGIN, "ana@acme.example"), (LOGIN, "bob@acme.example")):
        make_entry(acme, event, by=by)

    assert values(browser, "action") == {LOGIN: "2", CASE: "1"}
    assert values(browser, "action", "by=bob%40acme.example") == {LOGIN: "1"}
    assert values(browser, "by", f"not.action={CASE}") == {"ana@acme.example": "1", "bob@acme.example": "1"}


def test_a_menu_leaves_its_own_filter_out_and_keeps_what_is_chosen(browser: Client, acme: Tenant) -> None:
    for event in (CASE, LOGIN, LOGIN):
        make_entry(acme, event)

    assert offered(browser, "action", f"action={CASE}&action={WORKFLOW}&not.action={LOGIN}") == [
        ("action", CASE, True, "1"),
        ("action", WORKFLOW, True, "0"),
        ("action", LOGIN, False, "2"),
    ]
    assert offered(browser, "action", f"not.action={CASE}")[0] == ("action", CASE, True, "1")


def test_others_are_found_by_what_they_are_called(browser: Client, acme: Tenant, soc: Workspace) -> None:
    make_entry(acme, CASE, workspace=soc)
    make_entry(acme, LOGIN)

    assert values(browser, "action", "find=SHARED") == {CASE: "1"}
    assert values(browser, "action", "find=field+created")["tables.field_created"] == "0"
    assert values(browser, "workspace", "find=so") == {"soc": "1"}
    assert values(browser, "category", f"find=user&action={CASE}") == {"user_actions": "1"}
    assert values(browser, "by", "find=ANA") == {"ana@acme.example": "2", "ANA": ""}


def test_what_is_chosen_stays_while_others_are_looked_for(browser: Client, acme: Tenant) -> None:
    make_entry(acme, CASE)

    assert offered(browser, "action", f"action={CASE}&find=logged+in")[0] == ("action", CASE, True, "")


def test_any_text_can_be_asked_for_where_no_list_is_complete(browser: Client, acme: Tenant) -> None:
    make_entry(acme, by="ana@acme.example")

    assert values(browser, "by", "find=kim%40acme.example") == {"kim@acme.example": ""}
    assert values(browser, "by", "find=ana%40acme.example") == {"ana@acme.example": "1"}
    assert values(browser, "category", "find=nothing") == {}


def test_rare_people_are_found_in_a_long_log(
    browser: Client, acme: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    for by in ("kim@acme.example", "ana@acme.example", "ana@acme.example"):
        make_entry(acme, by=by)
    monkeypatch.setattr(facets, "LATEST", 2)

    assert values(browser, "by") == {"ana@acme.example": "2+"}
    assert values(browser, "by", "find=kim") == {"kim@acme.example": "1", "kim": ""}


def test_a_part_that_was_counted_is_said(
    browser: Client, acme: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    for event in (CASE, LOGIN, LOGIN):
        make_entry(acme, event)
    monkeypatch.setattr(facets, "LATEST", 2)

    html = browser.get(f"{LOG}values/action/", headers=HTMX).content.decode()

    assert "Counted in the newest 2 entries" in html


def test_what_takes_too_long_is_said_and_what_is_chosen_stays(
    browser: Client, acme: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_entry(acme, CASE)
    slow = AuditEntry.objects.of(acme).extra(where=["pg_sleep(2) IS NOT NULL"])
    monkeypatch.setattr("audit.views.facets.LONGEST", 0.05)
    monkeypatch.setattr(queries, "readable", lambda *_, **__: slow)

    response = browser.get(f"{LOG}values/by/?by=x", headers=HTMX)

    assert "Counting took too long" in response.content.decode()
    assert 'value="x" checked' in response.content.decode()


def test_values_of_a_parameter_come_once_its_key_is_chosen(browser: Client, acme: Tenant) -> None:
    for name in ("Triage", "Triage", "Close"):
        make_entry(acme, parameters={"workflow_name": name})

    assert offered(browser, "parameter") == []
    assert offered(browser, "parameter", "parameter=workflow_name&p.workflow_name=Close") == [
        ("equals", "Close", True, "1"),
        ("equals", "Triage", False, "2"),
    ]
    assert "workflow_name" in keys()
    assert 'value="workflow_name"' in browser.get(f"{LOG}parameters/").content.decode()


def test_a_page_offers_the_same_without_scripts(browser: Client, acme: Tenant) -> None:
    make_entry(acme, CASE)

    html = browser.get(f"{LOG}values/action/?by=ana%40acme.example&not.action={CASE}").content.decode()

    assert "<h1>Filter by Action</h1>" in html
    assert '<input type="hidden" name="by" value="ana@acme.example">' in html
    assert f'value="{CASE}" checked' in html
    assert '<option value="not" selected>' in html


def test_a_viewer_is_offered_what_he_may_read(
    client: Client, vic: Person, acme: Tenant, soc: Workspace, lab: Workspace
) -> None:
    make_entry(acme, workspace=soc, by="seen@acme.example", parameters={"k": "seen"})
    make_entry(acme, workspace=lab, by="canary@acme.example", parameters={"k": "canary"})
    client.force_login(vic)

    assert values(client, "by") == {"seen@acme.example": "1"}
    assert values(client, "by", "find=canary") == {"canary": ""}
    assert values(client, "parameter", "parameter=k") == {"seen": "1"}
    assert "lab" not in values(client, "workspace", "find=lab")


@pytest.mark.parametrize("name", ["q", "id", "nonsense", "before", "target"])
def test_what_has_no_values_to_offer_is_not_found(browser: Client, name: str) -> None:
    assert browser.get(f"{LOG}values/{name}/").status_code == 404


def test_a_list_asks_the_database_few_questions(
    browser: Client, acme: Tenant, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    make_entry(acme, CASE)
    browser.get(LOG)

    for name, query in (("by", "category=user_actions"), ("workspace", "find=s&area=users"), ("action", "")):
        with django_assert_max_num_queries(8):
            values(browser, name, query)
