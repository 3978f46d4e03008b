from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client

from audit import queries, timeline
from audit.models import Person, Tenant
from audit.models.entries import EntryQuerySet
from audit.timeline import Bar, Step
from audit.views import histogram
from audit.views.addresses import Address
from tests.audit.views.reading import LOG, LogPage, read
from tests.entries import NOON, make_entry

WORKFLOW, LOGIN = "workflows.workflow_published", "users.user_logged_in"
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
ABOUT_NOON = f"{LOG}?from=2026-11-24T11:00&to=2026-11-24T12:59"


@pytest.fixture
def browser(client: Client, ana: Person) -> Client:
    """Ana's browser."""
    client.force_login(ana)
    return client


def bars_of(page: LogPage) -> dict[str, str]:
    """The bars that are not empty: what they are called, and where they lead."""
    named = re.findall(r'<a href="([^"]*)" aria-label="([^"]*)" tabindex', page.html)
    return {words: unescape(href) for href, words in named if not words.endswith(": 0 entries")}


def test_each_bar_says_its_time_and_number_and_leads_to_what_it_counts(browser: Client, acme: Tenant) -> None:
    make_entry(acme, WORKFLOW, at=NOON)
    make_entry(acme, LOGIN, at=NOON + 4 * MINUTE)
    make_entry(acme, WORKFLOW, at=NOON + 5 * MINUTE)

    bars = bars_of(read(browser, f"{ABOUT_NOON}&category=user_actions&category=system_configuration"))

    assert list(bars) == ["Tue 24 Nov 12:00 to 12:05: 2 entries", "Tue 24 Nov 12:05 to 12:10: 1 entry"]
    first, second = bars.values()
    assert parse_qs(urlsplit(first).query) == {
        "category": ["user_actions", "system_configuration"],
        "from": ["2026-11-24T12:00"],
        "to": ["2026-11-24T12:04"],
    }
    assert len(read(browser, first).rows) == 2
    assert len(read(browser, second).rows) == 1


def test_bars_follow_the_filters(browser: Client, acme: Tenant) -> None:
    make_entry(acme, WORKFLOW, at=NOON)
    make_entry(acme, LOGIN, at=NOON)

    assert [words[-7:] for words in bars_of(read(browser, f"{ABOUT_NOON}&action={LOGIN}"))] == ["1 entry"]


def test_bars_are_those_of_the_readers_clock(browser: Client, acme: Tenant) -> None:
    make_entry(acme, at=NOON)
    browser.cookies["time_zone"] = "Asia/Kathmandu"

    bars = bars_of(read(browser, f"{LOG}?from=2026-11-24T17:00&to=2026-11-24T18:59"))

    assert list(bars) == ["Tue 24 Nov 17:45 to 17:50: 1 entry"]


def test_without_a_chosen_time_thirty_days_are_drawn_and_the_page_says_so(
    browser: Client, acme: Tenant
) -> None:
    make_entry(acme, at=NOON - timedelta(days=400))
    page = read(browser)

    assert "older ones are not drawn" in page.html
    assert "one bar is 12 hours" in page.html
    assert len(page.rows) == 1
    assert not bars_of(page)
    assert "older ones are not drawn" not in read(browser, f"{LOG}?from=2025-01-01").html


def test_numbers_stand_in_a_table_too(browser: Client, acme: Tenant) -> None:
    make_entry(acme, WORKFLOW, at=NOON)
    make_entry(acme, LOGIN, at=NOON)
    table = read(browser, ABOUT_NOON).html.partition("As a table")[2]

    assert re.findall(r"<td[^>]*>(\d+)</td>", table.partition("</table>")[0]) == ["0", "1", "1", "2"]


def test_the_legend_counts_categories_and_narrows_to_one(browser: Client, acme: Tenant) -> None:
    make_entry(acme, WORKFLOW, at=NOON)
    make_entry(acme, LOGIN, at=NOON)

    legend = read(browser, ABOUT_NOON).html.partition('class="legend"')[2].partition("</div>")[0]

    assert re.findall(r"category=(\w+)", legend) == [
        "setting_updates",
        "system_configuration",
        "user_actions",
    ]
    assert re.findall(r'"num">(\d+)<', legend) == ["0", "1", "1"]


@pytest.mark.parametrize(
    ("highest", "top"), [(0, 2), (1, 2), (3, 4), (7, 8), (10, 10), (11, 20), (612, 800), (1001, 2000)]
)
def test_the_axis_ends_at_a_round_number_whose_half_is_whole(highest: int, top: int) -> None:
    bars = [Bar(NOON, NOON + HOUR, {"user_actions": highest})]
    drawn = histogram.Histogram(bars, step=Step(1, "hour"), address=Address(LOG), chosen=True)

    assert drawn.top == top


def test_what_cannot_be_counted_in_time_is_not_drawn_and_the_entries_are_shown(
    browser: Client, acme: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_entry(acme)
    monkeypatch.setattr(histogram, "LONGEST", 0.05)
    monkeypatch.setattr("audit.timeline.stacked_of", slowly)

    page = read(browser)

    assert "too many entries to draw them" in page.html
    assert len(page.rows) == 1


def slowly(entries: EntryQuerySet, *_: object, **__: object) -> None:
    entries.extra(where=["pg_sleep(2) IS NOT NULL"]).first()


def test_a_bar_that_has_anything_can_be_seen(acme: Tenant) -> None:
    for _ in range(3):
        make_entry(acme, WORKFLOW, at=NOON)
    edges = [NOON, NOON + HOUR]
    bars = timeline.stacked(queries.readable(acme), edges)
    bars[0].counts["setting_updates"] = 1_000_000

    drawn = histogram.Histogram(bars, step=Step(1, "hour"), address=Address(LOG), chosen=True)

    assert all(piece.height >= 1 for piece in drawn.columns[0].pieces)
