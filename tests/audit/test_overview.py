from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from audit import overview, queries
from audit.drafts import Context
from audit.models import Tenant, Workspace
from audit.models.entries import Hours
from audit.overview import Share, Window
from tests.entries import NOON, make_entry

HOUR = timedelta(hours=1)
EDGES = [NOON - HOUR * back for back in range(3, -1, -1)]
WHOLE = Window(EDGES[0], EDGES[-1])


def test_a_window_ends_with_the_present_minute_and_the_one_before_ends_where_it_begins() -> None:
    window = Window.ending(NOON + timedelta(seconds=31), length=HOUR)

    assert window == Window(
        datetime(2026, 11, 24, 11, 1, tzinfo=UTC), datetime(2026, 11, 24, 12, 1, tzinfo=UTC)
    )
    assert window.before == Window(datetime(2026, 11, 24, 10, 1, tzinfo=UTC), window.first)


def test_areas_people_and_bars_count_the_same_entries(acme: Tenant) -> None:
    make_entry(acme, at=NOON - 3 * HOUR)
    make_entry(acme, at=NOON - HOUR, by="bob@acme.example")
    make_entry(acme, "cases.case_shared", at=NOON - timedelta(seconds=1))

    sums = overview.counted(WHOLE.of(queries.readable(acme)), EDGES, WHOLE)

    assert [(bar.start, bar.count) for bar in sums.bars] == [(EDGES[0], 1), (EDGES[1], 0), (EDGES[2], 2)]
    assert sums.bars[2].counts == {"system_configuration": 1, "user_actions": 1}
    assert [(area.value, area.number) for area in sums.areas] == [("workflows", 2), ("cases", 1)]
    assert sums.people == [Share("ana@acme.example", 2, {}), Share("bob@acme.example", 1, {})]
    assert (sums.number, sums.everybody, sums.of("user_actions")) == (3, 2, 1)


def test_the_outermost_bars_end_where_the_window_does(acme: Tenant) -> None:
    minute = timedelta(minutes=1)
    window = Window(EDGES[0] + minute, EDGES[-1] - minute)
    for moment in (EDGES[0], window.first, window.after - minute, window.after):
        make_entry(acme, at=moment)

    sums = overview.counted(window.of(queries.readable(acme)), EDGES, window)

    assert [(bar.start, bar.until, bar.count) for bar in sums.bars] == [
        (window.first, EDGES[1], 1),
        (EDGES[1], EDGES[2], 0),
        (EDGES[2], window.after, 1),
    ]


def test_of_many_people_the_busiest_are_named_and_all_are_counted(acme: Tenant) -> None:
    for number in range(9):
        for _ in range(2 if number == 7 else 1):
            make_entry(acme, at=NOON - HOUR, by=f"p{number}@acme.example")

    sums = overview.counted(queries.readable(acme), EDGES, WHOLE)

    assert sums.everybody == 9
    assert [person.value for person in sums.people][:2] == ["p7@acme.example", "p0@acme.example"]
    assert len(sums.people) == overview.MOST_PEOPLE


def test_nothing_is_counted_where_nothing_may_be_read(acme: Tenant) -> None:
    make_entry(acme, at=NOON - HOUR)
    nothing = queries.readable(acme, workspaces=frozenset())

    assert overview.counted(nothing, EDGES, WHOLE).number == 0
    assert overview.failed_sign_ins(nothing) == overview.Failed(0, [], [])


def test_failed_sign_ins_are_counted_by_account_and_by_address(acme: Tenant, globex: Tenant) -> None:
    failed = "users.sign_in_failed"
    for _ in range(2):
        make_entry(acme, failed, context=Context(ip="203.0.113.7"), outcome="failure")
    make_entry(acme, failed, by="bob@acme.example", outcome="failure")
    make_entry(acme, "users.user_logged_in")
    make_entry(globex, failed)

    found = overview.failed_sign_ins(queries.readable(acme))

    assert found.number == 3
    assert found.accounts == [Share("ana@acme.example", 2, {}), Share("bob@acme.example", 1, {})]
    assert found.addresses == [Share("203.0.113.7", 2, {})]


@pytest.mark.parametrize(
    ("first", "after", "number"),
    [(125, 0, 3), (125, -1, 4), (61, 1, 2), (59, 1, 1), (50, 10, 0), (60, 0, 1), (180, -60, 4)],
)
def test_how_many_there_were_is_the_same_from_counts_and_from_entries(
    acme: Tenant, soc: Workspace, first: int, after: int, number: int
) -> None:
    for minutes in (0, 59, 61, 125):
        make_entry(acme, at=NOON - timedelta(minutes=minutes), workspace=soc)
    bounds = Hours(acme.pk, NOON - timedelta(minutes=first), NOON - timedelta(minutes=after))
    asked = Window(*bounds_of(bounds)).of(queries.readable(acme))

    assert overview.number_of(asked.within(bounds)) == overview.number_of(asked) == number


def bounds_of(hours: Hours) -> tuple[datetime, datetime]:
    assert hours.first is not None
    assert hours.until is not None
    return hours.first, hours.until


def test_the_latest_of_a_category_are_the_newest_of_it(acme: Tenant) -> None:
    updated = "tenant_admin_settings.audit_log_retention_updated"
    for hour in range(overview.MOST_LATEST + 1):
        make_entry(acme, updated, at=NOON - HOUR * hour)
    make_entry(acme)

    found = overview.latest_of(queries.readable(acme), "setting_updates")

    assert [entry.occurred_at for entry in found] == [
        NOON - HOUR * hour for hour in range(overview.MOST_LATEST)
    ]
    assert {entry.event for entry in found} == {updated}
