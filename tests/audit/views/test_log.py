from __future__ import annotations

from datetime import timedelta
from html.parser import HTMLParser
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client

from audit.models import Person, Tenant, Workspace
from tests.entries import NOON, make_entry

LOG = "/t/acme/audit-log/"


class Rows(HTMLParser):
    """The cells of the log's rows, and the addresses of its links by their words."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self.links: list[tuple[str, str]] = []
        self._cell = self._link = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "tr" and "data-entry" in given:
            self.rows.append([])
        if tag == "td" and self.rows:
            self.rows[-1].append("")
            self._cell = True
        if tag == "a":
            self.links.append(("", given.get("href") or ""))
            self._link = True

    def handle_endtag(self, tag: str) -> None:
        self._cell = self._cell and tag != "td"
        self._link = self._link and tag != "a"

    def handle_data(self, data: str) -> None:
        if self._cell:
            self.rows[-1][-1] = " ".join(f"{self.rows[-1][-1]} {data}".split())
        if self._link:
            words, href = self.links[-1]
            self.links[-1] = (f"{words}{data}".strip(), href)

    def link(self, words: str) -> str:
        return next(href for text, href in self.links if text == words)


def test_an_entry_is_shown_in_seven_columns_in_order(
    client: Client, acme: Tenant, ana: Person, soc: Workspace
) -> None:
    make_entry(
        acme, by=ana.email, workspace=soc, parameters={"workflow_name": "Triage"}, details="Seven steps."
    )
    client.force_login(ana)

    page = client.get(LOG).content.decode()

    headers = [page.index(f'<span class="lbl">{name}</span>') for name in (
        "Category", "Action", "Parameters", "Details", "Workspace", "Done by", "Date and Time",
    )]  # fmt: skip
    assert headers == sorted(headers)
    category, action, parameters, details, workspace, done_by, when = Rows(page).rows[0]
    assert category == "System configuration"
    assert action == "Workflow published Workflows"
    assert parameters == "workflow_name Triage"
    assert details == "Seven steps."
    assert workspace == "SOC"
    assert done_by == "ana @acme.example"
    assert when.startswith("24 Nov")
    assert "12:00:00 UTC" in when
