from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from pytest_django import DjangoAssertNumQueries

from audit import queries, timeline
from audit.filters import filtered
from audit.models import Tenant
from audit.timeline import Step
from tests.entries import NOON, make_entry

BERLIN = ZoneInfo("Europe/Berlin")
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
CASE, SETTING = "cases.case_shared", "tenant_admin_settings.saml_settings_updated"


def at(text: str, zone: ZoneInfo | None = None) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone or UTC)


@pytest.mark.parametrize(
    ("span", "step"),
    [
        (15 * timedelta(minutes=1), "1 minute"),
        (HOUR, "1 minute"),
        (DAY, "30 minutes"),
        (7 * DAY, "3 hours"),
        (30 * DAY, "12 hours"),
        (90 * DAY, "2 days"),
        (365 * DAY, "1 week"),
        (10 * 365 * DAY, "3 months"),
        (90 * 365 * DAY, "12 months"),
    ],
)
def test_the_narrowest_step_is_taken_that_does_not_draw_too_many_bars(span: timedelta, step: str) -> None:
    assert str(timeline.step_for(NOON - span, NOON)) == step


@pytest.mark.parametrize("step", timeline.STEPS, ids=str)
def test_bars_cover_the_stretch_without_a_gap_and_end_behind_it(step: Step) -> None:
    first = at("2026-10-24T13:37:11", BERLIN)
    after = first + 40 * step.length

    edges = timeline.edges(first, after, step=step, zone=BERLIN)

    instants = [edge.astimezone(UTC) for edge in edges]
    assert instants == sorted(set(instants))
    assert instants[0] <= first < instants[1]
    assert instants[-2] < after <= instants[-1]


def test_bars_of_hours_begin_at_midnight_also_when_the_clock_is_changed() -> None:
    edges = timeline.edges(
        at("2026-10-24T23:00", BERLIN), at("2026-10-26T04:00", BERLIN), step=Step(6, "hour"), zone=BERLIN
    )

    assert [f"{edge:%d %H:%M}" for edge in edges] == [
        "24 18:00", "25 00:00", "25 05:00", "25 11:00", "25 17:00", "25 23:00", "26 00:00", "26 06:00",
    ]  # fmt: skip


def test_days_weeks_and_months_begin_where_people_say() -> None:
    moment = at("2026-11-24T12:00", BERLIN)

    def begin(step: Step) -> str:
        return timeline.edges(moment, moment + DAY, step=step, zone=BERLIN)[0].isoformat()

    assert begin(Step(1, "day")) == "2026-11-24T00:00:00+01:00"
    assert begin(Step(1, "week")) == "2026-11-23T00:00:00+01:00"
    assert begin(Step(1, "month")) == "2026-11-01T00:00:00+01:00"
    assert begin(Step(3, "month")) == "2026-10-01T00:00:00+02:00"
    assert begin(Step(12, "month")) == "2026-01-01T00:00:00+01:00"


def test_each_entry_is_counted_in_its_bar_and_category_once(
    acme: Tenant, globex: Tenant, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    edges = [NOON, NOON + HOUR, NOON + 2 * HOUR]
    for when in (NOON - timedelta(microseconds=1), NOON, NOON + HOUR, NOON + 2 * HOUR):
        make_entry(acme, at=when)
    make_entry(acme, "users.user_logged_in", at=NOON + timedelta(minutes=59))
    make_entry(globex, at=NOON)

    with django_assert_num_queries(1):
        bars = timeline.stacked(queries.readable(acme), edges)

    assert [(bar.start, bar.until) for bar in bars] == [(NOON, NOON + HOUR), (NOON + HOUR, NOON + 2 * HOUR)]
    assert [bar.counts for bar in bars] == [
        {"system_configuration": 1, "user_actions": 1},
        {"system_configuration": 1},
    ]
    assert [bar.count for bar in bars] == [2, 1]


def test_a_stretch_in_which_nothing_occurred_has_its_bars(acme: Tenant) -> None:
    assert [bar.count for bar in timeline.stacked(queries.readable(acme), [NOON, NOON + HOUR])] == [0]


@pytest.mark.parametrize("narrow", [None, "setting_updates"])
@pytest.mark.parametrize("since", [0, 20, 60, 100])
def test_bars_of_kept_counts_are_those_of_the_entries(acme: Tenant, narrow: str | None, since: int) -> None:
    for minutes in (0, 10, 30, 70, 130, 150, 200):
        make_entry(acme, CASE if minutes % 20 else SETTING, at=NOON + minutes * MINUTE)
    params = {"to": ["2026-11-24T14:35"], **({"category": [narrow]} if narrow else {})}
    known = filtered(queries.readable(acme), params, tenant=acme, now=NOON)
    edges = [NOON, NOON + HOUR, NOON + 2 * HOUR, NOON + 4 * HOUR]
    first = NOON + since * MINUTE

    assert known.hours
    bars = timeline.stacked(known, edges, since=first)

    assert bars == timeline.stacked(known.filter(), edges, since=first)
    assert sum(bar.count for bar in bars) == known.filter(occurred_at__gte=first).count()


@pytest.mark.parametrize(("most", "number"), [(2, 2), (4, 4), (9, 5)])
def test_what_is_in_no_bar_is_counted_too_up_to_so_many(acme: Tenant, most: int, number: int) -> None:
    for hours in (0, 1, 1, 5, 9):
        make_entry(acme, at=NOON + hours * HOUR)
    edges = [NOON, NOON + HOUR, NOON + 2 * HOUR]

    bars, found = timeline.stacked_of(queries.readable(acme), edges, most=most)

    assert [bar.count for bar in bars] == [1, 2]
    assert found == number
