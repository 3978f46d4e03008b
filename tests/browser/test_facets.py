"""Menus with counts, what is left out, a calendar, and values of rows that filter."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.conftest import Visit
from tests.browser.pages import LogPage, log_of
from tests.browser.people import ANA, KIM

BY_KIM = f"{log_of('acme')}?by={KIM}"


@pytest.fixture
def log(visit: Visit) -> LogPage:
    """Ana before what kim did."""
    return LogPage(visit(ANA, path=BY_KIM))


def box(menu: Locator, label: str) -> Locator:
    return menu.get_by_label(label, exact=True)


def test_a_menu_counts_its_values_under_the_other_filters(log: LogPage) -> None:
    expect(box(log.open("Category"), "Setting updates")).to_be_visible()
    assert log.counts("Category") == {
        "System configuration": "2", "Setting updates": "1", "User actions": "1",
    }  # fmt: skip

    box(log.menu("Category"), "User actions").check()
    expect(log.rows).to_have_count(1)
    expect(box(log.menu("Category"), "User actions")).to_be_focused()
    assert len(log.counts("Category")) == 3

    expect(box(log.open("Action"), "Case shared")).to_be_visible()
    assert log.counts("Action") == {"Case shared": "1"}
    assert log.counts("Done by") == {}


def test_other_values_are_found_by_typing(log: LogPage) -> None:
    found = box(log.find("Action", "SAML"), "SAML settings updated")
    expect(found).to_be_visible()
    expect(box(log.menu("Action"), "Case shared")).to_have_count(0)

    found.check()

    expect(log.rows).to_have_count(1)
    assert set(log.asked()) == {("by", KIM), ("action", "tenant_admin_settings.saml_settings_updated")}


def test_what_is_chosen_can_be_left_out_instead(log: LogPage) -> None:
    log.choose("Category", "User actions")
    log.menu("Category").get_by_label("Category: only these, or all but these").select_option("is not")
    expect(log.rows).to_have_count(3)
    assert set(log.asked()) == {("by", KIM), ("not.category", "user_actions")}

    log.page.get_by_role("link", name="is not: turn round").click()

    expect(log.rows).to_have_count(1)
    assert set(log.asked()) == {("by", KIM), ("category", "user_actions")}


def test_values_of_a_parameter_are_offered_once_its_key_is_chosen(log: LogPage) -> None:
    more = log.open("More filters")
    more.get_by_label("Parameter", exact=True).fill("version")
    expect(box(more, "8")).to_be_visible()
    more.get_by_label("Parameter is, or is not").select_option("is not")
    box(more, "8").check()
    log.apply("More filters")

    expect(log.rows).to_have_count(3)
    assert set(log.asked()) == {("by", KIM), ("not.p.version", "8")}


def test_two_days_of_the_calendar_are_a_range(log: LogPage) -> None:
    day = datetime.now(UTC) - timedelta(days=2)
    time = log.open("All time")
    expect(time.get_by_role("table")).to_be_visible()
    if day.month != datetime.now(UTC).month:
        time.get_by_role("button", name="Month before").click()

    button = time.get_by_role("button", name=f"{day:%A} {day.day} {day:%B %Y}")
    button.click()
    expect(time.get_by_label("From")).to_have_value(f"{day:%Y-%m-%d}T00:00")
    button.click()
    expect(time.get_by_label("To", exact=True)).to_have_value(f"{day:%Y-%m-%d}T23:59")
    expect(button).to_be_focused()
    time.get_by_role("button", name="Apply range").click()

    expect(log.rows).to_have_count(1)
    assert log.column("Details") == ["Shared with the amber desk"]


def test_a_click_on_a_value_filters_by_it_and_with_alt_leaves_it_out(log: LogPage) -> None:
    log.rows.first.get_by_title("Only Workflows").click()
    expect(log.rows).to_have_count(2)
    assert log.asked() == [("by", KIM), ("area", "workflows")]

    log.page.goto(BY_KIM)
    log.rows.first.get_by_title("Only SOC").click(modifiers=["Alt"])
    expect(log.rows).to_have_count(2)
    assert log.asked()[-1][0] == "not.workspace"

    log.page.goto(log_of("acme"))
    log.rows.first.get_by_title("Only ").first.click()
    expect(log.chips).to_have_count(1)


def test_a_row_still_opens_beside_its_values(log: LogPage) -> None:
    # The action's link lies over all of the row but for its values.
    log.rows.first.locator("td").nth(3).click(force=True)

    expect(log.page.get_by_role("complementary")).to_be_visible()


@pytest.fixture
def plain(visit: Visit) -> LogPage:
    """The same in a browser that runs no scripts."""
    return LogPage(visit(ANA, path=BY_KIM, javascript=False), javascript=False)


def test_values_are_counted_found_and_taken_without_scripts(plain: LogPage) -> None:
    plain.open("Category").get_by_role("link", name="Values and counts").click()
    page = plain.page
    expect(page.get_by_text("2 entries")).to_be_visible()

    page.get_by_label("Find in Category").fill("user")
    page.get_by_role("button", name="Find").click()
    expect(page.get_by_label("Setting updates")).to_have_count(0)
    page.get_by_label("User actions").check()
    page.get_by_role("button", name="Apply").click()

    expect(plain.rows).to_have_count(1)


def test_days_are_picked_without_scripts(plain: LogPage) -> None:
    day, page = datetime.now(UTC) - timedelta(days=2), plain.page
    plain.open("All time").get_by_role("link", name="In a calendar").click()

    page.get_by_label("From").fill(f"{day:%Y-%m-%d}T00:00")
    page.get_by_role("button", name="Month after").click()
    page.get_by_role("button", name="Month before").click()
    page.get_by_role("button", name=f"{day:%A} {day.day} {day:%B %Y}").click()
    expect(page.get_by_label("To", exact=True)).to_have_value(f"{day:%Y-%m-%d}T23:59")
    page.get_by_role("button", name="Apply range").click()

    expect(plain.rows).to_have_count(1)


def test_values_of_a_parameter_are_taken_without_scripts(plain: LogPage) -> None:
    plain.open("More filters").get_by_role("link", name="Parameters, values and counts").click()
    page = plain.page

    page.get_by_role("combobox", name="Parameter", exact=True).select_option("workflow_name")
    page.get_by_role("button", name="Show its values").click()
    page.get_by_label("Kiln check").check()
    page.get_by_role("button", name="Apply").click()

    expect(plain.rows).to_have_count(2)
    assert set(plain.asked()) == {("by", KIM), ("p.workflow_name", "Kiln check")}
