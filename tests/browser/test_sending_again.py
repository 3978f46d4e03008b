from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit
from tests.browser.pages import SettingsPage, log_of, settings_of
from tests.browser.people import TESS, post
from tests.browser.states import PHONE
from tests.browser.test_looks import too_wide
from tests.journeys.product import Product, tokens, until


def delivering(visit: Visit, product: Product, room: str, *, entries: int, poison: int = 0) -> SettingsPage:
    """A stream of the room that has delivered all it could; the intake refuses what holds the word poison."""
    form = SettingsPage(visit(TESS, path=settings_of(room)))
    form.fill("HTTP (Bearer Auth)", f"{product.intake}/ingest", tokens(product)["http_bearer"])
    form.save()
    expect(form.page.get_by_role("status").first).to_contain_text("Settings saved.")
    until(lambda: status(product, room)["delivered"] >= 1, "the first entry is delivered")
    key = product.manage("create_api_key", "--tenant", room, "--name", "x", "--scope", "ingest").strip()
    refusal = {"containing": "poison", "status": 422}
    product.tell_intake("behave", kind="http_bearer", behaviour={"refusals": [refusal]})
    told = [*["poison, <b>bold</b>"] * poison, *["fine"] * (entries - poison)]
    post(product, key, [entry(details) for details in told])
    until(
        lambda: (now := status(product, room))["waiting"] == 0 and now["set_aside"] == poison,
        "everything else is delivered",
    )
    return form


def entry(details: str) -> dict[str, object]:
    return {"event": "cases.case_shared", "actor": {"email": "lee@rooms.example"}, "details": details}


def status(product: Product, room: str) -> dict[str, int]:
    return product.manage_json("stream_status", "--tenant", room)


@pytest.mark.parametrize("javascript", [True, False])
def test_a_range_is_counted_confirmed_sent_and_watched(
    visit: Visit, product: Product, room: str, javascript: bool
) -> None:
    delivering(visit, product, room, entries=30)
    page = visit(TESS, path=settings_of(room), javascript=javascript)
    page.get_by_role("link", name="Choose a range").click()
    expect(page.locator("#replay")).to_contain_text("No entries were sent again yet.")

    choose(page, first="11", last="3")
    expect(page.locator("#id_last")).to_have_attribute("aria-invalid", "true")
    choose(page, first="3", last="12")
    expect(page.get_by_role("heading", name="10 entries will be sent again")).to_be_visible()
    page.get_by_role("button", name="Send 10 again").click()

    expect(page.get_by_role("status").first).to_contain_text("10 entries are sent again")
    expect(page.locator("#replay .badge-s")).to_have_text("Done")
    expect(page.locator("#replay")).to_contain_text("10 of 10 sent, up to entry 12")


def choose(page: Page, *, first: str, last: str) -> None:
    page.get_by_role("radio", name="Entry number").check()
    page.get_by_label("From entry number").fill(first)
    page.get_by_label("to", exact=True).fill(last)
    page.get_by_role("button", name="Count them").click()


@pytest.mark.parametrize("javascript", [True, False])
def test_what_was_refused_is_read_sent_again_and_dismissed(
    visit: Visit, product: Product, room: str, javascript: bool
) -> None:
    """One long walk: each step needs the one before."""
    delivering(visit, product, room, entries=8, poison=3)
    page = visit(TESS, path=settings_of(room), javascript=javascript)
    page.get_by_role("link", name="entries, and why").click()
    rows = page.locator(".asides .aside")
    expect(rows).to_have_count(3)
    expect(rows.first).to_contain_text("422")

    product.tell_intake("heal")
    rows.first.get_by_role("button", name=re.compile("Send again: entry .")).click()
    expect(page.get_by_role("status").first).to_contain_text("1 entry goes out again")
    until(lambda: status(product, room)["set_aside"] == 2, "it is delivered")

    page.reload()
    expect(rows).to_have_count(2)
    rows.first.get_by_role("checkbox").check()
    page.get_by_role("button", name="Dismiss chosen").click()
    expect(page.get_by_role("alert").first).to_contain_text("Say why")
    rows.first.get_by_role("checkbox").check()
    page.get_by_label("Why they need not be sent").fill("A drill")
    page.get_by_role("button", name="Dismiss chosen").click()
    expect(rows).to_have_count(1)

    page.get_by_role("link", name="Sent or dismissed").click()
    expect(rows).to_have_text([re.compile("Sent again"), re.compile("Dismissed.*A drill", re.DOTALL)])
    rows.first.get_by_role("link", name="Case shared").click()
    expect(page.get_by_role("heading", name="Case shared")).to_be_visible()


def test_a_held_stream_is_told_above_the_log_and_the_settings(
    visit: Visit, product: Product, room: str
) -> None:
    delivering(visit, product, room, entries=1)
    product.tell_intake("behave", kind="http_bearer", behaviour={"status": 401, "body": "{}"})
    key = product.manage("create_api_key", "--tenant", room, "--name", "y", "--scope", "ingest").strip()
    post(product, key, [entry("held")])
    until(lambda: str(status(product, room)["state"]).startswith("held"), "the stream is held")

    page = visit(TESS, path=log_of(room))

    notice = page.get_by_role("status", name="Streaming")
    expect(notice).to_contain_text("Delivery to SIEM has stopped and waits for you")
    notice.get_by_role("link", name="See what is wrong").click()
    expect(page.locator("#health")).to_contain_text("does not accept the token")
    expect(page.get_by_role("status", name="Streaming")).to_be_visible()
    product.tell_intake("heal")


def test_a_phone_shows_these_pages_without_moving_them_sideways(
    visit: Visit, product: Product, room: str
) -> None:
    delivering(visit, product, room, entries=6, poison=2)
    page = visit(TESS, path=settings_of(room), **PHONE)
    assert too_wide(page) == ""
    page.get_by_role("link", name="entries, and why").click()
    expect(page.locator(".asides .aside")).to_have_count(2)
    assert too_wide(page) == ""
    page.go_back()

    page.get_by_role("link", name="Choose a range").click()
    assert too_wide(page) == ""
    choose(page, first="1", last="4")
    expect(page.get_by_role("heading", name=re.compile("will be sent again"))).to_be_visible()
    assert too_wide(page) == ""
    product.tell_intake("heal")
