"""Values that want to be markup, to hide, to turn the text around them, or to fill the page."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Dialog, Page, expect

from tests.browser.conftest import Visit
from tests.browser.pages import log_of
from tests.browser.people import TESS, post
from tests.journeys.product import Product

CASES = Path(__file__).parents[1] / "cases" / "injection_cases.tsv"
ROWS = [line.split("\t") for line in CASES.read_text(encoding="utf-8").split("\n")]
# U+0000 and halves of characters are refused when an entry comes in.
VALUES = [
    value
    for row in ROWS
    if re.fullmatch(r"I\d+", row[0])
    and len(value := json.loads(row[2])) < 500
    and not re.search("[\0\ud800-\udfff]", value)
]
NO_MORE_NODES = 5_000


@pytest.fixture
def key(product: Product, room: str) -> str:
    """A key of tess's room that sends entries in."""
    return product.manage(
        "create_api_key", "--tenant", room, "--name", "platform", "--scope", "ingest"
    ).strip()


def holding(value: str) -> dict[str, Any]:
    """An entry with this value wherever one fits."""
    return {
        "event": "workflows.workflow_published",
        "actor": {"email": "kim@rooms.example", "name": value},
        "parameters": {"workflow_name": value, "changes": {"x": {"old": value, "new": [value, {value: 1}]}}},
        "details": value,
        "target": {"type": value, "id": value, "name": value},
        "context": {"user_agent": value, "request_id": value},
        "external_id": value,
    }


def watched(page: Page) -> list[str]:
    """What a script that should not have run has opened."""
    opened: list[str] = []

    def dismiss(dialog: Dialog) -> None:
        opened.append(dialog.message)
        dialog.dismiss()

    page.on("dialog", dismiss)
    return opened


def test_every_value_of_the_corpus_is_text_in_the_panel_and_on_the_page(
    visit: Visit, product: Product, room: str, key: str
) -> None:
    post(product, key, [holding(value) for value in VALUES])
    page = visit(TESS, path=f"{log_of(room)}?action=workflows.workflow_published")
    opened = watched(page)
    page.locator("table.log a.act").first.click()
    expect(page.locator("#entry-title")).to_be_focused()

    shown = set()
    cell = page.locator(".panel tr", has=page.locator("th", has_text=re.compile("^workflow_name$"))).locator(
        "td bdi"
    )
    for _ in VALUES:
        shown.add(cell.first.evaluate("cell => cell.textContent"))
        older = page.get_by_role("link", name="Older entry")
        if not older.count():
            break
        before = page.url
        older.click()
        expect(page).not_to_have_url(before)
        expect(page.locator(f'aside[data-entry="{page.url.rpartition("entry=")[2]}"]')).to_be_visible()
    page.get_by_role("link", name="Open as a page").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Workflow published")

    # A page of the log has 50 rows.
    assert len(set(VALUES) & shown) >= min(len(VALUES), 50) - 1
    assert shown <= set(VALUES)
    assert opened == []


def test_a_hundred_kilobytes_open_small_and_are_there_on_demand(
    visit: Visit, product: Product, room: str, key: str
) -> None:
    rows = [{"id": number, "deep": {"a": [1, {"b": "c"}]}} for number in range(2_000)]
    heavy = {"workflow_name": "Heavy", "text": "سلام admin\u202enimda " * 1_000, "rows": rows}
    post(product, key, [{**holding("x"), "external_id": "heavy", "parameters": heavy}])
    page = visit(TESS, path=f"{log_of(room)}?p.workflow_name=Heavy")
    page.locator("table.log a.act").click()
    expect(page.locator("#entry-title")).to_be_focused()

    assert page.locator(".panel *").count() < NO_MORE_NODES
    wide = "[...document.querySelectorAll('.panel *')].filter(e => e.getBoundingClientRect().right > innerWidth + 1)"
    assert page.evaluate(f"{wide}.length") == 0
    page.locator(".panel").get_by_role("link", name="Show all", exact=True).click()
    whole = page.get_by_label("Entry as JSON")
    expect(whole).to_be_visible()
    href = page.get_by_role("link", name="Download JSON").get_attribute("href")
    recorded = page.evaluate("href => fetch(href).then(answer => answer.text())", href)
    assert json.loads(whole.evaluate("pre => pre.textContent")) == json.loads(recorded)
    assert json.loads(recorded)["parameters"] == heavy
