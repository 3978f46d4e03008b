"""Reads a page of the log as a person does: rows of cells, links by their words."""

from __future__ import annotations

from html.parser import HTMLParser

from django.test import Client

LOG = "/t/acme/audit-log/"


class LogPage(HTMLParser):
    """`rows` has the cells' texts, `entries` the rows' ids, `links` words (or label) and address of each link."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.html = html
        self.entries: list[str] = []
        self.rows: list[list[str]] = []
        self.links: list[tuple[str, str]] = []
        self._cell = self._link = False
        self.feed(html)

    @property
    def actions(self) -> list[str]:
        return [row[1] for row in self.rows]

    def link(self, words: str) -> str:
        """The address of the link with these words, or this label. Raises StopIteration where there is none."""
        return next(href for text, href in self.links if text == words)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "tr" and given.get("data-entry"):
            self.entries.append(given["data-entry"] or "")
            self.rows.append([])
        if tag == "td" and self.rows:
            self.rows[-1].append("")
            self._cell = True
        if tag == "a":
            self.links.append((given.get("aria-label") or "", given.get("href") or ""))
            self._link = not given.get("aria-label")

    def handle_endtag(self, tag: str) -> None:
        self._cell = self._cell and tag != "td"
        self._link = self._link and tag != "a"

    def handle_data(self, data: str) -> None:
        if self._cell:
            self.rows[-1][-1] = " ".join(f"{self.rows[-1][-1]} {data}".split())
        if self._link:
            words, href = self.links[-1]
            self.links[-1] = (f"{words}{data}".strip(), href)


def read(client: Client, address: str = LOG) -> LogPage:
    """The page at this address; fails unless the answer is 200."""
    response = client.get(address)
    assert response.status_code == 200, (response.status_code, response.headers)
    return LogPage(response.content.decode())
