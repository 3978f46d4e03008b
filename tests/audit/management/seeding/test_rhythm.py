"""When things happen."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

from audit.management.seeding.rhythm import moments

END = datetime(2026, 11, 24, 12, 20, tzinfo=UTC)


def test_moments_ascend_and_stay_inside_the_period() -> None:
    found = moments(500, begin=END - timedelta(days=2), end=END, rng=random.Random(1))

    assert len(found) == 500
    assert found == sorted(found)
    assert END - timedelta(days=2) <= found[0] <= found[-1] <= END


def test_weekends_are_quiet() -> None:
    found = moments(5_000, begin=END - timedelta(days=28), end=END, rng=random.Random(1))

    assert sum(moment.weekday() >= 5 for moment in found) < 0.06 * len(found)


def test_a_period_of_minutes_will_do() -> None:
    [moment] = moments(1, begin=END - timedelta(minutes=5), end=END, rng=random.Random(1))

    assert END - timedelta(minutes=5) <= moment <= END
