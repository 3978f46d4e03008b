from __future__ import annotations

import re
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Visit
from tests.browser.pages import LogPage, log_of
from tests.browser.people import GUS, MIA

LOG = log_of("globex")
USERS, SETTINGS = f"{LOG}?area=users", f"{LOG}?area=tenant_user_management"


def tab(page: Page, name: str) -> Locator:
    return page.get_by_role("navigation", name="Saved views").get_by_role("link", name=re.compile(name))


def save(page: Page, name: str, *, shared: bool = False) -> None:
    page.locator("#save-view summary").click()
    page.get_by_label(re.compile("Save these filters as|Save as a new view")).fill(name)
    if shared:
        page.get_by_label("Share with everybody").check()
    page.locator("#save-view").get_by_role("button", name="Save view").click()
    expect(tab(page, name)).to_have_attribute("aria-current", "page")


def delete(page: Page, name: str) -> None:
    page.goto(f"{LOG}views/")
    row = page.locator(".views-row").filter(has_text=name)
    row.locator("summary", has_text="Delete").click()
    row.get_by_role("button", name=f"Delete “{name}”").click()
    expect(row).to_have_count(0)


@pytest.mark.parametrize("javascript", [True, False], ids=["with", "without javascript"])
def test_a_view_is_saved_opened_changed_and_deleted(visit: Visit, *, javascript: bool) -> None:
    page = visit(GUS, path=USERS, javascript=javascript)
    log = LogPage(page)
    save(page, "Sign-ins")
    found = log.entries()

    tab(page, "All activity").click()
    expect(log.chips).to_have_count(0)
    tab(page, "Sign-ins").click()

    expect(log.chips).to_have_count(1)
    assert log.entries() == found
    expect(page.locator("#save-view summary.changed")).to_have_count(0)
    page.goto(f"{page.url}&category=user_actions")
    expect(page.locator("#save-view summary.changed")).to_be_visible()
    expect(tab(page, "Sign-ins")).to_have_attribute("aria-current", "page")
    page.locator("#save-view summary").click()
    page.get_by_role("button", name="Save changes to “Sign-ins”").click()
    expect(page.locator("#save-view summary.changed")).to_have_count(0)
    page.reload()
    expect(log.chips).to_have_count(2)
    delete(page, "Sign-ins")


def test_the_last_filter_taken_away_leaves_all_activity(visit: Visit) -> None:
    page = visit(GUS, path=USERS)
    save(page, "Only users")

    page.get_by_role("link", name="Remove filter Area is Users").click()

    expect(tab(page, "All activity")).to_have_attribute("aria-current", "page")
    page.reload()
    expect(LogPage(page).chips).to_have_count(0)
    delete(page, "Only users")


def test_a_shared_view_opens_everybodys_log_and_only_admins_change_it(visit: Visit) -> None:
    gus, mia = visit(GUS, path=SETTINGS), visit(MIA)
    save(gus, "Members", shared=True)
    gus.goto(f"{LOG}views/")
    gus.get_by_label("Everybody’s log opens with").select_option("Members")
    gus.get_by_role("button", name="Choose for everybody").click()
    expect(gus.get_by_role("status").first).to_contain_text("Everybody’s log opens with that now.")

    mia.goto(LOG)

    expect(tab(mia, "Members")).to_have_attribute("aria-current", "page")
    assert "area=tenant_user_management" in urlsplit(mia.url).query
    tab(mia, "All activity").click()
    expect(LogPage(mia).chips).to_have_count(0)
    mia.goto(f"{LOG}views/")
    expect(mia.locator(".views-row").filter(has_text="Members")).to_be_visible()
    expect(mia.locator("summary", has_text="Delete")).to_have_count(0)
    mia.get_by_label("My log opens with").select_option("All activity")
    mia.get_by_role("button", name="Choose", exact=True).click()
    mia.goto(LOG)
    expect(tab(mia, "All activity")).to_have_attribute("aria-current", "page")
    delete(gus, "Members")


def test_a_name_that_is_taken_is_said_with_what_was_typed_still_there(visit: Visit) -> None:
    page = visit(GUS, path=USERS)
    save(page, "Twice")

    page.locator("#save-view summary").click()
    page.get_by_label("Save as a new view").fill("twice")
    page.locator("#save-view").get_by_role("button", name="Save view").click()

    expect(page.get_by_role("alert").filter(has_text="already")).to_be_visible()
    name = page.get_by_label("Name of the view")
    expect(name).to_have_value("twice")
    name.fill("Thrice")
    page.get_by_role("button", name="Save view").click()
    expect(tab(page, "Thrice")).to_have_attribute("aria-current", "page")
    for view in ("Twice", "Thrice"):
        delete(page, view)


def test_of_many_views_the_one_that_is_open_is_in_sight(visit: Visit) -> None:
    page = visit(GUS, path=USERS, viewport={"width": 390, "height": 844})
    views = [f"A view with a long name, number {number}" for number in range(4)]
    for view in views:
        save(page, view)
        page.goto(USERS)

    tab(page, views[-1]).click()

    expect(tab(page, views[-1])).to_be_in_viewport(ratio=0.9)
    for view in views:
        delete(page, view)
