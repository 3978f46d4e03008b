"""The time that an address asks for, as data for the time menu: presets, from and to, in words and in fields."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.formats import date_format

from audit.filters.fields import read_moment
from audit.filters.options import RANGES
from audit.templatetags.moments import zone_name
from audit.views.addresses import PERIOD, Address

_MINUTE = timedelta(minutes=1)


class Period:
    """What the templates of the time menu ask for; `now` tells the year that needs no saying, and the zone."""

    def __init__(self, address: Address, *, now: datetime) -> None:
        self.address, self.now = address, timezone.localtime(now)
        self._asked = {name: value for name, value in address.pairs if name in PERIOD}
        self.first, self.last = _first(self._asked.get("from", "")), _last(self._asked.get("to", ""))

    @property
    def is_chosen(self) -> bool:
        return bool(self._asked)

    @property
    def ranges(self) -> list[tuple[str, Address, bool]]:
        """Label, address, and whether it is the one that is chosen."""
        start = self.address.without(*PERIOD)
        chosen = self._asked.get("range", "" if self._asked else "all")
        return [
            (label, start if key == "all" else start.having("range", key), key == chosen)
            for key, (label, _) in RANGES.items()
        ]

    @property
    def last_day(self) -> Address:
        return self.address.without(*PERIOD).having("range", "24h")

    @property
    def label(self) -> str:
        chosen = self._asked.get("range", "all")
        if self.first and self.last:
            return f"{self._words(self.first)} – {self._words(self.last)}"
        if self.first:
            return f"From {self._words(self.first)}"
        if self.last:
            return f"Until {self._words(self.last)}"
        return RANGES[chosen][0] if chosen in RANGES else chosen

    @property
    def from_field(self) -> str:
        """For a field of the browser's; what is no time stays as it was given."""
        return _field(self.first) or self._asked.get("from", "")

    @property
    def to_field(self) -> str:
        return _field(self.last) or self._asked.get("to", "")

    @property
    def zone(self) -> str:
        """`Europe/Amsterdam (CET, UTC+1)`"""
        name, short = timezone.get_current_timezone_name(), zone_name(self.now)
        distance = self.now.strftime("%z")
        hours = f"UTC{distance[0]}{int(distance[1:3])}" + (f":{distance[3:]}" if distance[3:] != "00" else "")
        parts = [part for part in (short, hours) if part not in {name, "UTC+0"}]
        return f"{name} ({', '.join(dict.fromkeys(parts))})" if parts else name

    def _words(self, moment: datetime) -> str:
        return date_format(moment, "j M H:i" if moment.year == self.now.year else "j M Y H:i")


def _first(text: str) -> datetime | None:
    try:
        return (
            timezone.localtime(read_moment(text, zone=timezone.get_current_timezone()).first)
            if text
            else None
        )
    except ValidationError:
        return None


def _last(text: str) -> datetime | None:
    """The last minute of it, or the second where it names one."""
    try:
        after = read_moment(text, zone=timezone.get_current_timezone()).after if text else None
    except ValidationError:
        return None
    if after is None:
        return None
    return timezone.localtime(after - (timedelta(seconds=1) if after.second else _MINUTE))


def _field(moment: datetime | None) -> str:
    if moment is None:
        return ""
    return f"{moment:%Y-%m-%dT%H:%M:%S}" if moment.second else f"{moment:%Y-%m-%dT%H:%M}"
