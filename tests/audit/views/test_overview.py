from __future__ import annotations

import re
from datetime import timedelta
from html import unescape

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from audit import limits
from audit.drafts import Context
from audit.models import Person, Tenant, Workspace
from tests.audit.views.reading import read
from tests.entries import make_entry
from tests.streams import MakeStream

PAGE = "/t/acme/audit-log/overview/"


@pytest.fixture
def browser(client: Client, ana: Person) -> Client:
    client.force_login(ana)
    return client


@pytest.fixture
def week(acme: Tenant, soc: Workspace, lab: Workspace) -> None:
    """Of the last days, of several areas and people; and a little of the week before."""
    now = timezone.now()
    for number in range(14):
        make_entry(acme, at=now - timedelta(hours=11 * number), workspace=soc if number % 2 else lab)
    for number in range(5):
        make_entry(acme, "cases.case_shared", at=now - timedelta(hours=number), by="bob@acme.example")
    make_entry(acme, "tenant_admin_settings.audit_log_retention_updated", at=now - timedelta(days=3))
    for number in range(3):
        context = Context(ip="203.0.113.7")
        make_entry(
            acme,
            "users.sign_in_failed",
            at=now - timedelta(hours=number),
            context=context,
            by="eve@acme.example",
        )
    for number in range(4):
        make_entry(acme, at=now - timedelta(days=8, hours=number))
    for days in (1, 7, 30):
        make_entry(acme, at=now - timedelta(days=days, minutes=3))


def figures(page: str) -> list[tuple[int, str]]:
    """Every number that is a link, and where it leads."""
    found = []
    page = re.sub(r'<details class="hist-table">.*?</details>', "", page, flags=re.DOTALL)
    for link in re.finditer(r'<a [^>]*href="([^"]+)"[^>]*>(.*?)</a>', page, re.DOTALL):
        words = re.sub(r"<[^>]+>", " ", link[2])
        label = re.search(r'aria-label="([^"]+)"', link[0])
        told = re.findall(r"[\d,]+", (label[1] if label else words).rpartition(":")[2])
        if told and "%" not in words and "/audit-log/?" in link[1]:
            found.append((int((told[0] if label else told[-1]).replace(",", "")), unescape(link[1])))
    return found


@pytest.mark.usefixtures("week")
@pytest.mark.parametrize("period", ["24h", "7d", "30d"])
@pytest.mark.parametrize("zone", ["UTC", "America/New_York", "Asia/Kolkata"])
def test_every_figure_leads_to_exactly_the_entries_that_it_counts(
    browser: Client, period: str, zone: str
) -> None:
    browser.post("/preferences/", {"time_zone": zone, "next": PAGE})
    page = browser.get(f"{PAGE}?range={period}").content.decode()

    found = figures(page)

    assert len(found) > 50
    for number, href in {href: (number, href) for number, href in found if number}.values():
        assert len(read(browser, href).rows) == number, href


@pytest.mark.usefixtures("week")
def test_figures_of_nothing_lead_to_nothing(browser: Client) -> None:
    number, href = next(
        pair
        for pair in figures(browser.get(f"{PAGE}?range=24h").content.decode())
        if "setting_updates" in pair[1]
    )

    assert number == 0
    assert read(browser, href).rows == []


@pytest.mark.usefixtures("week")
def test_the_page_says_what_there_was_before(browser: Client) -> None:
    page = browser.get(PAGE).content.decode()

    assert ">+380 %</a> on the 7 days before" in page
    assert ">24</a>" in page


@pytest.mark.usefixtures("week")
def test_viewers_see_what_happened_in_their_workspaces(client: Client, vic: Person) -> None:
    client.force_login(vic)

    page = client.get(PAGE).content.decode()

    assert ">7</a>" in page
    assert "bob@acme.example" not in page
    assert "Streaming health" not in page
    assert "Nobody was refused in the last 7 days." in page


@pytest.mark.usefixtures("week")
def test_auditors_see_how_streaming_is_doing_and_no_settings(client: Client, aud: Person) -> None:
    client.force_login(aud)

    page = client.get(PAGE).content.decode()

    assert "Streaming health" in page
    assert "/settings/" not in page


def test_an_empty_log_says_so(browser: Client) -> None:
    assert "No activity recorded yet" in browser.get(PAGE).content.decode()


def test_a_quiet_time_leads_to_a_longer_one(browser: Client, acme: Tenant) -> None:
    make_entry(acme, at=timezone.now() - timedelta(days=8))

    page = browser.get(PAGE).content.decode()

    assert "No activity in the last 7 days" in page
    assert "?range=30d" in page


@pytest.mark.usefixtures("week")
def test_a_period_that_is_none_is_named_and_the_usual_one_shown(browser: Client) -> None:
    page = browser.get(f"{PAGE}?range=<b>1y").content.decode()

    assert "&lt;b&gt;1y</bdi>” is no period of this page" in page
    assert ">24</a>" in page


@pytest.mark.usefixtures("week")
def test_counting_that_takes_too_long_is_stopped_and_said(
    browser: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_: object) -> None:
        raise limits.TookTooLong("stopped")

    monkeypatch.setattr("audit.overview.counted", never)

    page = browser.get(f"{PAGE}?range=30d").content.decode()

    assert "There is too much to add up" in page
    assert "?range=24h" in page


@pytest.mark.usefixtures("week")
def test_the_page_asks_few_questions(
    browser: Client, make_stream: MakeStream, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    make_stream()
    browser.get(PAGE)

    with django_assert_max_num_queries(12):
        browser.get(f"{PAGE}?range=30d")


def test_the_bar_above_leads_here_from_the_log_and_back(browser: Client) -> None:
    assert f'<a href="{PAGE}">Overview</a>' in browser.get("/t/acme/audit-log/").content.decode()
    page = browser.get(PAGE).content.decode()
    assert f'<a href="{PAGE}" aria-current="page">Overview</a>' in page
    assert '<a href="/t/acme/audit-log/">Audit Log</a>' in page


def test_nobody_looks_at_another_tenant(client: Client, gus: Person, acme: Tenant) -> None:
    del acme
    client.force_login(gus)

    assert client.get(PAGE).status_code == 404
