"""The search box: what is typed becomes the page's own filters."""

from __future__ import annotations

from urllib.parse import quote_plus

import pytest
from django.test import Client

from audit.drafts import Target
from audit.filters import AuditEntryFilter
from audit.models import Person, Tenant, Workspace
from tests.audit.views.reading import LOG, read
from tests.entries import make_entry
from tests.house import tree

HELP = tree.ROOT / "templates" / "audit" / "search_help.html"


@pytest.fixture
def browser(client: Client, ana: Person) -> Client:
    """Ana's browser."""
    client.force_login(ana)
    return client


def typed(text: str, beside: str = "") -> str:
    return f"{LOG}?q={quote_plus(text)}{beside}"


def test_filters_typed_into_the_search_stand_in_the_address(browser: Client, acme: Tenant) -> None:
    make_entry(acme, by="ana@acme.example", details="triage")

    response = browser.get(typed("by:ana@acme.example triage"))

    assert response.status_code == 302
    assert response["Location"] == f"{LOG}?by=ana%40acme.example&q=triage"
    page = read(browser, response["Location"])
    assert len(page.rows) == 1
    assert page.link("Remove filter Done by is ana@acme.example") == f"{LOG}?q=triage"
    assert 'value="triage"' in page.html


@pytest.mark.parametrize(
    ("text", "beside", "address"),
    [
        ('category:"User actions" -area:cases', "", "category=user_actions&not.area=cases"),
        ('action:"Workflow published"', "&by=x", "by=x&action=workflows.workflow_published"),
        ("workspace:Soc p.version:7 -p.version:8", "", "workspace=soc&p.version=7&not.p.version=8"),
        ("occurred:2026-11-01..2026-11-05", "&range=7d", "from=2026-11-01&to=2026-11-05"),
        ("ip:x colon: https://x.example", "", "ip=x&q=colon%3A+https%3A%2F%2Fx.example"),
    ],
)
def test_what_is_typed_joins_what_was_chosen(
    browser: Client, soc: Workspace, text: str, beside: str, address: str
) -> None:
    assert soc.slug == "soc"
    assert browser.get(typed(text, beside))["Location"] == f"{LOG}?{address}"
    assert browser.get(f"{LOG}?{address}").status_code == 200


def test_a_change_without_reload_moves_what_is_typed_too(browser: Client, acme: Tenant) -> None:
    make_entry(acme, by="ana@acme.example")

    response = browser.get(typed("by:bob triage"), headers={"HX-Request": "true"})

    assert response["HX-Push-Url"] == f"{LOG}?by=bob&q=triage"
    assert "hx-preserve" not in response.content.decode()


def test_while_somebody_types_the_box_is_left_as_it_is_and_already_asked(
    browser: Client, acme: Tenant
) -> None:
    make_entry(acme, by="bob")
    make_entry(acme, by="ana@acme.example", details="here")

    response = browser.get(typed("by:bob"), headers={"HX-Request": "true", "HX-Trigger": "q"})

    html = response.content.decode()
    assert response["HX-Push-Url"] == f"{LOG}?q=by%3Abob"
    assert "hx-preserve" in html
    assert html.count("data-entry=") == 1


def test_an_unknown_key_is_named_with_those_that_are_known(browser: Client, acme: Tenant) -> None:
    make_entry(acme)

    page = read(browser, typed("triage categry:x"))

    assert page.rows == []
    assert "“categry” is no filter. Did you mean “category:”?" in page.html
    assert "actor_type" in page.html


def test_without_a_script_help_opens_beside_the_box_and_all_it_shows_works(
    browser: Client, acme: Tenant
) -> None:
    text = HELP.read_text(encoding="utf-8")
    shown = [part.partition("</code>")[0] for part in text.split("<code>")[1:]]

    assert 'aria-label="How to search"' in read(browser).html
    assert len(shown) > 8
    for example in shown:
        assert browser.get(typed(example), follow=True).status_code == 200
        assert "cannot be used" not in read(browser, browser.get(typed(example)).get("Location", LOG)).html
    assert acme.slug == "acme"


def test_the_page_for_readers_names_every_filter(acme: Tenant) -> None:
    text = (tree.ROOT / "docs" / "searching.md").read_text(encoding="utf-8")
    names = [name for name in AuditEntryFilter.base_filters if name != "q" and "not." not in name]

    assert acme.slug == "acme"
    assert [name for name in names if f"`{name}:" not in text] == []


def test_an_entry_leads_to_the_log_without_its_like(browser: Client, acme: Tenant) -> None:
    entry = make_entry(
        acme, by="ana@acme.example", parameters={"version": 7}, target=Target("case", id="C-12", name="Phish")
    )

    page = read(browser, f"{LOG}?area=workflows&entry={entry.pk}")

    kept = f"{LOG}?area=workflows"
    assert page.link("Filter out version 7") == f"{kept}&not.p.version=7"
    assert page.link("This person") == f"{kept}&not.by=ana%40acme.example"
    assert page.link("This action") == f"{kept}&not.action=workflows.workflow_published"
    assert page.link("This target") == f"{kept}&not.target=C-12"
    assert page.link("Same target") == f"{LOG}?target=C-12"
    for words in ("Filter out version 7", "This person", "This action", "This target"):
        assert read(browser, page.link(words)).rows == []
