from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit
from tests.browser.pages import LogPage, SettingsPage, log_of, settings_of
from tests.browser.people import TESS
from tests.browser.test_streams import set_up
from tests.journeys.product import Product

WAITING = re.compile(r"^[1-9]\d*\s+entr")


def waiting(form: SettingsPage) -> str:
    """How many the card says are waiting, once there are some."""
    figure = form.health.locator("dd").nth(1)
    expect(figure).to_have_text(WAITING)
    return figure.inner_text().split()[0]


def pause(form: SettingsPage) -> None:
    form.page.get_by_role("button", name="Pause", exact=True).click()
    expect(form.page.get_by_role("status").first).to_contain_text("Paused. Entries wait here")
    expect(form.health.locator("[data-state]")).to_have_text("Paused")
    form.page.reload()


@pytest.mark.parametrize("javascript", [True, False])
def test_a_stream_is_paused_and_goes_on_as_it_is_chosen(
    visit: Visit, product: Product, room: str, javascript: bool
) -> None:
    """One long walk: each step needs the one before."""
    page = visit(TESS, path=settings_of(room), javascript=javascript)
    form = SettingsPage(page)
    if not javascript:
        form.switch.check()
        form.save()
    set_up(form, product)

    pause(form)
    expect(form.url).to_be_enabled()
    told = waiting(form)
    expect(form.health).to_contain_text(f"{told} entr")
    page.get_by_role("button", name="Resume", exact=True).click()
    expect(page.get_by_role("status").first).to_contain_text(f"Resumed. {told} entr")

    pause(form)
    told = waiting(form)
    page.locator("summary", has_text="Start from now instead").click()
    page.get_by_role("button", name=f"Leave out {told} and resume").click()
    expect(page.get_by_role("status").first).to_contain_text(f"Resumed from now. {told} entr")
    the_log_tells_of_it(visit, room)


def the_log_tells_of_it(visit: Visit, room: str) -> None:
    page: Page = visit(TESS, path=f"{log_of(room)}?area=tenant_admin_settings")

    details = LogPage(page).column("Details")

    assert details[0].startswith("It goes on from now")
    assert details[1].startswith("Paused. Its place is kept")
    assert details[2].startswith("It goes on with")


def test_what_is_read_before_resuming_stays_while_the_figures_change(
    visit: Visit, product: Product, room: str
) -> None:
    page = visit(TESS, path=settings_of(room))
    form = SettingsPage(page)
    set_up(form, product)
    pause(form)
    waiting(form)
    page.locator("summary", has_text="Start from now instead").click()
    button = page.get_by_role("button", name=re.compile("^Leave out"))
    expect(button).to_be_visible()

    with page.expect_response(
        lambda answer: answer.request.headers.get("hx-request") == "true", timeout=15_000
    ):
        pass

    expect(button).to_be_visible()
