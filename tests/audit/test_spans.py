"""The log's time in stretches, asked from the nearest on."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from audit import queries
from audit.models import AuditEntry, Tenant
from audit.spans import spans
from tests.entries import NOON, make_entry

MONTH = timedelta(days=30)
LONG_AGO, FAR_OFF = NOON.replace(year=2009), NOON.replace(year=2051)


def walk(tenant: Tenant, *, limit: int) -> tuple[list[datetime], list[datetime]]:
    """When entries occurred: page by page from the newest to the oldest, and from there back again."""
    entries = queries.readable(tenant)
    page = queries.page(entries, limit=limit)
    down, up = [page.entries], []
    while page.older:
        page = queries.page(entries, cursor=page.older, limit=limit)
        down.append(page.entries)
    up.append(page.entries)
    while page.newer:
        page = queries.page(entries, cursor=page.newer, limit=limit)
        up.append(page.entries)
    return _times(down), _times(up[::-1])


def _times(pages: list[list[AuditEntry]]) -> list[datetime]:
    return [entry.occurred_at for page in pages for entry in page]


def test_spans_hold_the_months_that_hold_entries_once_each_the_newest_first(acme: Tenant) -> None:
    for number in range(6):
        make_entry(acme, at=NOON - number * MONTH)

    found = spans(newest_first=True)

    inner = [span for span in found if span.first and span.until]
    assert all(later.first >= sooner.until for later, sooner in pairwise(inner))  # type: ignore[operator] # inner ones
    times = [entry.occurred_at for span in found for entry in span.of(queries.readable(acme))]
    assert sorted(times) == [NOON - number * MONTH for number in reversed(range(6))]


def test_a_reader_within_the_log_begins_where_he_is(acme: Tenant) -> None:
    for number in range(6):
        make_entry(acme, at=NOON - number * MONTH)
    there = NOON - 3 * MONTH

    older = spans(newest_first=True, start=there)
    newer = spans(newest_first=False, start=there)

    assert all(span.first <= there for span in older if span.first)
    assert all(span.until > there for span in newer if span.until)
    assert older[0] == newer[0]
    assert older[0].first <= there < older[0].until  # type: ignore[operator] # an inner one


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 100])
def test_all_entries_are_found_once_both_ways_strays_among_them(acme: Tenant, limit: int) -> None:
    moments = [LONG_AGO, *(NOON - days * timedelta(days=17) for days in range(11)), FAR_OFF, FAR_OFF]
    for moment in moments:
        make_entry(acme, at=moment, now=NOON)

    down, up = walk(acme, limit=limit)

    assert down == sorted(moments, reverse=True)
    assert up == down


def test_a_page_that_is_full_looks_at_no_other_month(acme: Tenant) -> None:
    for number in range(4):
        make_entry(acme, at=NOON - number * MONTH)
        make_entry(acme, at=NOON - number * MONTH)

    with CaptureQueriesContext(connection) as done:
        page = queries.page(queries.readable(acme), limit=1)

    asked, *more = (one["sql"] for one in done.captured_queries if "LIMIT" in one["sql"])
    if more:
        pytest.skip("Other tests left months that lie ahead, which are asked first.")
    found = spans(newest_first=True)
    further_back = [span for span in found if span.first and span.first < NOON - MONTH]
    assert further_back
    assert not any(str(span.first) in asked for span in further_back)
    assert len(page.entries) == 1


def test_a_page_that_looks_further_back_asks_once_more(acme: Tenant) -> None:
    for number in range(9):
        make_entry(acme, at=NOON - number * MONTH)

    with CaptureQueriesContext(connection) as done:
        page = queries.page(queries.readable(acme), limit=8)

    assert len(page.entries) == 8
    assert len([one for one in done.captured_queries if "LIMIT" in one["sql"]]) <= 2
