from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Visit
from tests.browser.pages import log_of
from tests.browser.people import ANA


@pytest.fixture
def page(visit: Visit) -> Page:
    """Ana before a week of acme's log."""
    return visit(ANA, path=f"{log_of('acme')}?range=7d")


def bars(page: Page) -> Locator:
    return page.locator(".hist-plot a")


def number(words: str | None) -> int:
    """The count in what a bar is called."""
    return int((words or "").rpartition(": ")[2].split()[0].replace(",", ""))


def found(page: Page) -> int:
    return int(page.locator("#found").inner_text().split()[0].replace(",", ""))


def test_the_bars_hold_what_the_page_counts(page: Page) -> None:
    names = [bar.get_attribute("aria-label") for bar in bars(page).all()]

    assert sum(map(number, names)) == found(page)


def test_arrow_keys_move_between_bars_and_enter_narrows_the_time(page: Page) -> None:
    first, second = bars(page).nth(0), bars(page).nth(1)
    first.focus()

    page.keyboard.press("ArrowRight")

    expect(second).to_be_focused()
    expect(first).to_have_attribute("tabindex", "-1")
    page.keyboard.press("Enter")
    page.wait_for_url("**from=**")
    assert "range=" not in page.url


def test_a_drag_over_several_bars_shows_all_that_is_in_them(page: Page) -> None:
    shown = bars(page).all()
    first, last = shown[10], shown[-1]
    wanted = sum(number(bar.get_attribute("aria-label")) for bar in shown[10:])

    start, end = first.bounding_box(), last.bounding_box()
    assert start
    assert end
    page.mouse.move(start["x"] + start["width"] / 2, start["y"] + 40)
    page.mouse.down()
    page.mouse.move(end["x"] + end["width"] / 2, end["y"] + 40, steps=5)
    page.mouse.up()

    page.wait_for_url("**from=**")
    expect(page.locator("#found")).to_have_text(f"{wanted:,} entries")


def test_the_table_says_what_the_picture_shows(page: Page) -> None:
    page.get_by_text("As a table").click()

    table = page.locator(".hist-table table")
    expect(table).to_be_visible()
    told = [int(text.replace(",", "")) for text in table.locator("tr td:last-child").all_inner_texts()]
    assert sum(told) == found(page)
