"""A month drawn by the server, in which a first and a last day are chosen: for the custom range of the time menu."""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.formats import date_format

from audit.views.addresses import Address, tidy
from audit.views.periods import Period
from audit.views.tenant_view import TenantView

_WEEKS = calendar.Calendar(firstweekday=calendar.MONDAY)
_MIDNIGHT, _LAST_MINUTE = "T00:00", "T23:59"


@dataclass(frozen=True, slots=True)
class Day:
    """A day of the month; `chosen` is the first or the last one, `within` lies from the one to the other."""

    date: date
    chosen: bool
    within: bool
    today: bool

    @property
    def words(self) -> str:
        return date_format(self.date, "l j F Y")


@dataclass(frozen=True, slots=True)
class Month:
    """A month's weeks, Monday first; None stands for days of its neighbours. `before` and `after` as `2026-10`."""

    name: str
    before: str
    after: str
    weeks: list[list[Day | None]]


class CalendarView(TenantView):
    """`GET …/audit-log/time/?<filters>&month=2026-11&pick=2026-11-20`: the calendar, and from and to beside it.

    The first day that is picked is the first one of the range, the next one the last; a third begins anew.
    """

    def get(self, request: HttpRequest, slug: str) -> HttpResponse:
        address = tidy(reverse("audit:log", args=[slug]), request.GET).filters
        picked = _date(request.GET.get("pick", ""))
        if picked:
            address = picking(Period(address, now=self.now), picked)
        period = Period(address, now=self.now)
        shown = picked or _month(request.GET.get("month", ""))
        context = {
            "period": period,
            "month": month(shown or _of(period, self.now), period=period, today=timezone.localdate(self.now)),
            # What is typed into the fields while the calendar is on its way stays there.
            "keeps_fields": not {"pick", "month"} & request.GET.keys(),
            "address": address,
            "slug": slug,
            "hidden": [*address.kept, *address.without("range", "from", "to").pairs],
        }
        partial = request.htmx  # type: ignore[attr-defined] # django-htmx sets it
        response = self.render(f"audit/{'calendar' if partial else 'time'}.html", context)
        patch_vary_headers(response, ["HX-Request"])
        return response


def picking(period: Period, day: date) -> Address:
    """The address after this day was picked."""
    ends = period.first and not period.last and day >= period.first.date()
    start = period.address.without("range", "to")
    return start.plus("to", f"{day}{_LAST_MINUTE}") if ends else start.having("from", f"{day}{_MIDNIGHT}")


def month(shown: date, *, period: Period, today: date) -> Month:
    """The month of this day, with what the period chooses of it."""
    first = period.first.date() if period.first else None
    last = period.last.date() if period.last else None

    def drawn(day: date) -> Day | None:
        if day.month != shown.month:
            return None
        within = bool(first and last and first <= day <= last)
        return Day(day, chosen=day in {first, last}, within=within, today=day == today)

    begin = shown.replace(day=1)
    following = (begin + timedelta(days=31)).replace(day=1)
    return Month(
        name=date_format(begin, "F Y"),
        before=f"{begin - timedelta(days=1):%Y-%m}",
        after=f"{following:%Y-%m}",
        weeks=[[drawn(day) for day in week] for week in _WEEKS.monthdatescalendar(begin.year, begin.month)],
    )


def _of(period: Period, now: datetime) -> date:
    """The month to begin with: that of what is chosen last, or the present one."""
    return (period.last or period.first or timezone.localtime(now)).date()


def _date(text: str) -> date | None:
    try:
        return _known(date.fromisoformat(text))
    except ValueError:
        return None


def _month(text: str) -> date | None:
    return _date(f"{text}-01")


def _known(day: date) -> date | None:
    """Years before and behind which there is no month to go to are not drawn."""
    return day if 1900 <= day.year <= 9000 else None
