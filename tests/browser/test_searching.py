from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.browser.pages import LogPage, log_of
from tests.browser.people import ANA, KIM


def test_filters_typed_into_the_search_become_chips_with_enter(visit: Visit) -> None:
    log = LogPage(visit(ANA, path=log_of("acme")))
    box = log.page.get_by_role("searchbox", name="Search entries")

    box.fill(f'by:{KIM} -outcome:failure "workflow published"')
    box.press("Enter")

    expect(log.chips).to_have_count(3)
    expect(box).to_have_value('"workflow published"')
    assert log.asked() == [("by", KIM), ("not.outcome", "failure"), ("q", '"workflow published"')]


def test_while_typing_the_box_keeps_what_was_typed(visit: Visit) -> None:
    log = LogPage(visit(ANA, path=log_of("acme")))
    box = log.page.get_by_role("searchbox", name="Search entries")

    box.press_sequentially(f"by:{KIM}", delay=10)

    expect(log.rows).to_have_count(4)
    expect(box).to_have_value(f"by:{KIM}")
    expect(box).to_be_focused()


def test_help_opens_beside_the_box_and_lies_within_the_window(visit: Visit) -> None:
    log = LogPage(visit(ANA, path=log_of("acme")))
    log.page.get_by_label("How to search", exact=True).first.click()

    menu = log.page.get_by_role("group", name="How to search")

    expect(menu).to_be_visible()
    place, window = menu.bounding_box(), log.page.viewport_size
    assert place is not None
    assert window is not None
    assert place["x"] >= 0
    assert place["x"] + place["width"] <= window["width"]
    box, button = (log.page.locator(name).bounding_box() for name in ("#q", ".filters .f-btn >> nth=0"))
    assert box is not None
    assert button is not None
    assert abs(box["y"] - button["y"]) < 2, "the help moves nothing in the bar"
