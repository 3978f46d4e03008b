"""The calendar of the custom range: two days are picked one after the other."""

from __future__ import annotations

from datetime import date
from html.parser import HTMLParser

import pytest
from django.http import QueryDict
from django.test import Client

from audit.models import Person, Tenant
from audit.views.addresses import tidy
from audit.views.calendar import month, picking
from audit.views.periods import Period
from tests.entries import NOON

LOG = "/t/acme/audit-log/"


def period(query: str) -> Period:
    return Period(tidy(LOG, QueryDict(query)), now=NOON)


@pytest.mark.parametrize(
    ("before", "day", "after"),
    [
        ("by=x", 20, "by=x&from=2026-11-20T00%3A00"),
        ("range=7d", 20, "from=2026-11-20T00%3A00"),
        ("from=2026-11-20T08:00", 21, "from=2026-11-20T08%3A00&to=2026-11-21T23%3A59"),
        ("from=2026-11-20T08:00", 20, "from=2026-11-20T08%3A00&to=2026-11-20T23%3A59"),
        ("from=2026-11-20T08:00", 19, "from=2026-11-19T00%3A00"),
        ("from=2026-11-20&to=2026-11-21", 24, "from=2026-11-24T00%3A00"),
        ("to=2026-11-21", 24, "from=2026-11-24T00%3A00"),
    ],
)
def test_the_first_day_begins_the_next_one_ends_and_a_third_begins_anew(
    before: str, day: int, after: str
) -> None:
    assert str(picking(period(before), date(2026, 11, day))) == f"{LOG}?{after}"


def test_a_month_begins_with_monday_and_has_its_own_days_alone() -> None:
    shown = month(
        date(2026, 11, 17), period=period("from=2026-11-20&to=2026-11-22"), today=date(2026, 11, 24)
    )

    days = [day for week in shown.weeks for day in week]
    assert (shown.name, shown.before, shown.after) == ("November 2026", "2026-10", "2026-12")
    assert [day.date.day for day in days if day] == list(range(1, 31))
    assert days[6] is not None
    assert days[6].words == "Sunday 1 November 2026"
    assert [day.date.day for day in days if day and day.chosen] == [20, 22]
    assert [day.date.day for day in days if day and day.within] == [20, 21, 22]
    assert [day.date.day for day in days if day and day.today] == [24]


@pytest.mark.parametrize(
    ("shown", "before", "after"), [(1, "2025-12", "2026-02"), (12, "2026-11", "2027-01")]
)
def test_the_months_beside_it_may_lie_in_other_years(shown: int, before: str, after: str) -> None:
    found = month(date(2026, shown, 1), period=period(""), today=date(2026, 11, 24))

    assert (found.before, found.after) == (before, after)


class Fields(HTMLParser):
    """Names and values of a form's fields; of buttons, those that are pressed."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.values: list[tuple[str, str]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        shown = tag == "input" or (tag == "button" and given.get("aria-pressed") == "true")
        if shown and given.get("name"):
            self.values.append((given["name"] or "", given.get("value") or ""))


def test_a_day_is_picked_without_scripts_and_the_filters_are_kept(client: Client, ana: Person) -> None:
    client.force_login(ana)

    html = client.get(f"{LOG}time/?by=x&from=2026-11-20T08:00&pick=2026-11-21").content.decode()

    assert "<h1>Filter by Date and Time</h1>" in html
    fields = Fields(html.partition('aria-label="Date and Time"')[2]).values
    assert fields == [
        ("by", "x"),
        ("pick", "2026-11-20"), ("pick", "2026-11-21"),
        ("from", "2026-11-20T08:00"), ("to", "2026-11-21T23:59"),
    ]  # fmt: skip


def test_months_are_turned_in_place(client: Client, ana: Person) -> None:
    client.force_login(ana)

    html = client.get(
        f"{LOG}time/?from=2026-11-20T08:00&month=2026-02", headers={"HX-Request": "true"}
    ).content

    assert html.strip().startswith(b"<fieldset")
    assert b"February 2026" in html
    assert b"2026-11-20T08:00" in html
    assert b"hx-preserve" not in html


def test_what_was_typed_before_the_calendar_came_stays(client: Client, ana: Person) -> None:
    client.force_login(ana)

    html = client.get(f"{LOG}time/?range=24h", headers={"HX-Request": "true"}).content.decode()

    assert html.count("hx-preserve") == 2


@pytest.mark.parametrize("query", ["month=x", "pick=2026-13-45", "month=0001-01", "pick=9999-12-31"])
def test_days_that_are_none_are_not_picked(client: Client, acme: Tenant, ana: Person, query: str) -> None:
    client.force_login(ana)

    response = client.get(f"{LOG}time/?{query}")

    assert response.status_code == 200
    assert acme.name in response.content.decode()
