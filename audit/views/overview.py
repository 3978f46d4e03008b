"""The overview: what a stretch of the log adds up to. Every figure is a link to the entries that it counts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, QueryDict
from django.urls import reverse
from django.utils import timezone

from audit import overview, queries, timeline
from audit.catalog.areas.users import SIGN_IN_FAILED
from audit.catalog.kinds import Category
from audit.catalog.lookup import CATALOG
from audit.filters.entries import filtered
from audit.filters.fields import read_moment
from audit.filters.options import RANGES
from audit.models.entries import EntryQuerySet
from audit.overview import Failed, Overview, Share, Window
from audit.views.addresses import Address
from audit.views.histogram import MARKS, Histogram
from audit.views.tenant_view import TenantView

USUAL = "7d"
LONGEST = 5.0
"""Seconds that counting may take."""
_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Part:
    """One category's part of an area's bar: where it begins and how long it is, of 100."""

    mark: str
    x: float
    width: float


@dataclass(frozen=True, slots=True)
class Line:
    """A value, how many entries have it, and the log narrowed to them. `most` is the largest number beside it."""

    label: str
    number: int
    href: Address
    most: int
    parts: tuple[Part, ...] = ()


class OverviewView(TenantView):
    """`GET /t/<slug>/audit-log/overview/?range=24h|7d|30d`."""

    def get(self, request: HttpRequest, slug: str) -> HttpResponse:  # noqa: ARG002 - the address's
        asked = request.GET.get("range", USUAL)
        chosen = asked if asked in overview.LENGTHS else USUAL
        window = Window.ending(self.now, length=overview.LENGTHS[chosen])
        context: dict[str, Any] = {
            "window": window,
            "last": window.after - _MINUTE,
            "ranges": [(name, RANGES[name][1], RANGES[name][0]) for name in overview.LENGTHS],
            "chosen": chosen,
            "words": RANGES[chosen][0].removeprefix("Last "),
            "unknown": asked if asked != chosen else "",
            "log": self._log(window),
        }
        try:
            with queries.time_limit(seconds=LONGEST):
                context |= self._counted(window)
        except queries.TookTooLong:
            context["too_long"] = LONGEST
        return self.render("audit/overview.html", context)

    def _counted(self, window: Window) -> dict[str, Any]:
        step = timeline.step_for(window.first, window.after)
        edges = timeline.edges(window.first, window.after, step=step, zone=timezone.get_current_timezone())
        found = self._found(window)
        with queries.sparing(found):
            sums = overview.counted(found, edges, window)
        if not sums.number:
            return {"sums": sums, "nothing_at_all": not self.readable().exists()}
        log, settings = self._log(window), Category.SETTING_UPDATES.value
        return {
            "sums": sums,
            "total": queries.Total(sums.number),
            "histogram": Histogram(sums.bars, step=step, address=log, chosen=True),
            "areas": _areas(sums, log),
            "people": _lines(sums.people, log, "by"),
            "setting_updates": sums.of(settings),
            "settings_href": log.plus("category", settings),
            "latest": overview.latest_of(found, settings) if sums.of(settings) else [],
            **self._before(window, sums.number),
            **_failed(overview.failed_sign_ins(found), log.plus("action", SIGN_IN_FAILED.code)),
        }

    def _before(self, window: Window, number: int) -> dict[str, Any]:
        """How many there were in the time before, and how many more or fewer there are now, in percent."""
        before = overview.number_of(self._found(window.before))
        change = round((number - before) / before * 100) if before else None
        return {"before": before, "before_href": self._log(window.before), "change": change}

    def _log(self, window: Window) -> Address:
        """The log of this time alone: where links start from."""
        period = (("from", _text(window.first)), ("to", _text(window.after, last=True)))
        return Address(reverse("audit:log", args=[self.tenant.slug]), period)

    def _found(self, window: Window) -> EntryQuerySet:
        """What the log shows at that address."""
        return filtered(
            self.readable(),
            QueryDict(self._log(window).query),
            tenant=self.tenant,
            now=self.now,
            workspaces=self.may.workspaces,
        )


def _text(moment: datetime, *, last: bool = False) -> str:
    """The minute that begins then, or with `last` the one that ends then, as the filters of the log read it.

    On the reader's clock, but in UTC where that shows the same time twice.
    """
    minute = moment - _MINUTE if last else moment
    zone = timezone.get_current_timezone()
    text = f"{minute.astimezone(zone):%Y-%m-%dT%H:%M}"
    try:
        read = read_moment(text, zone=zone)
    except ValidationError:
        read = None
    if read and moment == (read.after if last else read.first):
        return text
    return f"{minute.astimezone(UTC):%Y-%m-%dT%H:%MZ}"


def _areas(sums: Overview, log: Address) -> list[Line]:
    most = max((share.number for share in sums.areas), default=1)
    return [
        Line(
            CATALOG.area_label(share.value),
            share.number,
            log.plus("area", share.value),
            most,
            _parts(share, most),
        )
        for share in sums.areas
    ]


def _parts(share: Share, most: int) -> tuple[Part, ...]:
    """Beside each other in the order of the legend; `most` is as long as a bar can be."""
    parts, x = list[Part](), 0.0
    for category in Category:
        width = 100 * share.counts.get(category.value, 0) / most
        if width:
            parts.append(Part(MARKS[category], round(x, 2), round(width, 2)))
        x += width
    return tuple(parts)


def _lines(shares: list[Share], log: Address, name: str) -> list[Line]:
    most = max((share.number for share in shares), default=1)
    return [Line(share.value, share.number, log.plus(name, share.value), most) for share in shares]


def _failed(failed: Failed, log: Address) -> dict[str, Any]:
    return {
        "failed": failed.number,
        "failed_href": log,
        "accounts": _lines(failed.accounts, log, "by"),
        "addresses": _lines(failed.addresses, log, "ip"),
    }
