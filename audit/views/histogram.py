"""The activity over time above the log, as data for its template: bars that are links, an axis, a legend."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from audit import queries, timeline
from audit.catalog.kinds import Category
from audit.filters import AuditEntryFilter
from audit.filters.options import RANGES
from audit.models.entries import EntryQuerySet
from audit.timeline import Bar, Step
from audit.views.addresses import PERIOD, Address

WIDTH, HEIGHT = 10, 64
UNCHOSEN = timedelta(days=30)
"""What is drawn while no time is chosen; the table shows all."""
AHEAD, BACK = 366 * timedelta(days=1), 60 * 365 * timedelta(days=1)
"""How far from now a chosen time is drawn: producers' clocks can be anywhere."""
LONGEST = 1.0
_SMALLEST = 1.2
_MOST_LABELS = 8
_DAY = timedelta(days=1)
# As in the picture: what occurs most stands at the bottom.
_STACK = (Category.USER_ACTIONS, Category.SYSTEM_CONFIGURATION, Category.SETTING_UPDATES)
MARKS = {
    Category.SETTING_UPDATES: "setting",
    Category.SYSTEM_CONFIGURATION: "config",
    Category.USER_ACTIONS: "user",
}


@dataclass(frozen=True, slots=True)
class Piece:
    """One category's part of a bar."""

    mark: str
    y: float
    height: float


@dataclass(frozen=True, slots=True)
class Column:
    """One bar, drawn: where, of what, and the address that narrows the log to its time."""

    x: int
    pieces: list[Piece]
    numbers: list[int]
    when: str
    href: Address

    @property
    def count(self) -> int:
        return sum(self.numbers)

    @property
    def cells(self) -> SafeString:
        """Its numbers, and their sum, as cells of a table."""
        return format_html_join(
            "", '<td class="num">{}</td>', ((f"{n:,}",) for n in (*self.numbers, self.count))
        )

    @property
    def words(self) -> str:
        return f"{self.when}: {self.count:,} {'entry' if self.count == 1 else 'entries'}"

    @property
    def inner(self) -> int:
        return self.x + 1


@dataclass(frozen=True, slots=True)
class Label:
    """A place on the axis, in percent, and what stands there."""

    place: str
    words: str


class Histogram:
    """Bars from `first` to `after` of what was found; `address` is where links start from."""

    def __init__(self, bars: list[Bar], *, step: Step, address: Address, chosen: bool) -> None:
        self.bars, self.step, self.address, self.chosen = bars, step, address, chosen

    @property
    def width(self) -> int:
        return WIDTH * len(self.bars)

    @property
    def first(self) -> datetime:
        return self.bars[0].start

    @property
    def last(self) -> datetime:
        return self.bars[-1].until

    @property
    def count(self) -> int:
        return sum(bar.count for bar in self.bars)

    @cached_property
    def top(self) -> int:
        """The axis' upper end: a round number at or above the highest bar, with a half that is whole."""
        highest = max((bar.count for bar in self.bars), default=0)
        power = 1
        while True:
            for factor in (2, 4, 6, 8, 10):
                if factor * power >= highest:
                    return factor * power
            power *= 10

    @property
    def half(self) -> int:
        return self.top // 2

    @cached_property
    def columns(self) -> list[Column]:
        return [self._column(place, bar) for place, bar in enumerate(self.bars)]

    @property
    def shapes(self) -> list[tuple[str, str]]:
        """Mark and outline of each category's pieces: one shape, as a page draws few of them quicker than many."""
        outlines: dict[str, list[str]] = {MARKS[category]: [] for category in _STACK}
        for column in self.columns:
            for piece in column.pieces:
                outlines[piece.mark].append(
                    f"M{column.inner} {piece.y}h{WIDTH - 2}v{piece.height}h-{WIDTH - 2}z"
                )
        return [(mark, "".join(parts)) for mark, parts in outlines.items() if parts]

    @property
    def rows(self) -> list[Column]:
        """What stands in the table beside the picture: the bars that are not empty, newest first."""
        return [column for column in reversed(self.columns) if column.count]

    @property
    def legend(self) -> list[tuple[str, str, int, Address]]:
        """Mark, label and number of each category, and the log narrowed to it."""
        sums: Counter[str] = Counter()
        for bar in self.bars:
            sums.update(bar.counts)
        return [
            (MARKS[one], one.label, sums[one.value], self.address.having("category", one.value))
            for one in Category
        ]

    @property
    def labels(self) -> list[Label]:
        """At most _MOST_LABELS places where something begins that people name: a day, a month, a round hour."""
        wide = self.last - self.first > 1.5 * _DAY
        starts = [
            (place, bar.start) for place, bar in enumerate(self.bars) if self._named(bar.start, wide=wide)
        ]
        every = -(-len(starts) // _MOST_LABELS) or 1
        return [
            Label(f"{100 * place / len(self.bars):.2f}%", self._axis(start, wide=wide))
            for place, start in starts[::every]
        ]

    def _column(self, place: int, bar: Bar) -> Column:
        pieces, bottom = [], float(HEIGHT)
        for category in _STACK:
            number = bar.counts.get(category.value, 0)
            if number:
                height = max(number / self.top * HEIGHT, _SMALLEST)
                bottom -= height
                pieces.append(Piece(MARKS[category], round(bottom, 2), round(height, 2)))
        numbers = [bar.counts.get(category.value, 0) for category in Category]
        return Column(place * WIDTH, pieces, numbers, self._span(bar), self._narrowed(bar))

    def _narrowed(self, bar: Bar) -> Address:
        last = bar.until - timedelta(minutes=1)
        start = self.address.without(*PERIOD)
        return start.plus("from", f"{bar.start:%Y-%m-%dT%H:%M}").plus("to", f"{last:%Y-%m-%dT%H:%M}")

    def _named(self, start: datetime, *, wide: bool) -> bool:
        if self.step.unit == "month":
            return True
        if self.step.unit in {"day", "week"}:
            return start.weekday() == 0
        midnight = not (start.hour or start.minute)
        return midnight if wide else start.minute % 5 == 0

    def _axis(self, start: datetime, *, wide: bool) -> str:
        if self.step.unit == "month":
            return date_format(start, "M Y")
        return date_format(start, "D j M" if wide else "H:i")

    def _span(self, bar: Bar) -> str:
        if self.step.unit == "month":
            return date_format(bar.start, "F Y") + ("" if self.step.number == 1 else " and after")
        if self.step.unit in {"day", "week"}:
            return date_format(bar.start, "D j M Y") + ("" if str(self.step) == "1 day" else f", {self.step}")
        return f"{date_format(bar.start, 'D j M H:i')} to {date_format(bar.until, 'H:i')}"


def drawn(
    filters: AuditEntryFilter, found: EntryQuerySet, address: Address
) -> tuple[Histogram | None, queries.Total]:
    """The histogram of what the filters found (also as `found`), and how much that is.

    Without a histogram where drawing it would take too long.
    """
    first, after, chosen = _stretch(filters)
    step = timeline.step_for(first, after)
    edges = timeline.edges(first, after, step=step, zone=timezone.get_current_timezone())
    if filters.found.hours and timeline.known_by_the_hour(edges):
        found = filters.found
    try:
        with queries.time_limit(seconds=LONGEST), queries.sparing(found):
            bars, number = timeline.stacked_of(found, edges, since=first, most=queries.COUNTED + 1)
    except queries.TookTooLong:
        return None, queries.total(found)
    total = queries.Total(min(number, queries.COUNTED), capped=number > queries.COUNTED)
    return Histogram(bars, step=step, address=address, chosen=chosen), total


def _stretch(filters: AuditEntryFilter) -> tuple[datetime, datetime, bool]:
    """What is drawn, from and until, and whether that is all that was chosen."""
    values, now = filters.form.cleaned_data, filters.scope.now
    length = RANGES[values.get("range") or "all"][1]
    asked = values["from"].first if values.get("from") else None
    after = min(values["to"].after, now + AHEAD) if values.get("to") else now
    first = max(asked or after - (length or UNCHOSEN), after - BACK)
    after = max(after, first + timedelta(minutes=1))
    chosen = bool(length) or asked == first
    return first, after, chosen
