from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.browser.pages import LogPage, SettingsPage, log_of, settings_of
from tests.browser.people import GUS, Keys, post
from tests.journeys.product import Product, tokens, until

SECONDS = 15_000


def entry(name: str) -> dict[str, object]:
    return {
        "event": "workflows.workflow_created",
        "actor": {"email": GUS},
        "parameters": {"workflow_name": name},
    }


def test_a_stream_is_set_up_from_nothing_and_switched_off_again(
    visit: Visit, product: Product, keys: Keys
) -> None:
    """One long walk: each step needs the one before."""
    form = SettingsPage(visit(GUS, path=settings_of("globex")))
    token = tokens(product)["splunk_hec"]
    it_is_not_set_up_and_inactive(form)
    it_tells_what_is_missing_beside_the_fields(form)
    a_form_that_comes_back_does_not_hold_the_token(form, token)

    form.fill("Splunk HEC", product.intake, token)
    form.save()

    expect(form.page.get_by_role("status").first).to_contain_text(
        "Settings saved. New entries go to 127.0.0.1"
    )
    expect(form.page.locator("code", has_text=f"{product.intake}/services/collector/event")).to_be_visible()
    assert token not in form.page.content()
    entries_arrive(form, product, keys)
    a_new_host_asks_for_the_token_again(form)
    switched_off_nothing_is_sent(form, product, keys)
    every_change_is_an_entry(visit)


def it_is_not_set_up_and_inactive(form: SettingsPage) -> None:
    expect(form.health).to_contain_text("Not set up")
    expect(form.switch).not_to_be_checked()
    expect(form.url).to_be_disabled()
    expect(form.page.get_by_role("button", name="Test Connection")).to_be_disabled()
    form.switch.check()
    expect(form.url).to_be_enabled()


def it_tells_what_is_missing_beside_the_fields(form: SettingsPage) -> None:
    form.url.fill("http://splunk.example:8088")
    form.save()

    expect(form.page.get_by_role("alert").filter(visible=True)).to_contain_text("Two fields need attention")
    expect(form.error_of("url")).to_contain_text("https")
    expect(form.error_of("token")).to_contain_text("Enter a token")
    expect(form.url).to_have_value("http://splunk.example:8088")


def a_form_that_comes_back_does_not_hold_the_token(form: SettingsPage, token: str) -> None:
    form.token.fill(token)
    form.save()

    expect(form.error_of("token")).to_have_count(0)
    expect(form.error_of("url")).to_be_visible()
    expect(form.token).to_have_value("")
    assert token not in form.page.content()


def entries_arrive(form: SettingsPage, product: Product, keys: Keys) -> None:
    post(product, keys["globex"], [entry("Streamed")])
    until(lambda: "Streamed" in arrived(product), "the entry is at the intake", seconds=10)

    form.page.reload()
    expect(form.health).to_contain_text("Streaming", timeout=SECONDS)
    expect(form.health.locator("dd").nth(1)).to_have_text(re.compile(r"0\s+entries"))


def a_new_host_asks_for_the_token_again(form: SettingsPage) -> None:
    form.url.fill("https://splunk.elsewhere.example:8088")
    form.save()

    expect(form.error_of("token")).to_contain_text("Enter the token again")
    form.page.get_by_role("link", name="Discard").click()
    expect(form.url).to_have_value(re.compile("127.0.0.1"))


def switched_off_nothing_is_sent(form: SettingsPage, product: Product, keys: Keys) -> None:
    form.switch.uncheck()
    expect(form.url).to_be_disabled()
    form.save()

    expect(form.page.get_by_role("status").first).to_contain_text("Streaming is off.")
    expect(form.url).to_be_disabled()
    expect(form.health).to_contain_text("Off")
    post(product, keys["globex"], [entry("Kept here")])
    form.page.reload()
    expect(form.health.locator("dd").nth(1)).not_to_have_text(re.compile(r"^0\s"))
    assert "Kept here" not in arrived(product)

    form.switch.check()
    form.page.get_by_label(re.compile("Send the .* that wait")).check()
    form.save()
    until(lambda: "Kept here" in arrived(product), "what waited is sent", seconds=10)


def every_change_is_an_entry(visit: Visit) -> None:
    log = LogPage(visit(GUS, path=f"{log_of('globex')}?area=tenant_admin_settings"))

    assert [text.removesuffix(" Tenant admin settings") for text in log.column("Action")] == [
        "Audit log streaming enabled",
        "Audit log streaming disabled",
        "Audit log streaming enabled",
    ]


def arrived(product: Product) -> list[str]:
    """The workflows that entries at the intake name."""
    received = product.ask_intake("received", kind="splunk_hec")["received"]
    return [one["entry"]["parameters"].get("workflow_name", "") for one in received]
