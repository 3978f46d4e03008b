"""One round of looking after the log's partitions: strays moved into months, months made ahead."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from functools import partial
from typing import Any

from audit.emptying import empty_default, strays
from audit.partitions import Busy, alone, make_month, month_of, months, name_of, several_times

MONTHS_AHEAD = 12


@dataclass(frozen=True, slots=True)
class Round:
    """What was done: months made, strays moved, strays that stay in the default (None: not known); what has to wait."""

    made: tuple[str, ...]
    moved: int
    strays: int | None
    later: str

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def maintain(*, now: datetime, ahead: int = MONTHS_AHEAD) -> Round:
    """Empty the default partition, and make this month and the `ahead` that follow it. What is busy waits."""
    made: list[str] = []
    moved, left, later = 0, None, ""
    try:
        with alone():
            moved = empty_default(now=now)
            _make_ahead(made, now=now, ahead=ahead)
        left = strays()
    except Busy as busy:
        later = str(busy)
    return Round(tuple(made), moved, left, later)


def _make_ahead(made: list[str], *, now: datetime, ahead: int) -> None:
    present = {month.name for month in months()}
    for number in range(ahead + 1):
        day = month_of(now, number)
        if name_of(day) not in present:
            several_times(partial(make_month, day))
            made.append(name_of(day))
