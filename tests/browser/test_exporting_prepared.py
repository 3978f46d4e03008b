"""Exports too large for an answer, as people meet them: started, watched, downloaded, cancelled."""

from __future__ import annotations

import csv
import io
import json
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit
from tests.browser.pages import LogPage, log_of
from tests.browser.people import MIA, TESS
from tests.journeys.product import Product, until

ENTRIES = 12_000
WRITTEN = 60_000


@pytest.fixture
def full(product: Product, room: str) -> str:
    """The slug of a tenant with more entries than are streamed at once; tess may start five exports again."""
    product.manage("seed_demo", "--tenant", room, "--entries", str(ENTRIES))
    forget = "from audit.models import Export; Export.objects.all().delete()"
    product.manage("shell", "--no-imports", "-c", forget)
    return room


@contextmanager
def nobody_at_work(product: Product) -> Iterator[None]:
    """The worker stands still."""
    worker = product.processes["worker"].pid
    os.killpg(worker, signal.SIGSTOP)
    try:
        yield
    finally:
        os.killpg(worker, signal.SIGCONT)


def start(page: Page, tenant: str, button: str, *, filters: str = "") -> None:
    """Ask for an export, and follow the note to where it is prepared."""
    page.goto(f"{log_of(tenant)}{filters}")
    page.locator(".pagehead summary", has_text="Export").click()
    page.locator(".pagehead details.dd").get_by_role("button", name=button).first.click()
    note = page.get_by_role("status").filter(has_text="is being prepared")
    expect(note).to_be_visible()
    note.get_by_role("link", name="Exports").click()
    expect(page.get_by_role("heading", name="Exports", exact=True)).to_be_visible()


def download(page: Page) -> tuple[str, str]:
    """The name and the text of the newest export's file."""
    with page.expect_download() as file:
        page.get_by_role("button", name="Download EXP-").first.click()
    return file.value.suggested_filename, file.value.path().read_text(encoding="utf-8-sig")


def test_a_large_export_becomes_ready_before_ones_eyes_and_has_what_was_promised(
    visit: Visit, full: str
) -> None:
    page = visit(TESS)

    start(page, full, "CSV For spreadsheets", filters="?range=90d")

    row = page.locator("table.exports tbody tr")
    expect(row).to_have_attribute("data-state", "ready", timeout=WRITTEN)
    expect(row).to_contain_text("Last 90 days")
    expect(page.locator("#exports-told")).to_have_text("EXP-0001 ready.")
    promised = row.locator("td").nth(3).inner_text().replace(",", "")
    name, text = download(page)
    assert f"-{promised}-entries-spreadsheet-safe.csv" in name
    assert len(list(csv.DictReader(io.StringIO(text, newline="")))) == int(promised) >= ENTRIES
    expect(page.locator("#exports")).not_to_have_attribute("hx-trigger", "every 2s")


def test_a_large_export_needs_no_javascript(visit: Visit, full: str) -> None:
    page = visit(TESS, javascript=False)

    start(page, full, "JSON The same")
    row = page.locator("table.exports tbody tr")
    # The page asks again by itself, every five seconds.
    expect(row).to_have_attribute("data-state", "ready", timeout=WRITTEN)

    found = json.loads(download(page)[1])
    assert found["count"] == len(found["entries"]) >= ENTRIES


def test_an_export_that_waits_is_cancelled_and_run_again(visit: Visit, full: str, product: Product) -> None:
    page = visit(TESS)
    with nobody_at_work(product):
        start(page, full, "NDJSON")
        row = page.locator("table.exports tbody tr").last
        expect(row).to_contain_text("Waiting for a worker")
        expect(row).to_contain_text("Next in line")

        page.get_by_role("button", name="Cancel EXP-0001").click()

        expect(row).to_have_attribute("data-state", "cancelled")
    page.get_by_role("button", name="Run again EXP-0001").click()
    expect(page.locator("#EXP-0002")).to_have_attribute("data-state", "ready", timeout=WRITTEN)
    expect(page.locator("#EXP-0001")).to_have_attribute("data-state", "cancelled")


def test_who_works_with_the_keyboard_stays_where_they_are_while_the_list_is_drawn_anew(
    visit: Visit, full: str, product: Product
) -> None:
    page = visit(TESS)
    with nobody_at_work(product):
        start(page, full, "NDJSON")
        button = page.get_by_role("button", name="Cancel EXP-0001")
        button.focus()

        with page.expect_response(lambda answer: "told=" in answer.url):
            pass
        page.wait_for_timeout(300)

        expect(button).to_be_focused()
        button.press("Enter")
        expect(page.locator("#EXP-0001")).to_have_attribute("data-state", "cancelled")


def test_the_link_of_a_file_is_for_one_person_and_one_download(visit: Visit, full: str) -> None:
    page, links = visit(TESS), []
    start(page, full, "NDJSON")
    expect(page.locator("#EXP-0001")).to_have_attribute("data-state", "ready", timeout=WRITTEN)
    page.on("response", lambda answer: links.append(answer.headers.get("location", "")))

    download(page)

    until(lambda: any("/exports/file/" in link for link in links), "the link was seen")
    link = next(link for link in links if "/exports/file/" in link)
    assert visit(MIA).request.get(link).status == 404
    assert page.request.get(link).status == 410


def test_a_small_export_needs_no_worker(visit: Visit, product: Product) -> None:
    with nobody_at_work(product):
        log = LogPage(visit(MIA, path=f"{log_of('acme')}?category=setting_updates&range=7d"))

        found = json.loads(log.export("JSON The same"))

    assert found["count"] == len(found["entries"]) > 50
