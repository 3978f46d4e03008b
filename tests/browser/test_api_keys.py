from __future__ import annotations

import pytest
import requests
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit
from tests.browser.pages import keys_of, log_of
from tests.browser.people import TESS
from tests.browser.states import PHONE, confirms
from tests.browser.test_looks import too_wide
from tests.journeys.product import Product


def send(product: Product, text: str) -> int:
    """What a service is answered that sends one entry in with this key."""
    entry = {"event": "workflows.workflow_published", "actor": {"email": "kim@acme.example"}}
    answer = requests.post(
        f"{product.address}/api/v1/entries",
        json=entry,
        headers={"Authorization": f"Bearer {text}"},
        timeout=30,
    )
    return answer.status_code


def make(page: Page, name: str) -> str:
    """Fill the form in; the key, as the page shows it."""
    page.get_by_label("Name").fill(name)
    page.get_by_label("Send entries in").check()
    page.get_by_label("Expires after").select_option("30 days")
    page.get_by_role("button", name="Make the key").click()
    return page.get_by_label("API key", exact=True).input_value()


@pytest.mark.parametrize("javascript", [True, False])
def test_a_key_is_made_used_and_revoked(visit: Visit, product: Product, room: str, javascript: bool) -> None:
    page = visit(TESS, path=log_of(room), javascript=javascript)
    page.get_by_label(f"Account: {TESS}").click()
    page.get_by_role("link", name="API keys").click()
    page.get_by_role("link", name="Make the first key").click()
    confirms(page, {})

    text = make(page, "kiln")

    assert send(product, text) == 201
    page.get_by_role("link", name="I have it").click()
    row = page.get_by_role("row", name="kiln")
    expect(row).to_contain_text("Active")
    expect(row).to_contain_text(f"{text.removeprefix('alk_live_')[:8]}…")
    expect(row).to_contain_text(f"by {TESS}")
    assert text not in page.content()

    row.get_by_role("link", name="Revoke kiln").click()
    assert send(product, text) == 201
    page.get_by_role("button", name="Revoke the key").click()

    expect(page.get_by_role("status").first).to_contain_text("It opens nothing any more.")
    expect(row).to_contain_text("Revoked")
    assert send(product, text) == 401


def test_what_is_missing_is_told_and_the_key_is_copied(visit: Visit, room: str) -> None:
    page = visit(TESS, path=f"{keys_of(room)}new/", permissions=["clipboard-read", "clipboard-write"])
    confirms(page, {})
    page.get_by_role("button", name="Make the key").click()

    expect(page.get_by_role("alert").filter(visible=True)).to_be_focused()
    expect(page.get_by_text("Say who will use the key.")).to_be_visible()
    expect(page.get_by_text("Choose at least one.")).to_be_visible()

    text = make(page, "kiln")
    page.get_by_role("button", name="Copy").click()

    assert page.evaluate("navigator.clipboard.readText()") == text


def test_on_a_phone_the_keys_are_cards_that_fit(visit: Visit, room: str) -> None:
    page = visit(TESS, path=f"{keys_of(room)}new/", **PHONE)
    confirms(page, {})
    make(page, "a service with a rather long name, as they are in large installations")
    assert too_wide(page) == ""

    page.get_by_role("link", name="I have it").click()

    expect(page.locator(".apikeys tbody tr")).to_be_visible()
    assert too_wide(page) == ""
