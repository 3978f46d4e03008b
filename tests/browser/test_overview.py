from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit
from tests.browser.pages import LogPage, log_of
from tests.browser.people import ANA, TESS, VIC
from tests.browser.states import PHONE
from tests.browser.test_looks import too_wide

ACME = f"{log_of('acme')}overview/"


def number(text: str) -> int:
    """The last number of a text."""
    return int(re.findall(r"[\d,]+", text)[-1].replace(",", ""))


def leads_to_its_entries(page: Page, link: str) -> None:
    """The figure that this link ends with is the number of entries that the log finds there."""
    figure = page.locator(link).first
    told = number(figure.inner_text())
    figure.click()
    expect(page.locator("#found")).to_have_text(
        re.compile(rf"^{told:,}\s" if told <= 10_000 else r"^10,000\+\s")
    )
    page.go_back()


@pytest.mark.parametrize("javascript", [True, False])
def test_a_figure_leads_to_the_entries_that_it_counts(visit: Visit, javascript: bool) -> None:
    page = visit(ANA, path=log_of("acme"), javascript=javascript)
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Overview").click()
    expect(page.get_by_role("heading", name="Overview", level=1)).to_be_visible()
    page.get_by_role("link", name="Last 30 days").click()
    expect(page.get_by_role("link", name="Last 30 days")).to_have_attribute("aria-current", "true")

    for link in (".kpi dd a", ".bars .bar", ".actors .actor", ".legend a", "a[href*=sign_in_failed]"):
        leads_to_its_entries(page, link)


def test_a_bar_of_the_activity_narrows_the_log_to_its_time(visit: Visit) -> None:
    page = visit(ANA, path=f"{ACME}?range=24h")
    bar = page.locator(".hist-plot a:not([aria-label$=': 0 entries'])").first
    told = number(bar.get_attribute("aria-label") or "")

    page.locator(".hist-plot a").first.focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator(".hist-plot a").nth(1)).to_be_focused()
    bar.click()

    expect(LogPage(page).rows).to_have_count(min(told, 50))


def test_a_viewer_sees_their_workspaces_and_no_streams(visit: Visit) -> None:
    page = visit(VIC, path=f"{ACME}?range=30d")

    expect(page.get_by_role("heading", name="Activity by area")).to_be_visible()
    expect(page.get_by_role("heading", name="Streaming health")).to_have_count(0)
    leads_to_its_entries(page, ".kpi dd a")


def test_it_fits_a_phone_where_the_menu_leads_here(visit: Visit) -> None:
    page = visit(ANA, path=log_of("acme"), **PHONE)
    page.locator("summary[aria-label^=Account]").click()
    page.get_by_role("navigation", name="Pages").get_by_role("link", name="Overview").click()

    expect(page.get_by_role("heading", name="Most active")).to_be_visible()
    assert not too_wide(page)


def test_a_tenant_in_which_little_has_happened_says_what_there_is(visit: Visit, room: str) -> None:
    page = visit(TESS, path=f"{log_of(room)}overview/?range=24h")

    expect(page.get_by_role("heading", name="Streaming health")).to_be_visible()
    expect(page.get_by_role("link", name="Set up streaming")).to_be_visible()
    expect(page.get_by_text("Nobody was refused in the last 24 hours.")).to_be_visible()
