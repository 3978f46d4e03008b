"""How a person wants pages shown: time zone, clock, theme, keys. Kept in cookies of their browser."""

from __future__ import annotations

import zoneinfo
from collections.abc import Callable
from functools import cache

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

GetResponse = Callable[[HttpRequest], HttpResponse]

THEME_COOKIE, THEMES, DEFAULT_THEME = "theme", ("light", "dark", "system"), "system"
TIME_ZONE_COOKIE, DEFAULT_TIME_ZONE = "time_zone", "UTC"
CLOCK_COOKIE, CLOCKS, DEFAULT_CLOCK = "clock", ("mine", "utc"), "mine"
"""Whether times are shown in the person's zone, or in UTC without forgetting which zone that is."""
KEYS_COOKIE, KEYS, DEFAULT_KEYS = "keys", ("on", "off"), "on"
"""Whether single keys do something: they can be turned off (WCAG 2.1.4)."""


class PreferencesMiddleware:
    """Shows times in the person's zone for as long as the request lasts."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with timezone.override(time_zone(request)):
            return self.get_response(request)


def time_zone(request: HttpRequest) -> zoneinfo.ZoneInfo:
    """The zone in which times are shown: the person's own, or UTC if they switched to it."""
    return zoneinfo.ZoneInfo(DEFAULT_TIME_ZONE) if clock(request) == "utc" else own_zone(request)


def own_zone(request: HttpRequest) -> zoneinfo.ZoneInfo:
    """The chosen zone; UTC where none or an unknown one is chosen."""
    name = request.COOKIES.get(TIME_ZONE_COOKIE, DEFAULT_TIME_ZONE)
    return zoneinfo.ZoneInfo(name if name in known_zones() else DEFAULT_TIME_ZONE)


@cache
def known_zones() -> frozenset[str]:
    """Read once: the list is gathered from the files of the machine."""
    return frozenset(zoneinfo.available_timezones())


def theme(request: HttpRequest) -> str:
    return _chosen(request, THEME_COOKIE, THEMES, DEFAULT_THEME)


def clock(request: HttpRequest) -> str:
    return _chosen(request, CLOCK_COOKIE, CLOCKS, DEFAULT_CLOCK)


def keys(request: HttpRequest) -> str:
    return _chosen(request, KEYS_COOKIE, KEYS, DEFAULT_KEYS)


def _chosen(request: HttpRequest, cookie: str, known: tuple[str, ...], default: str) -> str:
    chosen = request.COOKIES.get(cookie, default)
    return chosen if chosen in known else default
