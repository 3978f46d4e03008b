"""Times in words: exact in the reader's zone, and how long ago. Django's active time zone is the reader's."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from django.utils import timezone

_UNITS = ((86400, "d"), (3600, "h"), (60, "min"), (1, "s"))


def in_words(moment: datetime, *, now: datetime | None) -> str:
    """`24 Nov 14:31:52 CET`; with its year unless that is the year of `now`."""
    local = timezone.localtime(moment)
    this_year = now is not None and timezone.localtime(now).year == local.year
    day = f"{local.day} {local:%b}" if this_year else f"{local.day} {local:%b %Y}"
    return f"{day} {local:%H:%M:%S} {zone_name(local)}"


def in_full(moment: datetime) -> str:
    """`24 Nov 2026, 14:28:29.482 CET`: what an entry's own page shows."""
    local = timezone.localtime(moment)
    return f"{local.day} {local:%b %Y, %H:%M:%S}.{local.microsecond // 1000:03d} {zone_name(local)}"


def in_utc(moment: datetime) -> str:
    """`2026-11-24T13:28:29.482000Z`: as the API and the streams write it."""
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def zone_name(moment: datetime) -> str:
    """`CET`; zones that have no letters of their own show their distance to UTC, `UTC+5:30`."""
    name = moment.tzname() or "UTC"
    if not name.startswith(("+", "-")):
        return name
    minutes = name[3:5]
    return f"UTC{name[0]}{int(name[1:3])}" + (f":{minutes}" if minutes not in {"", "00"} else "")


def age(moment: datetime, *, now: datetime) -> str:
    """`38 s ago`, `7 h 42 min ago`, and for what is to come `in 4 min 12 s`."""
    distance = now - moment
    if abs(distance) < timedelta(seconds=1):
        return "now"
    # Whole seconds: what is read a second later need not be exact to a tenth.
    seconds = int(distance.total_seconds())
    if seconds < 0:
        return f"in {duration(-seconds)}"
    return f"{duration(seconds, parts=1 if distance < timedelta(hours=1) else 2)} ago"


def duration(seconds: float, *, parts: int = 2) -> str:
    """Seconds in at most `parts` units, rounded down: `0.8 s`, `4 min 12 s`, `13 h 32 min`, `3 d`."""
    if 0 < seconds < 10 and seconds != int(seconds):
        return f"{max(seconds, 0.1):.1f} s"
    left, words = int(seconds), list[str]()
    for size, unit in _UNITS:
        count, rest = divmod(left, size)
        if count or (unit == "s" and not words):
            words.append(f"{count} {unit}")
            left = rest
        elif words:
            break
    return " ".join(words[:parts])
