from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit
from tests.browser.pages import LogPage, log_of
from tests.browser.people import ANA, VIC


@pytest.fixture
def log(visit: Visit) -> LogPage:
    return LogPage(visit(ANA, path=log_of("acme")))


def row_in_focus(page: Page) -> int:
    """The place of the row that has the focus; -1: none has."""
    found: int = page.evaluate(
        "[...document.querySelectorAll('table.log tbody tr')].indexOf(document.activeElement.closest('tr'))"
    )
    return found


def test_j_and_k_walk_the_rows_enter_opens_and_escape_closes(log: LogPage) -> None:
    page = log.page

    page.keyboard.press("k")
    assert row_in_focus(page) == 0
    for _ in range(2):
        page.keyboard.press("j")
    assert row_in_focus(page) == 2
    page.keyboard.press("k")
    assert row_in_focus(page) == 1
    second = log.entries()[1]
    page.keyboard.press("Enter")

    expect(page).to_have_url(re.compile(f"entry={second}"))
    expect(page.locator("aside.panel")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("aside.panel")).to_have_count(0)
    expect(page).not_to_have_url(re.compile("entry="))


def test_a_row_that_is_moved_to_is_never_hidden_by_what_sticks(log: LogPage) -> None:
    page = log.page

    for key in ["j"] * 30 + ["k"] * 25:
        page.keyboard.press(key)
        hidden = page.evaluate("""() => {
            const row = document.activeElement.closest('tr').getBoundingClientRect();
            const head = document.querySelector('table.log th').getBoundingClientRect().bottom;
            const foot = document.querySelector('.pager').getBoundingClientRect().top;
            return row.top < head - 1 || row.bottom > foot + 1;
        }""")
        assert not hidden


def test_slash_searches_and_keys_are_letters_in_a_field(log: LogPage) -> None:
    page = log.page

    page.keyboard.press("/")

    box = page.get_by_role("searchbox", name="Search entries")
    expect(box).to_be_focused()
    page.keyboard.type("jk?/")
    expect(box).to_have_value("jk?/")
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_brackets_turn_pages_and_l_turns_live_mode_on_and_off(log: LogPage) -> None:
    page, first = log.page, log.entries()[0]

    page.keyboard.press("]")
    expect(page).to_have_url(re.compile("before="))
    page.keyboard.press("[")
    expect(log.rows.first).to_have_attribute("data-entry", first)

    page.keyboard.press("l")
    expect(page).to_have_url(re.compile("live=1"))
    page.keyboard.press("l")
    expect(page).not_to_have_url(re.compile("live=1"))


def test_e_opens_the_export_menu_at_its_first_choice(log: LogPage) -> None:
    log.page.keyboard.press("e")

    expect(log.page.get_by_role("button", name="CSV For spreadsheets")).to_be_focused()
    log.page.keyboard.press("Escape")
    expect(log.page.locator(".pagehead summary", has_text="Export")).to_be_focused()


def test_a_question_mark_lists_the_keys_and_the_focus_comes_back(log: LogPage) -> None:
    page = log.page
    opener = page.get_by_role("button", name="Keyboard shortcuts", exact=True)
    opener.focus()

    page.keyboard.press("?")

    dialog = page.get_by_role("dialog", name="Keyboard shortcuts")
    expect(dialog).to_be_visible()
    expect(dialog.locator("kbd", has_text="Enter")).to_be_visible()
    page.keyboard.press("j")
    assert row_in_focus(page) == -1
    page.keyboard.press("Escape")
    expect(dialog).not_to_be_visible()
    expect(opener).to_be_focused()
    opener.click()
    dialog.get_by_role("button", name="Close").click()
    expect(dialog).not_to_be_visible()


def test_keys_are_turned_off_in_the_account_menu_and_stay_off(log: LogPage) -> None:
    page = log.page
    page.get_by_label("Account: ana@acme.example").click()
    page.get_by_role("switch", name="Keyboard shortcuts").click()
    expect(page.locator("body")).to_have_attribute("data-keys", "off")

    page.goto(log_of("acme"))
    page.keyboard.press("j")

    assert row_in_focus(page) == -1
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.get_by_role("button", name="Keyboard shortcuts", exact=True).click()
    expect(page.get_by_role("dialog")).to_contain_text("Single keys are off now.")
    page.keyboard.press("Escape")
    page.get_by_label("Account: ana@acme.example").click()
    page.get_by_role("switch", name="Keyboard shortcuts").click()
    expect(page.locator("body")).to_have_attribute("data-keys", "on")
    expect(page.get_by_role("button", name="Keyboard shortcuts", exact=True)).to_be_visible()
    page.keyboard.press("j")
    expect(log.rows.first.locator("a.act")).to_be_focused()


def test_a_key_of_what_a_role_does_not_have_does_nothing(visit: Visit) -> None:
    page = visit(VIC, path=log_of("acme"))

    page.keyboard.press("e")
    page.keyboard.press("Control+j")

    assert row_in_focus(page) == -1
    expect(page.locator("details[open]")).to_have_count(0)
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).not_to_contain_text("Export")
