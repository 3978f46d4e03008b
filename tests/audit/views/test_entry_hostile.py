"""Whatever an entry holds, its panel and its page stay readable, harmless and quick."""

from __future__ import annotations

import json
import re
import time
import unicodedata
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from audit.drafts import LONGEST_TEXT, Context, Target
from audit.models import AuditEntry, Person, Tenant, Workspace
from audit.templatetags.visible_text import as_text
from tests.audit.views.reading import LOG
from tests.entries import make_entry

CASES = Path(__file__).parents[2] / "cases" / "injection_cases.tsv"
ROWS = [line.split("\t") for line in CASES.read_text(encoding="utf-8").split("\n")]
CORPUS = {row[0]: json.loads(row[2]) for row in ROWS if re.fullmatch(r"I\d+", row[0])}
# U+0000 and halves of characters are refused when an entry comes in; a field takes so many characters.
VALUES = {
    name: value
    for name, value in CORPUS.items()
    if len(value) <= LONGEST_TEXT and not re.search("[\0\ud800-\udfff]", value)
}


class Markup(HTMLParser):
    """Which tags a page has, with which attributes; where links lead; its text, marks of what is unseen resolved."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.shapes: set[tuple[str, ...]] = set()
        self.hrefs: list[str] = []
        self.text = ""
        self._mark = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self._mark = given.get("class") == "unseen"
        if self._mark:
            self.text += f"[{given['data-code']}]"
        else:
            self.shapes.add((tag, *sorted(given)))
        self.hrefs += [href for name in ("href", "src", "action") if (href := given.get(name))]

    def handle_data(self, data: str) -> None:
        if not self._mark:
            self.text += data
        self._mark = False


@pytest.fixture
def browser(client: Client, ana: Person) -> Client:
    """Ana's browser."""
    client.force_login(ana)
    return client


def holding(tenant: Tenant, value: str, workspace: Workspace) -> AuditEntry:
    """An entry with this value wherever a producer can put one."""
    Workspace.objects.filter(pk=workspace.pk).update(name=value)
    workspace.refresh_from_db()
    return make_entry(
        tenant,
        parameters={
            "workflow_name": value, value or "empty": value, "deep": {"a": [{value: value}]},
            "changes": {value: {"old": value, "new": f"{value}!"}, "x": {"old": [value], "new": {}}},
        },
        details=value,
        target=Target(type=value, id=value, name=value),
        context=Context(user_agent=value, request_id=value),
        external_id=value,
        workspace=workspace,
    )  # fmt: skip


def panel(browser: Client, entry: AuditEntry, query: str = "") -> Markup:
    answer = browser.get(f"{LOG}{entry.pk}/{query}", headers={"HX-Request": "true"})
    assert answer.status_code == 200
    return Markup(answer.content.decode())


@pytest.fixture
def plain(browser: Client, acme: Tenant, soc: Workspace) -> set[tuple[str, ...]]:
    """The tags and attributes of a panel whose values are words, and of one whose values no filter can ask for."""
    return {shape for word in ("word", " word") for shape in panel(browser, holding(acme, word, soc)).shapes}


@pytest.mark.parametrize("name", VALUES)
def test_no_value_of_the_corpus_becomes_markup(
    name: str, browser: Client, acme: Tenant, soc: Workspace, plain: set[tuple[str, ...]]
) -> None:
    value = VALUES[name]

    found = panel(browser, holding(acme, value, soc))

    assert found.shapes <= plain
    assert all(re.match(r"/(t/acme|static)/", href) for href in found.hrefs), found.hrefs
    shown = " ".join(as_text(value).split())
    assert " ".join(found.text.split()).count(shown) >= 8


def test_the_page_shows_all_values_at_once(browser: Client, acme: Tenant) -> None:
    entry = make_entry(acme, parameters=VALUES, details="\n".join(VALUES.values()))

    found = Markup(browser.get(f"{LOG}{entry.pk}/?whole=1").content.decode())

    text = " ".join(found.text.split())
    assert [name for name, value in VALUES.items() if " ".join(as_text(value).split()) not in text] == []
    assert not {shape[0] for shape in found.shapes} & {"iframe", "img", "object", "embed", "base"}
    assert {shape for shape in found.shapes if shape[0] == "script"} == {("script", "defer", "src")}


HEAVY: dict[str, Any] = {
    "numbers": {"numbers": list(range(20_000))},
    "one text": {"text": "long words of a text " * 5_500},
    "many keys": {f"key {number}": f"value {number}" for number in range(4_000)},
    "objects": {"rows": [{"id": number, "deep": {"a": [1, {"b": "c"}]}} for number in range(2_500)]},
    "changes": {"changes": {f"f{n}": {"old": {"a": n}, "new": {"a": -1, "b": n}} for n in range(2_000)}},
    "unseen": {"text": "a\u200b" * 25_000},
}


@pytest.mark.parametrize("name", HEAVY)
def test_a_hundred_kilobytes_are_bounded_in_the_panel_and_whole_on_demand(
    name: str, browser: Client, acme: Tenant
) -> None:
    entry = make_entry(acme, parameters=HEAVY[name])
    panel(browser, make_entry(acme))

    begin = time.thread_time()
    found = browser.get(f"{LOG}{entry.pk}/", headers={"HX-Request": "true"}).content.decode()
    took = time.thread_time() - begin
    everything = panel(browser, entry, "?whole=1")

    assert len(bytes(entry.body)) > 90_000
    # A mark takes the place of ten characters.
    assert len(found) < (1_000_000 if name == "unseen" else 400_000)
    assert took < 1
    assert f'href="{LOG}{entry.pk}/?whole=1"' in found
    assert f"{LOG}{entry.pk}/?whole=1" not in everything.hrefs
    raw = everything.text.partition("sent")[2].strip()
    assert json.loads(raw.replace("[U+200B]", "\u200b")) == json.loads(bytes(entry.body))


class Isolation(HTMLParser):
    """Texts with letters that are written from right to left, by whether they are isolated from what is around."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[tuple[bool, str]] = []
        self._depth = 0
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002 - the parser's
        self._depth += tag == "bdi"

    def handle_endtag(self, tag: str) -> None:
        self._depth -= tag == "bdi"

    def handle_data(self, data: str) -> None:
        if any(unicodedata.bidirectional(letter) in {"R", "AL"} for letter in data):
            self.found.append((self._depth > 0, data))


def test_right_to_left_text_turns_nothing_around_it(browser: Client, acme: Tenant) -> None:
    words = {"workflow_name": "سلام 123", "name": "שלום (x)", "מפתח": ["א", {"ب": "ج"}]}
    changed = {"changes": {"مالك": {"old": "أ", "new": "ب"}}}
    entry = make_entry(acme, parameters={**words, **changed}, details="مرحبا بالعالم")

    for address in (f"{LOG}{entry.pk}/", f"{LOG}?entry={entry.pk}"):
        found = Isolation(browser.get(address).content.decode()).found

        assert len(found) > 12
        assert [text for isolated, text in found if not isolated] == []
