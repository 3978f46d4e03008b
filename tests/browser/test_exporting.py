from __future__ import annotations

import csv
import io
import json

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.browser.pages import LogPage, log_of
from tests.browser.people import ANA, AUD, KIM

BY_KIM = f"{log_of('acme')}?by={KIM}"


def test_a_csv_holds_what_the_filters_show_and_no_formula(visit: Visit) -> None:
    log = LogPage(visit(ANA, path=BY_KIM))
    shown = log.entries()

    text = log.export("CSV For spreadsheets")

    rows = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))
    assert [row["ID"] for row in rows] == shown
    assert [row["Details"] for row in rows][1:] == [
        '\'=HYPERLINK("https://evil.example")',
        "Shared with the amber desk",
        "Signed off by the pottery board",
    ]
    assert {row["Done by"] for row in rows} == {KIM}


def test_an_ndjson_holds_every_field_as_it_was_recorded(visit: Visit) -> None:
    log = LogPage(visit(AUD, path=f"{BY_KIM}&outcome=failure"))
    shown = log.entries()

    entries = [json.loads(line) for line in log.export("NDJSON").splitlines()]

    assert [entry["id"] for entry in entries] == shown
    assert entries[0]["details"] == '=HYPERLINK("https://evil.example")'
    assert (entries[0]["schema"], entries[0]["parameters"]) == (1, {"changes": "entity id"})


def test_an_export_goes_beyond_the_page_and_is_recorded(visit: Visit) -> None:
    log = LogPage(visit(ANA, path=f"{log_of('acme')}?category=setting_updates&range=30d"))
    first_page = log.entries()

    lines = log.export("NDJSON").splitlines()

    assert [json.loads(line)["id"] for line in lines[:50]] == first_page
    assert len(lines) > 50
    log.page.goto(f"{log_of('acme')}?action=tenant_admin_settings.audit_logs_exported&by={ANA}")
    expect(log.rows.first).to_contain_text("Audit logs exported")
    log.page.locator("table.log a.act").first.click()
    panel = log.page.get_by_role("complementary")
    expect(panel.get_by_role("row", name=f"row_count {len(lines)}")).to_be_visible()
    expect(panel.get_by_role("row", name="filters category=setting_updates")).to_be_visible()
    expect(panel.get_by_role("row", name="format ndjson")).to_be_visible()


@pytest.mark.parametrize("who", [ANA, AUD])
def test_admins_and_auditors_are_offered_the_export(visit: Visit, who: str) -> None:
    page = visit(who, path=BY_KIM)

    expect(page.locator(".pagehead summary", has_text="Export")).to_be_visible()
