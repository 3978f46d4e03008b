"""When things happen: in office hours of working days, a little at night, never in the future."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from itertools import accumulate

# How busy each hour of a day is, in UTC.
HOURS = (2, 1, 1, 1, 2, 4, 14, 40, 80, 95, 90, 70, 55, 85, 95, 85, 60, 34, 20, 14, 10, 7, 5, 3)
WEEKEND = 0.08
HOUR = timedelta(hours=1)


def moments(count: int, *, begin: datetime, end: datetime, rng: random.Random) -> list[datetime]:
    """`count` moments from `begin` to `end`, ascending."""
    hours = [begin + n * HOUR for n in range(max(1, -(-(end - begin) // HOUR)))]
    weights = list(accumulate(_busy(hour) for hour in hours))
    chosen = rng.choices(hours, cum_weights=weights, k=count)
    return sorted(hour + rng.random() * min(HOUR, end - hour) for hour in chosen)


def _busy(hour: datetime) -> float:
    return HOURS[hour.hour] * (WEEKEND if hour.weekday() >= 5 else 1.0)
