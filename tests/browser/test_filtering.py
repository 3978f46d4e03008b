from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.browser.pages import COLUMNS, LogPage, log_of
from tests.browser.people import ANA, BOT, KIM

DAY = timedelta(days=1)


@pytest.fixture
def log(visit: Visit) -> LogPage:
    """Ana before the log of acme."""
    return LogPage(visit(ANA, path=log_of("acme")))


def the_entries_of_kim(log: LogPage) -> None:
    """Look for somebody whom the menu may not offer at once, and take them."""
    log.find("Done by", KIM).get_by_label(KIM, exact=True).check()
    expect(log.chips).to_have_count(1)
    expect(log.rows).to_have_count(4)


def test_the_seven_columns_stand_in_their_order(log: LogPage) -> None:
    headings = [text.strip() for text in log.page.locator("table.log th").all_inner_texts()]

    assert [text.casefold() for text in headings] == [name.casefold() for name in COLUMNS]


def test_several_categories_are_shown_together(log: LogPage) -> None:
    log.choose("Category", "Setting updates", "User actions")

    assert set(log.column("Category")) == {"Setting updates", "User actions"}
    assert set(log.asked()) == {("category", "setting_updates"), ("category", "user_actions")}


def test_areas_and_actions_narrow_each_other(log: LogPage) -> None:
    log.choose("Area", "Workflows")
    assert all(text.endswith("Workflows") for text in log.column("Action"))

    log.choose("Action", "Workflow published", "Workflow deleted")

    assert set(log.column("Action")) == {"Workflow published Workflows", "Workflow deleted Workflows"}


def test_workspaces_and_what_belongs_to_the_tenant_as_a_whole(log: LogPage) -> None:
    log.choose("Workspace", "SOC")
    assert set(log.column("Workspace")) == {"SOC"}

    log.choose("Workspace", "Tenant (no workspace)")

    assert set(log.column("Workspace")) == {"SOC", "Tenant"}


def test_people_are_offered_and_others_can_be_typed(log: LogPage) -> None:
    the_entries_of_kim(log)
    assert set(log.column("Done by")) == {"kim @acme.example"}

    log.find("Done by", "iln-BO").get_by_label(BOT, exact=True).check()

    expect(log.rows).to_have_count(5)
    assert set(log.column("Done by")) == {"kim @acme.example", f"{BOT} Service account"}


def test_a_parameter_is_found_by_its_value(log: LogPage) -> None:
    more = log.open("More filters")
    more.get_by_label("Parameter", exact=True).fill("workflow_name")
    more.get_by_label("Value", exact=True).fill("Kiln check")
    log.apply("More filters")

    expect(log.rows).to_have_count(2)
    assert all("Kiln check" in text for text in log.column("Parameters"))
    log.rows.first.get_by_title("Only version: 8").click()
    expect(log.rows).to_have_count(1)


def test_words_of_the_details_are_searched_as_they_are_typed(log: LogPage) -> None:
    log.search("amber desk")

    expect(log.rows).to_have_count(1)
    assert log.column("Details") == ["Shared with the amber desk"]


def test_the_details_alone_can_be_searched(log: LogPage) -> None:
    log.open("More filters").get_by_label("Details", exact=True).fill("pottery")
    log.apply("More filters")

    expect(log.rows).to_have_count(1)
    assert log.column("Details") == ["Signed off by the pottery board"]


def test_a_preset_of_time_and_a_custom_range(log: LogPage) -> None:
    the_entries_of_kim(log)

    log.open("All time").get_by_role("link", name="Last 24 hours").click()
    expect(log.rows).to_have_count(1)

    middle = datetime.now(UTC) - 2 * DAY
    time = log.open("Last 24 hours")
    time.get_by_label("From").fill(f"{middle - DAY / 2:%Y-%m-%dT%H:%M}")
    time.get_by_label("To", exact=True).fill(f"{middle + DAY / 2:%Y-%m-%dT%H:%M}")
    time.get_by_role("button", name="Apply range").click()

    expect(log.chips).to_have_count(1)
    expect(log.menu(" – ")).to_be_visible()
    assert log.column("Details") == ["Shared with the amber desk"]
    assert {name for name, _ in log.asked()} == {"by", "from", "to"}


def test_chips_are_removed_one_by_one(log: LogPage) -> None:
    the_entries_of_kim(log)
    log.choose("Category", "User actions", "System configuration")
    log.search("kiln")
    expect(log.rows).to_have_count(2)

    log.remove("kiln")
    expect(log.rows).to_have_count(3)
    log.remove("System configuration")
    expect(log.rows).to_have_count(1)
    log.remove("User actions")
    expect(log.rows).to_have_count(4)
    log.remove(KIM)

    expect(log.chips).to_have_count(0)
    assert log.asked() == []
    expect(log.rows).to_have_count(50)


def test_the_address_restores_the_page_and_back_goes_a_step_back(log: LogPage) -> None:
    the_entries_of_kim(log)
    one = log.page.url
    log.choose("Category", "System configuration")
    expect(log.rows).to_have_count(2)
    shown = log.entries()

    log.page.reload()
    expect(log.chips).to_have_count(2)
    assert log.entries() == shown
    expect(log.open("Category").get_by_label("System configuration")).to_be_checked()

    log.page.go_back()
    expect(log.page).to_have_url(one)
    expect(log.rows).to_have_count(4)
    expect(log.chips).to_have_count(1)


def test_no_match_says_so_and_offers_a_way_out(log: LogPage) -> None:
    the_entries_of_kim(log)
    log.search("nothing of the kind")

    expect(log.page.get_by_role("heading", name="No entries match these filters")).to_be_visible()
    log.page.get_by_role("link", name="Remove “Search”").click()

    expect(log.rows).to_have_count(4)


def test_an_address_that_cannot_be_used_shows_no_entries_and_says_why(visit: Visit) -> None:
    log = LogPage(visit(ANA, path=f"{log_of('acme')}?category=user_action&by={KIM}"))

    expect(log.page.get_by_role("alert").filter(visible=True)).to_contain_text("Did you mean user_actions?")
    expect(log.rows).to_have_count(0)
    log.page.get_by_role("link", name="Remove", exact=True).click()
    expect(log.rows).to_have_count(4)


def test_times_are_those_of_the_readers_zone(visit: Visit) -> None:
    kept = f"{log_of('acme')}?by={KIM}"
    page = visit(ANA, path=kept, timezone_id="Asia/Kathmandu")
    page.goto(kept)

    expect(page.locator("table.log tbody td:last-child").first).to_contain_text("+5:45")
