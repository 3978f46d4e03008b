"""What streams did in the last 24 hours, hour by hour: in numbers, as a line that is drawn, and in words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from streaming.models import HourFigures

HOURS = 24
WIDTH, HEIGHT = 100, 48
_TOP, _BOTTOM = 4.0, 46.0
_HOUR = timedelta(hours=1)
_DAY_OF_MINUTES = HOURS * 60


@dataclass(frozen=True, slots=True)
class LastDay:
    """Entries that were delivered in each hour from `first` on, the present one being the last; what requests came to.

    `troubled` are the places of hours in which requests failed; `lag` is how old entries were when they arrived, on
    average and in seconds, in the last hour in which any did.
    """

    first: datetime
    delivered: tuple[int, ...]
    requests: int = 0
    failed: int = 0
    troubled: tuple[int, ...] = ()
    lag: float | None = None

    @property
    def number(self) -> int:
        return sum(self.delivered)

    @property
    def success(self) -> str:
        """The share of requests that were answered as they should be, in percent: `100` means every one."""
        if not self.requests:
            return ""
        share = 100 * (self.requests - self.failed) / self.requests
        shown = f"{share:.2f}".rstrip("0").rstrip(".")
        return "99.99" if self.failed and shown == "100" else shown

    @property
    def per_minute(self) -> str:
        """Entries delivered a minute, on average."""
        pace = self.number / _DAY_OF_MINUTES
        return f"{pace:,.0f}" if pace >= 10 or not pace else f"{max(pace, 0.1):.1f}"

    @property
    def line(self) -> str:
        """The line as a path in a box of WIDTH by HEIGHT: the higher, the more."""
        step = WIDTH / (len(self.delivered) - 1)
        most = max(self.delivered) or 1
        points = (
            f"{place * step:.2f} {_BOTTOM - (_BOTTOM - _TOP) * number / most:.2f}"
            for place, number in enumerate(self.delivered)
        )
        return "M" + " L".join(points)

    @property
    def area(self) -> str:
        """What lies beneath the line."""
        return f"{self.line} L{WIDTH} {HEIGHT} L0 {HEIGHT} Z"

    @property
    def marks(self) -> list[str]:
        """Where hours in which requests failed begin, across the box."""
        return [f"{place * WIDTH / len(self.delivered):.2f}" for place in self.troubled]

    @property
    def words(self) -> str:
        """What the line shows, for those who do not see it."""
        if not self.number:
            told = "Nothing delivered in the last 24 hours"
        else:
            noun = "entry" if self.number == 1 else "entries"
            told = f"{self.number:,} {noun} delivered in the last 24 hours"
        if not self.failed:
            return told
        return f"{told}; {self.failed:,} of {self.requests:,} {'request' if self.requests == 1 else 'requests'} failed"


def last_days(stream_ids: Iterable[UUID], *, now: datetime) -> dict[UUID, LastDay]:
    """By stream, each of them; one question."""
    ids = list(stream_ids)
    first = now.astimezone(UTC).replace(minute=0, second=0, microsecond=0) - (HOURS - 1) * _HOUR
    rows = HourFigures.objects.filter(stream_id__in=ids, hour__gte=first, hour__lt=first + HOURS * _HOUR)
    by_stream: dict[UUID, dict[int, HourFigures]] = {}
    for row in rows:
        by_stream.setdefault(row.stream_id, {})[(row.hour - first) // _HOUR] = row
    return {one: _day(first, by_stream.get(one, {})) for one in ids}


def _day(first: datetime, rows: dict[int, HourFigures]) -> LastDay:
    busy = [rows[place] for place in sorted(rows) if rows[place].delivered]
    return LastDay(
        first,
        tuple(rows[place].delivered if place in rows else 0 for place in range(HOURS)),
        requests=sum(row.requests for row in rows.values()),
        failed=sum(row.failed for row in rows.values()),
        troubled=tuple(sorted(place for place, row in rows.items() if row.failed)),
        lag=busy[-1].age_seconds / busy[-1].delivered if busy else None,
    )
