from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.browser.pages import LogPage, log_of
from tests.browser.people import ANA, KIM

PUBLISHED_TWICE = f"{log_of('acme')}?by={KIM}&action=workflows.workflow_published"


@pytest.fixture
def log(visit: Visit) -> LogPage:
    """Ana before what everybody of acme published."""
    return LogPage(visit(ANA, path=f"{log_of('acme')}?category=system_configuration"))


def test_older_and_newer_walk_through_the_log_and_back(log: LogPage) -> None:
    newest = log.entries()
    assert len(newest) == 50
    expect(log.page.get_by_role("link", name="Newer")).to_be_disabled()

    log.page.get_by_role("link", name="Older").click()
    expect(log.page).to_have_url(re.compile("before="))
    second = log.entries()
    log.page.get_by_role("link", name="Older").click()
    expect(log.rows.first).not_to_have_attribute("data-entry", second[0])
    third = log.entries()

    assert len({*newest, *second, *third}) == 150
    log.page.get_by_role("link", name="Newer").click()
    expect(log.rows.first).to_have_attribute("data-entry", second[0])
    assert log.entries() == second
    log.page.get_by_role("link", name="Newer").click()
    expect(log.rows.first).to_have_attribute("data-entry", newest[0])
    assert log.entries() == newest


def test_the_newest_page_is_one_step_away(log: LogPage) -> None:
    newest = log.entries()
    log.page.get_by_role("link", name="Older").click()
    log.page.get_by_role("link", name="Newest").click()

    expect(log.rows.first).to_have_attribute("data-entry", newest[0])
    assert log.asked() == [("category", "system_configuration")]


def test_an_entry_opens_beside_the_table_and_its_address_can_be_given_on(visit: Visit) -> None:
    page = visit(ANA, path=PUBLISHED_TWICE)
    page.locator("table.log a.act").first.click()

    panel = page.get_by_role("complementary")
    expect(panel.get_by_role("heading", name="Workflow published")).to_be_visible()
    expect(panel).to_contain_text(KIM)
    expect(panel.get_by_role("row", name="version 8")).to_be_visible()
    panel.get_by_role("link", name="Older entry").click()
    expect(panel.get_by_role("row", name="version 7")).to_be_visible()

    pasted = visit(ANA, path=page.url)
    expect(pasted.get_by_role("complementary")).to_contain_text("Signed off by the pottery board")
    expect(pasted.locator("table.log tbody tr")).to_have_count(2)
    pasted.get_by_role("link", name="Close").click()
    expect(pasted.get_by_role("complementary")).to_have_count(0)
    assert pasted.url.endswith(PUBLISHED_TWICE.replace("@", "%40"))


def test_an_entry_has_a_page_of_its_own_with_everything_that_it_holds(visit: Visit) -> None:
    page = visit(ANA, path=PUBLISHED_TWICE)
    page.locator("table.log a.act").first.click()
    page.get_by_role("link", name="Open as a page").click()

    expect(page.get_by_role("heading", name="Workflow published")).to_be_visible()
    expect(page).to_have_url(re.compile(r"/t/acme/audit-log/[0-9a-f-]{36}/"))
    pasted = visit(ANA, path=page.url.partition("?")[0])
    for words in (
        KIM,
        "Kiln check",
        "<script>alert(1)</script>",
        "workflows.workflow_published",
        "SOC",
        "Success",
    ):
        expect(pasted.get_by_role("main")).to_contain_text(words)
    expect(pasted.get_by_label("Entry as JSON")).to_contain_text('"version": "8"')
    page.get_by_role("link", name="Audit Log", exact=True).last.click()
    expect(page.locator("table.log tbody tr")).to_have_count(2)


def test_what_lies_near_an_entry_is_one_step_away(visit: Visit) -> None:
    page = visit(ANA, path=PUBLISHED_TWICE)
    page.locator("table.log a.act").first.click()
    page.get_by_role("link", name="Same person", exact=True).click()

    expect(page.locator("table.log tbody tr")).to_have_count(4)


def test_an_entry_of_another_tenant_is_not_found(visit: Visit) -> None:
    page = visit(ANA, path=PUBLISHED_TWICE)
    entry = page.locator("table.log tbody tr").first.get_attribute("data-entry")

    answer = page.goto(f"{log_of('globex')}{entry}/")

    assert answer is not None
    assert answer.status == 404
    expect(page.get_by_role("heading", name="There is nothing here")).to_be_visible()


def test_opening_moves_the_focus_there_and_escape_brings_it_back(visit: Visit) -> None:
    page = visit(ANA, path=PUBLISHED_TWICE)
    page.evaluate("window.same = true")
    link = page.locator("table.log a.act").first
    link.focus()
    link.press("Enter")

    expect(page.locator("#entry-title")).to_be_focused()
    expect(page.locator("tr.is-current")).to_have_count(1)
    opened = page.url
    page.get_by_role("complementary").get_by_role("link", name="Older entry").press("Enter")
    expect(page.get_by_role("complementary").get_by_role("row", name="version 7")).to_be_visible()
    expect(page.locator("#entry-title")).to_be_focused()
    expect(page.get_by_role("link", name="Older entry")).to_have_count(0)
    page.keyboard.press("Escape")

    expect(page.get_by_role("complementary")).to_have_count(0)
    expect(page.locator("table.log a.act").nth(1)).to_be_focused()
    assert page.url.endswith(PUBLISHED_TWICE.replace("@", "%40"))
    assert page.evaluate("window.same") is True
    page.go_back()
    page.go_back()
    assert page.url == opened
    expect(page.get_by_role("complementary").get_by_role("row", name="version 8")).to_be_visible()


def test_escape_closes_a_menu_before_the_entry(visit: Visit) -> None:
    page = visit(ANA, path=PUBLISHED_TWICE)
    page.locator("table.log a.act").first.click()
    expect(page.locator("#entry-title")).to_be_focused()
    LogPage(page).open("Category")

    page.keyboard.press("Escape")
    expect(page.locator(".filterbar details.dd[open]")).to_have_count(0)
    expect(page.get_by_role("complementary")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("complementary")).to_have_count(0)


def test_an_entry_tells_itself_in_a_sentence(visit: Visit) -> None:
    page = visit(ANA, path=PUBLISHED_TWICE)
    page.locator("table.log a.act").first.click()

    expect(page.locator(".lead-s")).to_have_text(
        f"{KIM} published workflow Kiln check (version 8) in SOC, 3 hours ago."
    )


def test_without_javascript_the_entry_opens_steps_and_closes_by_links(visit: Visit) -> None:
    page = visit(ANA, path=PUBLISHED_TWICE, javascript=False)
    page.locator("table.log a.act").first.click()
    page.get_by_role("complementary").get_by_role("link", name="Older entry").click()

    expect(page.get_by_role("complementary").get_by_role("row", name="version 7")).to_be_visible()
    expect(page.get_by_role("button", name="Copy JSON")).to_have_count(0)
    page.get_by_role("link", name="Close").click()
    expect(page.get_by_role("complementary")).to_have_count(0)


def test_on_a_phone_the_entry_is_a_page(visit: Visit) -> None:
    page = visit(ANA, path=PUBLISHED_TWICE, viewport={"width": 390, "height": 844}, has_touch=True)
    page.locator("table.log a.act").first.tap()

    panel = page.get_by_role("complementary")
    expect(panel).to_be_visible()
    box = panel.bounding_box()
    assert box is not None
    assert (box["x"], box["width"]) == (0, 390)
    overflow = "[...document.querySelectorAll('.panel *')].filter(e => e.getBoundingClientRect().right > 391)"
    assert page.evaluate(f"{overflow}.length") == 0


def test_the_json_is_copied_as_it_was_recorded(visit: Visit) -> None:
    page = visit(ANA, path=PUBLISHED_TWICE, permissions=["clipboard-read", "clipboard-write"])
    page.locator("table.log a.act").first.click()
    page.get_by_role("button", name="Copy JSON").click()

    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    href = page.get_by_role("link", name="Download JSON").get_attribute("href")
    recorded = page.evaluate("href => fetch(href).then(answer => answer.text())", href)
    assert page.evaluate("navigator.clipboard.readText()") == recorded
    assert '"version":"8"' in recorded
