"""How long to wait before the next attempt. Pure: chance and time are arguments, nothing is kept."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

FIRST_WAIT = timedelta(seconds=1)
LONGEST_WAIT = timedelta(minutes=5)
# A held stream waits for a person, yet whatever held it may mend itself: it goes on asking, ever more quietly.
HELD_WAITS = tuple(timedelta(seconds=n) for n in (30, 60, 120, 300, 900, 1800))
HELD_JITTER = 0.2
LONGEST_RETRY_AFTER = timedelta(hours=1)

Chance = Callable[[], float]
"""Gives numbers from 0 up to 1, as `random.random` does."""


def transient_wait(failures: int, *, chance: Chance, retry_after: timedelta | None = None) -> timedelta:
    """The wait after that many failures in a row (1 or more): anything up to a bound that doubles.

    Full jitter: many streams that failed together don't come back together. `retry_after` is a floor.
    """
    doublings = min(max(failures - 1, 0), 20)
    bound = min(LONGEST_WAIT, FIRST_WAIT * (1 << doublings))
    return max(bound * chance(), retry_after or timedelta(0))


def held_wait(failures: int, *, chance: Chance, retry_after: timedelta | None = None) -> timedelta:
    """The wait before a held stream asks again, after that many answers (1 or more) that held it."""
    wait = HELD_WAITS[min(max(failures, 1), len(HELD_WAITS)) - 1]
    return max(wait * (1 + HELD_JITTER * (2 * chance() - 1)), retry_after or timedelta(0))


def parse_retry_after(text: str | None, *, now: datetime, date: str | None = None) -> timedelta | None:
    """The wait that an answer asks for, between 0 and an hour; None where it says nothing that makes sense.

    Takes seconds and the three date forms of HTTP. A date is read against the answer's own `date` if it has
    one, so that a clock that goes wrong on either side doesn't matter.
    """
    text = (text or "").strip()
    if re.fullmatch(r"[0-9]+(\.[0-9]*)?", text):
        return min(timedelta(seconds=min(float(text), 1e6)), LONGEST_RETRY_AFTER)
    until = _http_date(text)
    if until is None:
        return None
    wait = until - (_http_date(date or "") or now)
    return min(wait, LONGEST_RETRY_AFTER) if wait >= timedelta(0) else None


def _http_date(text: str) -> datetime | None:
    try:
        found = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
