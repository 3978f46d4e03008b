from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit
from tests.browser.pages import LogPage, log_of
from tests.browser.people import GUS, Keys, post
from tests.journeys.product import Product

LOG = log_of("globex")
SHIFTS = """() => new Promise((done) => new PerformanceObserver((list) => done(
    list.getEntries().reduce((sum, one) => sum + one.value, 0))).observe({type: 'layout-shift', buffered: true})
    || setTimeout(() => done(0), 300))"""


@pytest.fixture
def happen(product: Product, keys: Keys) -> Any:
    """`happen(3)`: so many cases are shared in globex."""

    def happen(number: int, **fields: Any) -> None:
        case = {
            "event": "cases.case_shared",
            "actor": {"email": GUS},
            "parameters": {"case_id": "G-1"},
            **fields,
        }
        post(product, keys["globex"], [case] * number)

    return happen


def shifted(page: Page) -> float:
    """How much of what is seen has moved by itself, as browsers measure it."""
    found: float = page.evaluate(SHIFTS)
    return found


def test_new_entries_are_announced_without_moving_what_is_read(visit: Visit, happen: Any) -> None:
    log = LogPage(visit(GUS, path=f"{LOG}?area=cases"))
    page, before = log.page, log.entries()
    place, moved = page.locator("#results").bounding_box(), shifted(page)

    happen(2)
    happen(1, event="users.user_logged_in", parameters={"method": "password"})

    bar = page.locator("#newer")
    expect(bar.get_by_role("link", name="2 new entries")).to_be_visible()
    expect(bar).to_have_attribute("role", "status")
    assert log.entries() == before
    assert page.locator("#results").bounding_box() == place
    assert shifted(page) == moved
    happen(1)
    expect(bar.get_by_role("link", name="3 new entries")).to_be_visible()
    bar.get_by_role("link").click()
    expect(page.locator("tr.is-new")).to_have_count(3)
    assert log.entries()[3:] == before[:47]
    expect(page.locator("tr.is-new a.act").first).to_be_focused()
    expect(page.locator("#said")).to_have_text("3 new entries, loaded")
    expect(page.locator("#newer a")).to_have_count(0)
    assert page.url.endswith(f"{LOG}?area=cases")


def test_without_javascript_the_bar_is_a_page_that_reloads_itself(visit: Visit) -> None:
    page = visit(GUS, path=LOG, javascript=False)

    page.get_by_role("link", name="Live tail").click()

    expect(page.locator("meta[http-equiv=refresh]")).to_have_attribute("content", "15")
    page.get_by_role("link", name="Live, turn live tail off").click()
    expect(page.locator("meta[http-equiv=refresh]")).to_have_count(0)


def test_live_mode_loads_by_itself_while_nobody_reads(visit: Visit, happen: Any) -> None:
    log = LogPage(visit(GUS, path=f"{LOG}?area=cases&live=1"))
    page = log.page

    happen(2)

    expect(page.locator("tr.is-new")).to_have_count(2)
    expect(page.locator("#said")).to_have_text("2 new entries, loaded")
    assert page.evaluate("document.activeElement.tagName") == "BODY"
    assert page.evaluate("history.length") <= 2
    page.locator("#save-view summary").click()
    before = log.entries()
    happen(1)
    expect(page.locator("#newer a")).to_have_text("1 new entry")
    page.wait_for_timeout(5_500)
    assert log.entries() == before
    page.keyboard.press("Escape")
    page.evaluate("document.activeElement.blur()")
    expect(page.locator("#newer a")).to_have_count(0)
    assert log.entries()[1:] == before[:49]


def test_a_hidden_tab_and_an_older_page_ask_nothing(visit: Visit, happen: Any) -> None:
    happen(51)
    page = visit(GUS, path=LOG)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/newer/" in request.url else None)

    page.evaluate("Object.defineProperty(document, 'hidden', {configurable: true, get: () => true})")
    page.wait_for_timeout(5_500)
    assert asked == []
    page.evaluate("delete document.hidden")
    page.wait_for_timeout(5_500)
    assert asked != []

    page.get_by_role("link", name="Older").click()
    expect(page.get_by_role("link", name="Newest")).to_be_visible()
    asked.clear()
    page.wait_for_timeout(5_500)
    assert asked == []


def test_how_long_ago_stays_true_while_the_page_lies_open(visit: Visit, happen: Any) -> None:
    happen(1)
    page = visit(GUS)
    page.clock.install()
    page.goto(LOG)
    age = page.locator("tr[data-entry] .sub2").last
    before = age.inner_text()

    page.clock.run_for(3_600_000)

    expect(age).not_to_have_text(before)
    assert age.inner_text().endswith("ago")


def test_times_switch_to_utc_and_back_in_the_account_menu(visit: Visit, happen: Any) -> None:
    happen(1)
    page = visit(GUS, path=LOG, timezone_id="Asia/Tokyo")
    page.reload()
    newest = page.locator("time.at").first
    expect(newest).to_contain_text("JST")

    page.get_by_label(f"Account: {GUS}").click()
    page.get_by_role("button", name="UTC", exact=True).click()

    expect(newest).to_contain_text("UTC")
    page.get_by_label(f"Account: {GUS}").click()
    page.get_by_role("button", name="My time zone").click()
    expect(newest).to_contain_text("JST")
