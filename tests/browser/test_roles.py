from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.browser.pages import LogPage, log_of, settings_of
from tests.browser.people import ANA, AUD, KIM, VIC


def test_an_admin_reaches_the_settings_by_the_icon(visit: Visit) -> None:
    page = visit(ANA, path=log_of("acme"))
    page.get_by_role("link", name="Audit Log Settings").click()

    expect(page.get_by_role("heading", name="Audit Log Settings")).to_be_visible()
    page.get_by_label("Breadcrumb").get_by_role("link", name="Audit Log").click()
    expect(page.locator("table.log")).to_be_visible()


@pytest.mark.parametrize("who", [AUD, VIC])
def test_others_see_no_icon_and_are_told_why_the_settings_are_closed(visit: Visit, who: str) -> None:
    page = visit(who, path=log_of("acme"))
    expect(page.get_by_role("heading", name="Audit Log")).to_be_visible()
    expect(page.get_by_role("link", name="Audit Log Settings")).to_have_count(0)

    answer = page.goto(settings_of("acme"))

    assert answer is not None
    assert answer.status == 403
    expect(page.get_by_role("heading", name="Your role does not include this")).to_be_visible()
    page.get_by_role("link", name="Go to the Audit Log").click()
    expect(page.locator("table.log")).to_be_visible()


def test_a_viewer_sees_the_named_workspace_alone_and_exports_nothing(visit: Visit) -> None:
    log = LogPage(visit(VIC, path=log_of("acme")))

    assert set(log.column("Workspace")) == {"SOC"}
    expect(log.page.locator(".pagehead")).to_contain_text("your workspaces")
    expect(log.page.locator(".pagehead summary", has_text="Export")).to_have_count(0)
    log.page.goto(f"{log_of('acme')}?by={KIM}")
    expect(log.rows).to_have_count(2)


def test_an_entry_outside_of_their_workspaces_is_not_found_for_a_viewer(visit: Visit) -> None:
    entry = LogPage(visit(ANA, path=f"{log_of('acme')}?by={KIM}&category=user_actions")).entries()[0]

    page = visit(VIC)
    answer = page.goto(f"{log_of('acme')}{entry}/")

    assert answer is not None
    assert answer.status == 404
    expect(page.get_by_role("heading", name="There is nothing here")).to_be_visible()


def test_a_tenant_that_is_not_theirs_is_not_found(visit: Visit) -> None:
    page = visit(ANA)
    answers = [page.goto(path) for path in (log_of("globex"), settings_of("globex"), log_of("nowhere"))]

    assert [answer.status for answer in answers if answer] == [404, 404, 404]
