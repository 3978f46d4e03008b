from __future__ import annotations

import json
import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit
from tests.browser.pages import LogPage, SettingsPage, log_of, settings_of
from tests.browser.people import ANA, KIM, PASSWORD, TESS
from tests.journeys.product import Product, tokens


@pytest.fixture
def log(visit: Visit) -> LogPage:
    """Ana before the log of acme, in a browser that runs no scripts."""
    return LogPage(visit(ANA, path=log_of("acme"), javascript=False), javascript=False)


def test_a_person_signs_in_and_out(visit: Visit) -> None:
    page = visit(path="/", javascript=False)
    page.get_by_label("E-mail").fill(ANA)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.locator("table.log")).to_be_visible()

    page.get_by_label(f"Account: {ANA}").click()
    page.get_by_role("button", name="Sign out").click()

    expect(page.get_by_role("button", name="Sign in")).to_be_visible()


def test_the_log_is_filtered_searched_and_paged(log: LogPage) -> None:
    log.choose("Category", "System configuration", "User actions")
    assert set(log.column("Category")) == {"System configuration", "User actions"}
    newest = log.entries()

    log.page.get_by_role("link", name="Older").click()
    expect(log.page).to_have_url(re.compile("before="))
    assert not set(newest) & set(log.entries())
    log.page.get_by_role("link", name="Newer").click()
    assert log.entries() == newest

    log.search("amber desk")
    expect(log.rows).to_have_count(1)
    log.remove("amber desk")
    expect(log.chips).to_have_count(2)


def test_an_entry_opens_and_closes(log: LogPage) -> None:
    log.search("amber desk")
    log.page.locator("table.log a.act").first.click()

    panel = log.page.get_by_role("complementary")
    expect(panel.get_by_role("heading", name="Case shared")).to_be_visible()
    panel.get_by_role("link", name="Close").click()
    expect(panel).to_have_count(0)
    expect(log.rows).to_have_count(1)


def test_what_the_filters_show_is_exported(log: LogPage) -> None:
    log.page.goto(f"{log_of('acme')}?by={KIM}")

    lines = log.export("NDJSON").splitlines()

    assert [json.loads(line)["id"] for line in lines] == log.entries()


def test_settings_are_saved_tested_and_switched_off(visit: Visit, product: Product, room: str) -> None:
    form = SettingsPage(visit(TESS, path=settings_of(room), javascript=False))
    switch_on(form)
    fill_in(form, product)
    form.test()
    the_test_ends(form)
    what_was_typed_is_still_there_but_for_the_token(form, product)

    fill_in(form, product)
    form.save()
    expect(form.page.get_by_role("status").first).to_contain_text("Settings saved.")
    expect(form.health.locator("[data-state]")).not_to_have_text("Not set up")
    form.switch.uncheck()
    form.save()

    expect(form.page.get_by_role("status").first).to_contain_text("Streaming is off.")
    expect(form.url).to_be_disabled()


def switch_on(form: SettingsPage) -> None:
    """Nothing opens the form at once: saving the switch alone asks for what is missing, in an open form."""
    form.switch.check()
    form.save()
    expect(form.url).to_be_enabled()
    expect(form.error_of("url")).to_contain_text("Enter a URL.")


def fill_in(form: SettingsPage, product: Product) -> None:
    form.fill("HTTP (Bearer Auth)", f"{product.intake}/ingest", tokens(product)["http_bearer"])


def the_test_ends(form: SettingsPage) -> None:
    expect(form.page).to_have_url(re.compile(r"\?test="))
    expect(form.verdict).to_contain_text("Connected.")


def what_was_typed_is_still_there_but_for_the_token(form: SettingsPage, product: Product) -> None:
    expect(form.url).to_have_value(f"{product.intake}/ingest")
    expect(form.page.get_by_role("radio", name="HTTP (Bearer Auth)")).to_be_checked()
    expect(form.token).to_have_value("")
    assert tokens(product)["http_bearer"] not in form.page.content()


def test_the_theme_and_the_time_zone_are_kept(visit: Visit) -> None:
    page = visit(ANA, path=f"{log_of('acme')}?by={KIM}", javascript=False)
    page.get_by_role("button", name="Switch to dark").click()
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")

    choose_zone(page, "Asia/Kathmandu")

    expect(page.locator("table.log tbody td:last-child").first).to_contain_text("+5:45")
    assert LogPage(page).asked() == [("by", KIM)]
    choose_zone(page, "Asia/Nowhere")
    expect(page.get_by_role("status").first).to_contain_text("“Asia/Nowhere” is no time zone")


def choose_zone(page: Page, zone: str) -> None:
    page.get_by_label(f"Account: {ANA}").click()
    page.get_by_label("Time zone").fill(zone)
    page.get_by_role("button", name="Use", exact=True).click()
