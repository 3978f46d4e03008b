from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit
from tests.browser.pages import log_of
from tests.browser.people import ANA, MIA, PASSWORD

WRONG = "The e-mail address or the password is not right."


def sign_in(page: Page, email: str, password: str = PASSWORD) -> None:
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()


def test_signing_in_leads_to_the_log_of_the_persons_tenant(visit: Visit) -> None:
    page = visit(path="/")

    sign_in(page, ANA)

    expect(page).to_have_url(re.compile(r"/t/acme/audit-log/$"))
    expect(page.get_by_role("heading", name="Audit Log")).to_be_visible()


def test_signing_in_leads_back_to_the_page_that_was_asked_for(visit: Visit) -> None:
    wanted = f"{log_of('acme')}?category=user_actions"
    page = visit(path=wanted)

    sign_in(page, ANA)

    expect(page).to_have_url(re.compile(re.escape(wanted) + "$"))


def test_nobody_is_led_to_another_site_by_signing_in(visit: Visit) -> None:
    page = visit(path="/accounts/login/?next=https://evil.example/")

    sign_in(page, ANA)

    expect(page).to_have_url(re.compile(r"^http://127\.0\.0\.1:\d+/t/acme/audit-log/$"))


def test_a_wrong_password_and_an_unknown_address_are_told_alike(visit: Visit) -> None:
    told = []
    for email in (ANA, "nobody@acme.example"):
        page = visit(path="/accounts/login/")
        sign_in(page, email, "not the password")
        expect(page.get_by_role("alert").filter(visible=True)).to_contain_text(WRONG)
        told.append(page.locator("main").inner_text())

    assert told[0] == told[1]
    expect(page.get_by_label("E-mail")).to_have_value("nobody@acme.example")
    expect(page.get_by_label("Password")).to_have_value("")


def test_signing_out_ends_the_session_and_shuts_the_pages(visit: Visit) -> None:
    page = visit(path="/accounts/login/")
    sign_in(page, ANA)
    expect(page).to_have_url(re.compile("/t/acme/"))

    page.get_by_label(f"Account: {ANA}").click()
    page.get_by_role("button", name="Sign out").click()

    expect(page.get_by_role("button", name="Sign in")).to_be_visible()
    page.goto(log_of("acme"))
    expect(page).to_have_url(re.compile("/accounts/login/"))


def test_a_person_of_two_tenants_chooses_and_switches(visit: Visit) -> None:
    page = visit(path="/accounts/login/")
    sign_in(page, MIA)

    expect(page.get_by_role("heading", name="Choose a tenant")).to_be_visible()
    page.get_by_role("link", name="Globex").click()
    expect(page.get_by_role("heading", name="Audit Log")).to_be_visible()
    expect(page).to_have_url(re.compile("/t/globex/"))
    page.locator(".topbar summary", has_text="Globex").click()
    page.locator(".topbar").get_by_role("link", name="Acme").click()

    expect(page).to_have_url(re.compile("/t/acme/"))
    page.goto("/audit-log/")
    expect(page).to_have_url(re.compile("/t/acme/"))
