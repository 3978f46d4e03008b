"""Every page in every state in which a person may see it: one list for accessibility, pictures and shifting.

A new page, or a new state of one, is one line in `STATES`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from playwright.sync_api import Page, expect

from tests.browser.pages import LogPage, SettingsPage, keys_of, log_of, settings_of
from tests.browser.people import ANA, KIM, MIA, PASSWORD, SID, SUE, UMA, VIC

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
Places = Mapping[str, str]
Act = Callable[[Page, Places], None]

LOG, HERE = log_of("acme"), f"{log_of('acme')}?by={KIM}"
BARE = settings_of("bare")


@dataclass(frozen=True, slots=True)
class State:
    """One state of a page, as one person reaches it.

    `path` may hold names of `stages` in braces; `act` is what is done there; `like` is what its picture is called in a
    folder of pictures that it is compared with, without theme.
    """

    name: str
    path: str
    act: Act
    who: str | None = ANA
    like: str = ""

    def reach(self, page: Page, places: Places) -> None:
        """Bring a page there, as its person has it."""
        page.goto(self.path.format_map(places))
        self.act(page, places)
        page.evaluate("document.fonts.ready.then(() => true)")


def as_it_is(_page: Page, _places: Places) -> None:
    """Nothing is done."""


def opens(name: str) -> Act:
    """A menu of the bar is open."""

    def act(page: Page, _places: Places) -> None:
        LogPage(page).open(name)

    return act


def clicks(label: str) -> Act:
    """A button or a menu's summary is pressed, by its name."""

    def act(page: Page, _places: Places) -> None:
        page.get_by_label(label).or_(page.locator("summary", has_text=label)).first.click()

    return act


def opens_an_entry(page: Page, _places: Places) -> None:
    page.locator("table.log a.act").first.click()
    expect(page.get_by_role("complementary")).to_be_visible()


def asks_in_vain(page: Page, _places: Places) -> None:
    """The log asks, and no answer comes."""
    box = LogPage(page).open("Category").get_by_label("User actions")
    expect(box).to_be_visible()
    page.evaluate("XMLHttpRequest.prototype.send = () => {}")
    box.check()
    page.keyboard.press("Escape")
    expect(page.locator("#results")).to_have_attribute("aria-busy", "true")


def asks_a_server_that_fails(page: Page, _places: Places) -> None:
    """What htmx says where a server does not answer, without what it writes to the console."""
    page.evaluate(
        """document.getElementById("log").dispatchEvent(new CustomEvent("htmx:sendError",
          {bubbles: true, detail: {target: document.getElementById("log")}}))"""
    )
    expect(page.locator("#no-answer")).to_be_visible()


def opens_the_calendar(page: Page, _places: Places) -> None:
    LogPage(page).open("All time")
    expect(page.get_by_role("link", name="In a calendar")).to_have_count(0)


def asks_for_the_keys(page: Page, _places: Places) -> None:
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_be_visible()


def goes_live(page: Page, _places: Places) -> None:
    page.keyboard.press("l")
    expect(page.locator("[data-live=on]")).to_be_visible()


def goes_to_the_second_page(page: Page, _places: Places) -> None:
    page.get_by_role("link", name="Older").click()
    expect(page.get_by_role("link", name="Newest")).to_be_visible()


def switches_on(page: Page, _places: Places) -> None:
    SettingsPage(page).switch.check()
    expect(SettingsPage(page).url).to_be_enabled()


def saves_nonsense(page: Page, _places: Places) -> None:
    SettingsPage(page).fill("Splunk HEC", "http://10.0.4.12:8088", "two words")
    SettingsPage(page).save()
    expect(SettingsPage(page).error_of("url")).to_be_visible()


def asks_for_a_preview(page: Page, places: Places) -> None:
    switches_on(page, places)
    SettingsPage(page).fill("HTTP (Bearer Auth)", "https://127.0.0.1:8443/ingest", "canary-token")
    page.get_by_role("button", name="Preview", exact=True).click()
    expect(page.locator("#preview-count")).to_be_visible()


def counts_a_replay(page: Page, _places: Places) -> None:
    page.get_by_role("radio", name="Entry number").check()
    page.get_by_label("From entry number").fill("1")
    page.get_by_label("to", exact=True).fill("40")
    page.get_by_role("button", name="Count them").click()
    expect(page.get_by_role("heading", name="will be sent again")).to_be_visible()


def dismisses_without_a_reason(page: Page, _places: Places) -> None:
    page.get_by_role("checkbox").first.check()
    page.get_by_role("button", name="Dismiss chosen").click()
    expect(page.get_by_role("alert").first).to_be_visible()


def confirms(page: Page, _places: Places) -> None:
    """The password is given again, unless this person gave it within the last minutes."""
    if "/reauthenticate/" in page.url:
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", name="New API key")).to_be_visible()


def makes_no_key(page: Page, places: Places) -> None:
    confirms(page, places)
    page.get_by_role("button", name="Make the key").click()
    expect(page.get_by_role("alert").filter(visible=True)).to_be_visible()


def makes_a_key(page: Page, places: Places) -> None:
    confirms(page, places)
    page.get_by_label("Name").fill("A key for one picture")
    page.get_by_label("Send entries in").check()
    page.get_by_role("button", name="Make the key").click()
    expect(page.get_by_label("API key", exact=True)).to_be_visible()


def signs_in_wrongly(page: Page, _places: Places) -> None:
    page.get_by_label("E-mail").fill("nobody@acme.example")
    page.get_by_label("Password").fill("not the password")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert").filter(visible=True)).to_be_visible()


def stands(name: str) -> Act:
    """A page that the product makes only when something fails, in the place of another one."""

    def act(page: Page, places: Places) -> None:
        page.route("**/healthz", lambda route: route.fulfill(body=places[name], content_type="text/html"))
        page.goto("/healthz")

    return act


ASIDES = f"{settings_of('refused')}streams/{{refused}}/set-asides/"
REPLAY = f"{settings_of('delivers')}streams/{{delivers}}/replay/"
LOGIN = "/accounts/login/"

STATES = (
    State("log", LOG, as_it_is, like="audit-log"),
    State("log-filtered", f"{HERE}&category=user_actions&range=30d", as_it_is),
    State("log-menu", LOG, opens("Category"), like="audit-log-filters"),
    State("log-time", LOG, opens("All time"), like="audit-log-time"),
    State("log-more", LOG, opens("More filters")),
    State("log-done-by", LOG, opens("Done by")),
    State("log-help", LOG, clicks("How to search")),
    State("log-export", LOG, clicks("Export")),
    State("log-account", LOG, clicks(f"Account: {ANA}")),
    State("log-tenants", log_of("held"), clicks("Held"), SID),
    State("log-table", f"{LOG}?range=30d", clicks("As a table")),
    State("log-panel", HERE, opens_an_entry, like="audit-log-entry"),
    State("log-second-page", LOG, goes_to_the_second_page),
    State("log-loading", LOG, asks_in_vain, like="audit-log-loading"),
    State("log-nothing-found", f"{HERE}&q=nothing+of+the+kind", as_it_is, like="audit-log-empty"),
    State("log-empty", log_of("held"), as_it_is, UMA),
    State("log-bad-filter", f"{HERE}&category=nonsense", as_it_is),
    State("log-notice", log_of("held"), as_it_is, SID),
    State("log-time-calendar", LOG, opens_the_calendar, like="audit-log-range"),
    State("log-shortcuts", LOG, asks_for_the_keys, like="shortcuts"),
    State("log-live", LOG, goes_live, like="audit-log-live"),
    State("log-server-error", LOG, asks_a_server_that_fails, like="audit-log-error"),
    State("log-signed-in-as-viewer", LOG, as_it_is, VIC),
    State("views", f"{log_of('delivers')}views/", as_it_is, SID),
    State("views-tabs", f"{log_of('delivers')}?by={SID}", as_it_is, SID),
    State("exports", f"{log_of('delivers')}exports/", as_it_is, SID, like="exports"),
    State("exports-none", f"{log_of('held')}exports/", as_it_is, SID),
    State("overview", f"{log_of('acme')}overview/", as_it_is, like="overview"),
    State("overview-empty", f"{log_of('held')}overview/", as_it_is, UMA),
    State("entry", f"{log_of('held')}{{entry}}/", as_it_is, SID),
    State("api-keys", keys_of("keys"), as_it_is, SID),
    State("api-keys-none", keys_of("held"), as_it_is, SID),
    State("api-key-new", f"{keys_of('keys')}new/", confirms, SID),
    State("api-key-invalid", f"{keys_of('keys')}new/", makes_no_key, SID),
    State("api-key-made", f"{keys_of('keys')}new/", makes_a_key, SID),
    State("api-key-revoke", f"{keys_of('keys')}{{key}}/revoke/", as_it_is, SID),
    State("confirm", "/accounts/reauthenticate/", as_it_is, SID),
    State("settings-new", BARE, as_it_is, SID, like="settings-disabled"),
    State("settings-form", BARE, switches_on, SID),
    State("settings-invalid", BARE, saves_nonsense, SID, like="settings-invalid"),
    State("settings-preview", BARE, asks_for_a_preview, SID),
    State("settings-testing", f"{BARE}?test={{testing}}", as_it_is, SID, like="settings-testing"),
    State("settings-passed", f"{BARE}?test={{passed}}", as_it_is, SID),
    State("settings-token", f"{BARE}?test={{token}}", as_it_is, SID, like="settings-failed-token"),
    State("settings-tls", f"{BARE}?test={{tls}}", as_it_is, SID, like="settings-failed-tls"),
    State("settings-on", settings_of("delivers"), as_it_is, SID, like="settings"),
    State("settings-paused", settings_of("paused"), as_it_is, SID, like="settings-paused"),
    State("settings-off", settings_of("off"), as_it_is, SID, like="settings-disabled"),
    State("settings-held", settings_of("held"), as_it_is, SID),
    State("settings-retrying", settings_of("retrying"), as_it_is, SID),
    State("settings-refused", settings_of("refused"), as_it_is, SID),
    State("settings-add", f"{settings_of('delivers')}streams/new/", as_it_is, SID),
    State("set-asides", ASIDES, as_it_is, SID),
    State("set-asides-problem", ASIDES, dismisses_without_a_reason, SID),
    State("set-asides-ended", f"{ASIDES}?show=ended", as_it_is, SID),
    State("replay", REPLAY, as_it_is, SID),
    State("replay-counted", REPLAY, counts_a_replay, SID),
    State("remove", f"{settings_of('off')}streams/{{off}}/remove/", as_it_is, SID),
    State("remove-refused", f"{settings_of('delivers')}streams/{{delivers}}/remove/", as_it_is, SID),
    State("sign-in", LOGIN, as_it_is, None, like="signin"),
    State("sign-in-error", LOGIN, signs_in_wrongly, None, like="signin-error"),
    State("sign-out", "/accounts/logout/", as_it_is),
    State("tenants", "/switch/", as_it_is, MIA),
    State("403", settings_of("acme"), as_it_is, VIC),
    State("404", log_of("nowhere"), as_it_is),
    State("500", LOGIN, stands("500.html"), None),
    State("503", LOGIN, stands("503.html"), None),
    State("429", LOGIN, stands("429.html"), None),
    State("api-docs", "/api/v1/docs", as_it_is),
    State("admin", "/admin/", as_it_is, SUE),
    State("admin-sign-in", "/admin/login/", as_it_is, None),
    State("admin-entries", "/admin/audit/auditentry/?tenant__id__exact={tenant}", as_it_is, SUE),
    State("admin-entry", "/admin/audit/auditentry/{entry}/change/", as_it_is, SUE),
    State("admin-tenants", "/admin/audit/tenant/", as_it_is, SUE),
    State("admin-tenant", "/admin/audit/tenant/{tenant}/change/", as_it_is, SUE),
    State("admin-people", "/admin/audit/person/", as_it_is, SUE),
    State("admin-person", "/admin/audit/person/add/", as_it_is, SUE),
    State("admin-streams", "/admin/streaming/stream/", as_it_is, SUE),
)  # fmt: skip
