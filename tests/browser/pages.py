"""The pages as people use them: what can be pressed and what can be read, found by words and roles."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import parse_qsl, urlsplit

from playwright.sync_api import Locator, Page, expect

COLUMNS = ("Category", "Action", "Parameters", "Details", "Workspace", "Done by", "Date and Time")


def log_of(tenant: str) -> str:
    return f"/t/{tenant}/audit-log/"


def settings_of(tenant: str) -> str:
    return f"/t/{tenant}/audit-log/settings/"


def keys_of(tenant: str) -> str:
    return f"/t/{tenant}/api-keys/"


@dataclass
class LogPage:
    """The Audit Log page."""

    page: Page
    javascript: bool = True

    @property
    def rows(self) -> Locator:
        return self.page.locator("table.log tbody tr")

    def column(self, name: str) -> list[str]:
        """What every row says in one column, blanks as one."""
        cells = self.page.locator(f"table.log tbody td:nth-child({COLUMNS.index(name) + 1})")
        return [" ".join(text.split()) for text in cells.all_inner_texts()]

    def entries(self) -> list[str]:
        """The ids of the rows."""
        found: list[str] = self.rows.evaluate_all("rows => rows.map(row => row.dataset.entry)")
        return found

    @property
    def chips(self) -> Locator:
        return self.page.locator(".chips .chip")

    def asked(self) -> list[tuple[str, str]]:
        """The filters as the address has them."""
        return parse_qsl(urlsplit(self.page.url).query)

    def menu(self, name: str) -> Locator:
        """A menu of the bar by its button."""
        found = self.page.locator(".filterbar details.dd").filter(
            has=self.page.locator("summary", has_text=name)
        )
        return found.first

    def open(self, name: str) -> Locator:
        menu = self.menu(name)
        if menu.get_attribute("open") is None:
            menu.locator("summary").click()
        return menu

    def choose(self, menu: str, *labels: str) -> None:
        """Tick values of a menu; the list follows by itself. Without JavaScript they stand on a page of their own."""
        if not self.javascript:
            self.open(menu).get_by_role("link", name="Values and counts").click()
            for label in labels:
                self.page.get_by_label(label, exact=True).check()
            self.page.get_by_role("button", name="Apply").click()
            return
        for label in labels:
            self.open(menu).get_by_label(label, exact=True).check()
            expect(self.chips.filter(has_text=label).first).to_be_visible()

    def find(self, menu: str, text: str) -> Locator:
        """Type into a menu; the menu, whose list follows."""
        found = self.open(menu)
        found.get_by_label(f"Find in {menu}").fill(text)
        return found

    def counts(self, menu: str) -> dict[str, str]:
        """What an open menu offers, with its counts."""
        rows = self.menu(menu).locator(".dd-item").all_inner_texts()
        told = (row.split("\n") for row in rows if "\n" in row)
        return {parts[0]: parts[1].removesuffix(" entries") for parts in told}

    def apply(self, menu: str) -> None:
        """Press the menu's button and wait for what it brings."""
        before = self.page.url
        self.open(menu).get_by_role("button", name="Apply").click()
        expect(self.page).not_to_have_url(before)

    def search(self, words: str) -> None:
        self.page.get_by_label("Search entries").fill(words)
        if not self.javascript:
            self.page.get_by_label("Search entries").press("Enter")
        expect(self.chips.filter(has_text=words).first).to_be_visible()

    def remove(self, chip: str) -> None:
        """Take one filter away by the cross of its chip."""
        found = self.chips.filter(has_text=chip)
        found.get_by_role("link", name="Remove filter").click()
        expect(found).to_have_count(0)

    def export(self, file_format: str) -> str:
        """Download a file; its text."""
        self.page.locator(".pagehead summary", has_text="Export").click()
        with self.page.expect_download() as download:
            self.page.locator(".pagehead details.dd").get_by_role("button", name=file_format).first.click()
        return download.value.path().read_text(encoding="utf-8")


@dataclass
class SettingsPage:
    """The Audit Log Settings page."""

    page: Page

    @property
    def switch(self) -> Locator:
        return self.page.get_by_role("switch", name="Enable audit log streaming")

    @property
    def url(self) -> Locator:
        return self.page.get_by_role("textbox", name="URL")

    @property
    def token(self) -> Locator:
        return self.page.locator("#id_token")

    @property
    def health(self) -> Locator:
        return self.page.locator("#health")

    def fill(self, kind: str, url: str, token: str) -> None:
        """Switch on and enter a destination."""
        self.switch.check()
        self.page.get_by_role("radio", name=kind).check()
        self.url.fill(url)
        self.token.fill(token)

    def save(self) -> None:
        self.page.get_by_role("button", name="Save changes").click()

    def error_of(self, field: str) -> Locator:
        return self.page.locator(f"#id_{field}_error")

    def test(self) -> None:
        self.page.get_by_role("button", name="Test Connection").click()

    @property
    def verdict(self) -> Locator:
        """What the test says at its end."""
        return self.page.locator("#test-result .note")

    def phase(self, name: str) -> Locator:
        return self.page.locator("#test-result .phase").filter(has=self.page.locator("b", has_text=name))
