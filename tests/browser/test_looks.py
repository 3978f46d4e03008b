from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit
from tests.browser.pages import LogPage, SettingsPage, log_of, settings_of
from tests.browser.people import ANA, KIM, MIA, SID
from tests.browser.states import PHONE, STATES, Places, State

PAGES = [
    "/accounts/login/",
    "/switch/",
    log_of("acme"),
    f"{log_of('acme')}?by={KIM}&category=user_actions&range=30d&q=amber",
    f"{log_of('acme')}?q=nothing+of+the+kind&by={KIM}",
    f"{log_of('acme')}?category=nonsense",
    settings_of("acme"),
    log_of("nowhere"),
    "/api/v1/docs",
]


def too_wide(page: Page) -> str:
    """How far the page can be moved sideways, and what sticks out."""
    told: str = page.evaluate(
        """() => {
          const root = document.documentElement;
          if (root.scrollWidth <= root.clientWidth) return "";
          const out = [...document.querySelectorAll("body *")]
            .filter((one) => one.getBoundingClientRect().right > root.clientWidth + 1)
            .map((one) => `${one.tagName}.${one.className}`);
          return `${root.scrollWidth} > ${root.clientWidth}: ${out.slice(0, 5).join(", ")}`;
        }"""
    )
    return told


@pytest.mark.parametrize("path", PAGES)
def test_a_phone_shows_each_page_without_moving_it_sideways(visit: Visit, path: str) -> None:
    page = visit(None if "accounts" in path else MIA, path=path, **PHONE)

    assert too_wide(page) == ""


def test_a_phone_shows_an_entry_and_the_menus(visit: Visit) -> None:
    log = LogPage(visit(ANA, path=f"{log_of('acme')}?by={KIM}", **PHONE))
    menu = log.open("Category")
    expect(menu.get_by_label("User actions")).to_be_in_viewport()
    assert too_wide(log.page) == ""
    menu.locator("summary").click()

    log.page.locator("table.log a.act").first.click()

    expect(
        log.page.get_by_role("complementary").get_by_role("heading", name="Workflow published")
    ).to_be_visible()
    assert too_wide(log.page) == ""
    log.page.get_by_role("link", name="Open as a page").click()
    expect(log.page.get_by_label("Entry as JSON")).to_be_visible()
    assert too_wide(log.page) == ""


def test_a_phone_shows_the_open_settings_form(visit: Visit) -> None:
    form = SettingsPage(visit(ANA, path=settings_of("acme"), **PHONE))
    form.switch.check()
    expect(form.url).to_be_enabled()

    assert too_wide(form.page) == ""


# What is left of a screen 1,280 wide at 400 and 200 % (WCAG 1.4.10), a tablet, a wide screen.
WIDTHS = (320, 640, 820, 1_920)
SEEN = {
    "log", "log-filtered", "log-panel", "log-nothing-found", "entry", "views", "exports", "overview",
    "settings-on", "settings-invalid", "settings-passed", "set-asides", "replay", "remove", "sign-in", "tenants", "403",
    "api-docs",
}  # fmt: skip


@pytest.mark.parametrize("state", [one for one in STATES if one.name in SEEN], ids=lambda state: state.name)
def test_a_page_fits_whatever_width_there_is(visit: Visit, places: Places, state: State) -> None:
    page = visit(state.who)
    state.reach(page, places)
    told = {}

    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        told[width] = too_wide(page)

    assert {width: wide for width, wide in told.items() if wide} == {}


def test_a_reader_who_wants_no_motion_sees_none(visit: Visit, places: Places) -> None:
    path = f"{settings_of('bare')}?test={places['testing']}"
    moving, still = visit(SID, path=path), visit(SID, path=path, reduced_motion="reduce")

    motions = [len(page.evaluate("document.getAnimations().map((one) => 1)")) for page in (moving, still)]

    assert motions[0] > 0
    assert motions[1] == 0


def test_colours_that_the_reader_forces_leave_the_marks_and_what_is_chosen(visit: Visit) -> None:
    ours, forced = visit(ANA, path=log_of("acme")), visit(ANA, path=log_of("acme"), forced_colors="active")
    fill = "(one) => getComputedStyle(one).backgroundColor"
    marks = [page.locator("table.log .mark-user").first.evaluate(fill) for page in (ours, forced)]

    forced.goto(settings_of("acme"))
    switch = SettingsPage(forced).switch
    fills = [switch.evaluate(fill)]
    switch.check()
    forced.wait_for_timeout(300)
    fills.append(switch.evaluate(fill))

    assert background(ours) != background(forced)
    assert marks[0] == marks[1]
    assert fills[0] != fills[1]


def background(page: Page) -> str:
    colour: str = page.evaluate("getComputedStyle(document.body).backgroundColor")
    return colour


def test_dark_and_light_change_at_once_and_are_kept(visit: Visit) -> None:
    page = visit(ANA, path=log_of("acme"), color_scheme="light")
    light = background(page)
    with page.expect_response("**/preferences/"):
        page.get_by_role("button", name="Switch to dark").click()
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
    dark = background(page)
    assert dark != light

    page.goto(settings_of("acme"))
    assert background(page) == dark
    with page.expect_response("**/preferences/"):
        page.get_by_role("button", name="Switch to light").click()

    page.reload()
    assert background(page) == light


def test_without_a_choice_the_device_decides(visit: Visit) -> None:
    dark = background(visit(path="/accounts/login/", color_scheme="dark"))
    light = background(visit(path="/accounts/login/", color_scheme="light"))

    assert dark != light


def test_menus_close_by_escape_and_by_a_click_elsewhere(visit: Visit) -> None:
    log = LogPage(visit(ANA, path=log_of("acme")))
    log.open("Category")
    log.page.keyboard.press("Escape")
    expect(log.menu("Category")).not_to_have_attribute("open", "")

    log.open("Workspace")
    log.page.get_by_role("heading", name="Audit Log").click()
    expect(log.menu("Workspace")).not_to_have_attribute("open", "")


def test_scripts_and_styles_of_others_are_forbidden(visit: Visit) -> None:
    page = visit()
    answer = page.goto("/accounts/login/")

    assert answer is not None
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
