"""X.1: a person without a mouse filters, reads, exports and sets up streaming, and always sees where they are."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit
from tests.browser.pages import SettingsPage, log_of
from tests.browser.people import TESS
from tests.journeys.product import Product, tokens

FURTHEST = 150
_NAME = """() => {
  const one = document.activeElement;
  const by = document.getElementById(one.getAttribute("aria-labelledby"));
  const label = by?.innerText ?? one.labels?.[0]?.innerText ?? "";
  return (one.getAttribute("aria-label") || label || one.innerText || one.title || "").trim();
}"""
# Some parts draw the ring around more than the element itself: a row's link around the row, a choice around its label.
_SEEN = """() => {
  const drawn = (one, part) => !/none|\\b0px/.test(getComputedStyle(one, part).outline);
  const one = document.activeElement;
  const around = one.closest("tr, label, li") ?? one;
  return [one, around].some((part) => drawn(part) || drawn(part, "::after"))
    || getComputedStyle(one).boxShadow !== "none";
}"""


def go_to(page: Page, name: str) -> None:
    """Press Tab until what is called so has the focus, which can be seen."""
    for _ in range(FURTHEST):
        page.keyboard.press("Tab")
        if re.search(name, page.evaluate(_NAME)):
            assert page.evaluate(_SEEN), f"{name} has the focus, and nothing shows it"
            return
    raise AssertionError(f"Tab does not lead to {name}")


def press(page: Page, key: str, *, on: str) -> None:
    go_to(page, on)
    page.keyboard.press(key)


def test_the_whole_way_from_a_filter_to_a_tested_connection(
    visit: Visit, product: Product, room: str
) -> None:
    """One long walk: each step needs the one before."""
    page = visit(TESS, path=log_of(room))
    it_is_filtered(page)
    an_entry_is_read(page)
    what_is_found_is_exported(page)
    press(page, "Enter", on="^Audit Log Settings$")
    expect(page.get_by_role("heading", name="Audit Log Settings")).to_be_visible()

    a_destination_is_entered(page, product)
    press(page, "Enter", on="^Test Connection$")

    expect(page.get_by_role("status").filter(has_text="Connected.")).to_be_visible()


def it_is_filtered(page: Page) -> None:
    press(page, "Enter", on="^Skip to content$")
    press(page, "Enter", on="^Category")
    expect(page.get_by_label("User actions", exact=True)).to_be_visible()
    press(page, "Space", on="^User actions")
    expect(page.locator(".chips .chip")).to_contain_text("User actions")
    expect(page.locator("#said")).to_have_text(re.compile(r"^\d+ entr(y|ies)$"))
    page.keyboard.press("Escape")


def an_entry_is_read(page: Page) -> None:
    press(page, "Enter", on="^User logged in$")
    panel = page.get_by_role("complementary")
    expect(panel.get_by_role("heading", name="User logged in")).to_be_visible()
    page.keyboard.press("Escape")
    expect(panel).to_have_count(0)


def what_is_found_is_exported(page: Page) -> None:
    page.reload()
    press(page, "Enter", on="^Export$")
    go_to(page, "^NDJSON")
    with page.expect_download() as download:
        page.keyboard.press("Enter")
    assert b"users.user_logged_in" in download.value.path().read_bytes()
    page.keyboard.press("Escape")


def a_destination_is_entered(page: Page, product: Product) -> None:
    form = SettingsPage(page)
    press(page, "Space", on="^Enable audit log streaming")
    expect(form.url).to_be_enabled()
    go_to(page, "^(Splunk HEC|HTTP)")
    wanted = page.get_by_role("radio", name="HTTP (Bearer Auth)")
    for _ in range(3):
        if not wanted.is_checked():
            page.keyboard.press("ArrowDown")
    expect(wanted).to_be_checked()
    go_to(page, "^URL")
    page.keyboard.type(f"{product.intake}/ingest")
    go_to(page, "^Authentication token")
    page.keyboard.type(tokens(product)["http_bearer"])
