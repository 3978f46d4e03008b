"""GET /entries/activity and /entries/facets: counts for any filter, of one tenant only."""

from __future__ import annotations

from datetime import timedelta

import pytest

from audit.models import Tenant
from tests.audit.api.caller import Caller, answered, errors
from tests.entries import NOON, make_entry

ACTIVITY, FACETS = "/api/v1/entries/activity", "/api/v1/entries/facets"


def test_activity_is_counted_by_day_under_the_pages_filters(
    platform: Caller, acme: Tenant, globex: Tenant
) -> None:
    make_entry(globex)
    for days in (0, 0, 3):
        make_entry(acme, "cases.case_shared", at=NOON - timedelta(days=days))
    make_entry(acme)

    found = answered(platform.get(ACTIVITY, action="cases.case_shared"))

    assert found == {
        "per": "day",
        "zone": "UTC",
        "bars": [
            {"start": "2026-11-21T00:00:00+00:00", "count": 1},
            {"start": "2026-11-24T00:00:00+00:00", "count": 2},
        ],
    }


def test_activity_is_counted_in_the_zone_that_is_asked_for(platform: Caller, acme: Tenant) -> None:
    make_entry(acme, "cases.case_shared")

    found = answered(platform.get(ACTIVITY, action="cases.case_shared", per="hour", zone="Asia/Tokyo"))

    assert found["bars"] == [{"start": "2026-11-24T21:00:00+09:00", "count": 1}]


def test_facets_have_the_names_of_the_filters(platform: Caller, acme: Tenant, globex: Tenant) -> None:
    make_entry(globex, by="gus@globex.example")
    make_entry(acme, "cases.case_shared")

    found = answered(platform.get(FACETS, action="cases.case_shared"))
    all_of_it = answered(platform.get(FACETS))

    assert found["counted"] == 1
    assert set(all_of_it["facets"]) == {
        "action", "area", "category", "workspace", "by", "outcome", "actor_type",
    }  # fmt: skip
    assert {"value": "cases.case_shared", "count": 1} in all_of_it["facets"]["action"]
    assert "gus@globex.example" not in {one["value"] for one in all_of_it["facets"]["by"]}
    assert all_of_it["complete"]


@pytest.mark.parametrize(
    ("path", "query", "where"),
    [
        (ACTIVITY, {"per": "week"}, "per"),
        (ACTIVITY, {"zone": "Mars/Olympus"}, "zone"),
        (ACTIVITY, {"zone": "../etc/passwd"}, "zone"),
        (ACTIVITY, {"cursor": "x"}, "cursor"),
        (FACETS, {"per": "day"}, "per"),
        (FACETS, {"action": "cases.case_shard"}, "action"),
    ],
)
def test_what_cannot_be_counted_is_refused_by_name(
    platform: Caller, path: str, query: dict[str, str], where: str
) -> None:
    response = platform.get(path, **query)

    assert response.status_code == 400
    assert where in errors(response)
