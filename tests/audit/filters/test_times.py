from __future__ import annotations

from datetime import timedelta

from audit import queries
from audit.filters import filtered
from audit.filters.times import RangeFilter
from audit.models import Tenant
from audit.models.entries import Hours
from tests.entries import NOON


def hours(tenant: Tenant, **params: str) -> Hours | None:
    given = {name.rstrip("_"): [value] for name, value in params.items()}
    return filtered(queries.readable(tenant), given, tenant=tenant, now=NOON).hours


def test_a_range_is_said_by_its_label_and_an_unknown_one_as_it_is() -> None:
    assert RangeFilter("occurred_at").words("7d") == "Last 7 days"
    assert RangeFilter("occurred_at").words("9d") == "9d"


def test_what_time_alone_leaves_is_known_by_its_hours(acme: Tenant) -> None:
    day = NOON.replace(hour=0)

    assert hours(acme, range="7d") == Hours(acme.pk, NOON - timedelta(days=7))
    assert hours(acme, range="all") == Hours(acme.pk)
    assert hours(acme, from_="2026-11-24", to="2026-11-24T08:15") == Hours(
        acme.pk, day, day + timedelta(hours=8, minutes=16)
    )
