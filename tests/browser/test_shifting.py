"""What Lighthouse looks at first: nothing moves by itself, caches keep what is no page, little goes over the wire."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, Response, expect

from tests.browser import shifting
from tests.browser.conftest import Visit
from tests.browser.pages import LogPage, log_of, settings_of
from tests.browser.people import ANA, KIM, SID
from tests.browser.states import PHONE, STATES, Places, State

# A tenth of what Web Vitals call good.
MOST = 0.01
LIGHTEST = 150_000
# In these something moves because a person has just done it.
STILL = [state for state in STATES if state.act.__name__ == "as_it_is" and not state.name.startswith("admin")]


def moved(page: Page) -> list[tuple[float, str]]:
    shifts = shifting.shifted(page)
    return shifts if sum(far for far, _ in shifts) > MOST else []


@pytest.mark.parametrize("state", STILL, ids=lambda state: state.name)
def test_nothing_moves_while_a_page_loads(visit: Visit, places: Places, state: State) -> None:
    page = visit(state.who)
    shifting.watch(page.context)

    state.reach(page, places)

    assert moved(page) == []


@pytest.mark.parametrize("device", [{}, PHONE], ids=["desk", "phone"])
def test_nothing_moves_when_parts_of_the_log_arrive(visit: Visit, device: dict[str, object]) -> None:
    page = visit(ANA, **device)
    shifting.watch(page.context)
    page.goto(f"{log_of('acme')}?by={KIM}")
    log = LogPage(page)
    shifting.answer_slowly(page)

    log.choose("Category", "User actions")
    log.remove("User actions")
    log.search("kiln")

    assert moved(page) == []


def test_nothing_moves_when_a_test_of_a_connection_goes_on(visit: Visit, places: Places) -> None:
    page = visit(SID)
    shifting.watch(page.context)
    page.goto(f"{settings_of('bare')}?test={places['testing']}")

    with page.expect_response("**/test/**"):
        pass

    assert moved(page) == []


def test_a_page_that_moves_is_found_out(visit: Visit) -> None:
    page = visit(ANA)
    shifting.watch(page.context)
    page.goto(log_of("acme"))
    expect(page.locator("table.log")).to_be_visible()
    assert moved(page) == []

    page.evaluate("document.querySelector('main').prepend(Object.assign(new Image(), {height: 300}))")

    assert moved(page) != []


def test_whatever_is_not_a_page_is_kept_for_ever_by_caches(visit: Visit, places: Places) -> None:
    page = visit(SID)
    answers: list[Response] = []
    page.on("response", lambda answer: answers.append(answer))  # noqa: PLW0108 - Playwright marks the handler

    for path in (
        log_of("held"),
        settings_of("delivers"),
        f"{log_of('held')}{places['entry']}/",
        "/api/v1/docs",
    ):
        page.goto(path)
        page.wait_for_load_state("networkidle")

    files = {
        answer.url: answer.headers.get("cache-control", "") for answer in answers if "/static/" in answer.url
    }
    assert any(url.endswith(".woff2") for url in files)
    assert {url: kept for url, kept in files.items() if "immutable" not in kept} == {}


def test_the_first_page_is_light(visit: Visit) -> None:
    """Nothing of it is in the cache: style, scripts, fonts and fifty entries."""
    page = visit(ANA)
    session = page.context.new_cdp_session(page)
    weights: list[int] = []
    session.send("Network.enable")
    session.on("Network.loadingFinished", lambda event: weights.append(event["encodedDataLength"]))

    page.goto(log_of("acme"))
    page.wait_for_load_state("networkidle")

    expect(page.locator("table.log tbody tr")).to_have_count(50)
    assert 50_000 < sum(weights) <= LIGHTEST, weights
