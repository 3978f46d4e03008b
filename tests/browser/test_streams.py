from __future__ import annotations

import json
import re
from urllib.parse import quote

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Visit
from tests.browser.pages import LogPage, SettingsPage, log_of, settings_of
from tests.browser.people import ANA, TESS
from tests.browser.states import PHONE
from tests.browser.test_looks import too_wide
from tests.journeys.product import Product, tokens


def set_up(form: SettingsPage, product: Product, kind: str = "HTTP (Bearer Auth)") -> None:
    """Save the stream that the page shows."""
    form.fill(kind, f"{product.intake}/ingest", tokens(product)["http_bearer"])
    form.save()
    expect(form.page.get_by_role("status").first).to_contain_text("Settings saved.")


def tabs(page: Page) -> Locator:
    return page.get_by_role("navigation", name="Streams").locator(".streamtab")


def preview(page: Page) -> Locator:
    page.get_by_role("button", name="Preview", exact=True).click()
    expect(page.locator("#preview-count, #preview .note").first).to_be_visible()
    return page.locator("#preview")


@pytest.mark.parametrize("javascript", [True, False])
def test_a_second_stream_is_added_filtered_renamed_and_removed(
    visit: Visit, product: Product, room: str, javascript: bool
) -> None:
    """One long walk: each step needs the one before."""
    page = visit(TESS, path=settings_of(room), javascript=javascript)
    form = SettingsPage(page)
    if not javascript:
        form.switch.check()
        form.save()
    set_up(form, product)
    expect(tabs(page)).to_have_count(0)

    page.get_by_role("link", name="Add another stream").click()
    expect(page.get_by_label("Name of the stream")).to_have_value("SIEM 2")
    page.get_by_label("Name of the stream").fill("Red team")
    page.get_by_label("Only entries that match").fill("category:user_actions -by:kiln-bot")
    set_up(form, product)

    expect(tabs(page)).to_have_count(2)
    expect(tabs(page).nth(1)).to_have_attribute("aria-current", "page")
    expect(page.locator("[aria-label='Saved filter'] .chip")).to_have_text(
        [re.compile("Category is User actions"), re.compile("Done by is not kiln-bot")]
    )
    it_is_renamed(page, form)
    it_is_removed_once_it_is_off(page, form)


def it_is_renamed(page: Page, form: SettingsPage) -> None:
    page.get_by_label("Name of the stream").fill("Blue team")
    form.save()
    expect(tabs(page).nth(1)).to_contain_text("Blue team")


def it_is_removed_once_it_is_off(page: Page, form: SettingsPage) -> None:
    page.get_by_role("link", name="Remove this stream").click()
    expect(page.locator(".note-warn")).to_contain_text("Switch it off and save")
    page.get_by_role("link", name="Back to the settings").click()
    form.switch.uncheck()
    form.save()
    page.get_by_role("link", name="Remove this stream").click()
    page.get_by_label("Type Blue team to confirm").fill("Red team")
    page.get_by_role("button", name="Remove the stream").click()
    expect(page.get_by_role("alert").filter(visible=True)).to_contain_text("Not removed.")

    page.get_by_label("Type Blue team to confirm").fill("Blue team")
    page.get_by_role("button", name="Remove the stream").click()

    expect(page.get_by_role("status").first).to_contain_text("The stream Blue team was removed.")
    expect(tabs(page)).to_have_count(0)


@pytest.mark.parametrize("javascript", [True, False])
def test_a_preview_shows_what_would_go_and_gives_the_exact_bytes(
    visit: Visit, product: Product, javascript: bool
) -> None:
    view = f"{settings_of('acme')}?filter={quote('by=kim@acme.example&range=7d')}"
    page = visit(ANA, path=view, javascript=javascript)
    form = SettingsPage(page)
    expect(page.locator(".note", has_text="Audit Log view")).to_contain_text("Its time was left out")
    expect(page.get_by_label("Only entries that match")).to_have_value("by:kim@acme.example")
    page.get_by_role("radio", name="HTTP (Bearer Auth)").check()
    form.url.fill(f"{product.intake}/ingest")
    form.token.fill("canary-token")

    shown = preview(page)

    expect(shown.locator("#preview-count")).to_have_text(
        re.compile(r"^4 of [\d,]+ entries of the last 7 days")
    )
    expect(shown.get_by_label("Request and headers")).to_contain_text("Authorization: Bearer ••••••••")
    expect(shown.get_by_label("Body", exact=True)).to_contain_text('"workflow_name": "Kiln check"')
    assert "canary-token" not in page.content()
    if not javascript:
        form.token.fill("canary-token")
    with page.expect_download() as download:
        shown.get_by_role("button", name="Download the exact bytes").click()
    entries = json.loads(download.value.path().read_bytes())
    assert [one["actor"]["email"] for one in entries] == ["kim@acme.example"] * 4


def test_a_filter_that_cannot_be_used_says_why_before_it_is_saved(visit: Visit, product: Product) -> None:
    page = visit(ANA, path=settings_of("acme"))
    form = SettingsPage(page)
    form.fill("HTTP (Bearer Auth)", f"{product.intake}/ingest", "canary-token")
    page.get_by_label("Only entries that match").fill("acton:x")

    expect(preview(page)).to_contain_text("“acton” is no filter. Did you mean “action:”?")
    form.save()

    expect(form.error_of("entry_filter")).to_contain_text("There are: range, from, to, category")
    expect(page.get_by_label("Only entries that match")).to_have_value("acton:x")


def test_the_filters_of_the_log_lead_to_the_settings(visit: Visit) -> None:
    log = LogPage(visit(ANA, path=f"{log_of('acme')}?by=kim@acme.example&range=30d"))

    log.page.get_by_role("link", name="Stream these…").click()

    expect(log.page.get_by_label("Only entries that match")).to_have_value("by:kim@acme.example")


def test_a_phone_shows_streams_and_a_preview_without_moving_sideways(
    visit: Visit, product: Product, room: str
) -> None:
    page = visit(TESS, path=settings_of(room), **PHONE)
    set_up(SettingsPage(page), product)
    page.get_by_role("link", name="Add another stream").click()
    form = SettingsPage(page)
    form.fill("HTTP (Bearer Auth)", f"{product.intake}/ingest", "canary-token")

    preview(page)

    assert too_wide(page) == ""
