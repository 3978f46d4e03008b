from __future__ import annotations

import itertools
import random
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

import pytest

from audit import activity, queries
from audit.activity import Bar
from audit.catalog.kinds import Category
from audit.filters import filtered
from audit.models import AuditEntry, EntryCount, Tenant, Workspace
from tests.entries import NOON, make_entry

BERLIN, KATHMANDU = ZoneInfo("Europe/Berlin"), ZoneInfo("Asia/Kathmandu")


def at(text: str, zone: ZoneInfo | None = None) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone or UTC)


def test_entries_are_counted_by_the_hour_day_and_month(acme: Tenant) -> None:
    for text in ("2026-10-31T23:59:59", "2026-11-01T00:00:00", "2026-11-24T12:05:00", "2026-11-24T12:59:59"):
        make_entry(acme, at=at(text))
    entries = queries.readable(acme)

    hours = activity.over_time(entries, per="hour")

    assert hours == [
        Bar(at("2026-10-31T23:00"), 1), Bar(at("2026-11-01T00:00"), 1), Bar(at("2026-11-24T12:00"), 2),
    ]  # fmt: skip
    assert [bar.count for bar in activity.over_time(entries, per="day")] == [1, 1, 2]
    assert activity.over_time(entries, per="month") == [
        Bar(at("2026-10-01T00:00"), 1), Bar(at("2026-11-01T00:00"), 3),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("zone", "moment", "hour", "day"),
    [
        (BERLIN, "2026-11-23T23:30:00", "2026-11-24T00:00", "2026-11-24T00:00"),
        (KATHMANDU, "2026-11-24T18:20:00", "2026-11-25T00:00", "2026-11-25T00:00"),
        (KATHMANDU, "2026-11-24T18:10:00", "2026-11-24T23:00", "2026-11-24T00:00"),
    ],
)
def test_hours_and_days_are_those_of_the_readers_zone(
    acme: Tenant, zone: ZoneInfo, moment: str, hour: str, day: str
) -> None:
    make_entry(acme, at=at(moment))
    entries = queries.readable(acme)

    assert activity.over_time(entries, per="hour", zone=zone) == [Bar(at(hour, zone), 1)]
    assert activity.over_time(entries, per="day", zone=zone) == [Bar(at(day, zone), 1)]


def test_the_hour_that_comes_twice_is_two_bars(acme: Tenant) -> None:
    for text in ("2026-10-25T00:30:00", "2026-10-25T01:30:00"):
        make_entry(acme, at=at(text))

    bars = activity.over_time(queries.readable(acme), per="hour", zone=BERLIN)

    assert [bar.start.isoformat() for bar in bars] == [
        "2026-10-25T02:00:00+02:00",
        "2026-10-25T02:00:00+01:00",
    ]


def test_bars_are_of_the_filtered_entries_only(acme: Tenant, globex: Tenant) -> None:
    make_entry(globex)
    make_entry(acme, "cases.case_shared")
    make_entry(acme)

    [bar] = activity.over_time(queries.readable(acme).filter(event="cases.case_shared"), per="day")

    assert bar.count == 1


def test_facets_are_the_most_frequent_values_and_their_counts(
    acme: Tenant, globex: Tenant, soc: Workspace
) -> None:
    make_entry(globex)
    for by in ("ana@acme.example", "ana@acme.example", "backup"):
        make_entry(acme, by=by, workspace=soc if by == "backup" else None)

    found = activity.facets(queries.readable(acme))

    assert found.values["done_by"] == [("ana@acme.example", 2), ("backup", 1)]
    assert found.values["workspace_id"] == [(None, 2), (str(soc.pk), 1)]
    assert found.values["event"] == [("workflows.workflow_published", 3)]
    assert (found.counted, found.complete) == (3, True)


def test_facets_of_a_long_log_are_of_its_latest_entries_and_say_so(
    acme: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(activity, "LATEST", 2)
    for n, event in enumerate(
        ("cases.case_shared", "workflows.workflow_published", "workflows.workflow_published")
    ):
        make_entry(acme, event, at=NOON + timedelta(hours=n))

    found = activity.facets(queries.readable(acme))

    assert found.values["event"] == [("workflows.workflow_published", 2)]
    assert (found.counted, found.complete) == (2, False)


def test_nothing_found_has_no_bars_and_no_facets(acme: Tenant) -> None:
    entries = queries.readable(acme)

    assert activity.over_time(entries, per="hour") == []
    assert activity.facets(entries).counted == 0
    assert not any(activity.facets(entries).values.values())
    assert activity.facets(queries.readable(acme, workspaces=frozenset())).counted == 0


def plainly(entries: Iterable[AuditEntry], *, per: activity.Per, zone: tzinfo) -> list[Bar]:
    """The bars of the entries, each looked at."""
    counted: Counter[datetime] = Counter()
    for entry in entries:
        begin = entry.occurred_at.astimezone(zone).replace(minute=0, second=0, microsecond=0)
        if per != "hour":
            begin = begin.replace(hour=0, fold=0)
        counted[(begin.replace(day=1) if per == "month" else begin).astimezone(UTC)] += 1
    return [Bar(start, counted[start]) for start in sorted(counted)]


@pytest.mark.parametrize("seed", range(6))
def test_bars_that_are_summed_up_are_those_that_would_be_counted(acme: Tenant, seed: int) -> None:
    dice = random.Random(seed)
    events = [
        "users.user_logged_in",
        "tenant_admin_settings.saml_settings_updated",
        "workflows.workflow_created",
    ]
    for _ in range(60):
        make_entry(acme, dice.choice(events), at=NOON - timedelta(minutes=dice.randrange(60 * 24 * 40)))
    first = NOON - timedelta(minutes=dice.randrange(60 * 24 * 50))
    until = first + timedelta(minutes=dice.choice([dice.randrange(1, 150), dice.randrange(60 * 24 * 40)]))
    categories = dice.sample([category.value for category in Category], dice.randint(1, 2))

    for since, before, some in itertools.product((None, first), (None, until), (None, categories)):
        params = {"from": [f"{since:%FT%TZ}"] if since else [], "to": [f"{before:%FT%TZ}"] if before else []}
        after = before and before + timedelta(seconds=1)
        entries = filtered(queries.readable(acme), {**params, "category": some or []}, tenant=acme, now=NOON)
        zone = dice.choice([UTC, BERLIN, KATHMANDU])
        per = dice.choice(activity.PERS)

        bars = activity.over_time(entries, per=per, zone=zone)

        meant = [
            one
            for one in AuditEntry.objects.of(acme)
            if (not since or one.occurred_at >= since)
            and (not after or one.occurred_at < after)
            and (not some or one.category in some)
        ]
        assert bars == plainly(meant, per=per, zone=zone)


def test_bars_of_part_of_the_log_are_counted_and_those_of_all_of_it_are_not(
    acme: Tenant, soc: Workspace
) -> None:
    make_entry(acme, workspace=soc)
    make_entry(acme)
    EntryCount.objects.filter(tenant=acme).update(number=9)
    part = queries.readable(acme, workspaces=frozenset({soc.pk}))
    narrowed = filtered(queries.readable(acme), {"by": ["ana@acme.example"]}, tenant=acme, now=NOON)

    assert [bar.count for bar in activity.over_time(part, per="day")] == [1]
    assert [
        bar.count for bar in activity.over_time(filtered(part, {}, tenant=acme, now=NOON), per="day")
    ] == [1]
    assert [bar.count for bar in activity.over_time(narrowed, per="day")] == [2]
    assert [bar.count for bar in activity.over_time(queries.readable(acme), per="day")] == [9]
