"""How a person wants pages shown: time zone and theme, kept in cookies of their browser."""

from __future__ import annotations

import zoneinfo
from collections.abc import Callable
from functools import cache

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

GetResponse = Callable[[HttpRequest], HttpResponse]

THEME_COOKIE, THEMES, DEFAULT_THEME = "theme", ("light", "dark", "system"), "system"
TIME_ZONE_COOKIE, DEFAULT_TIME_ZONE = "time_zone", "UTC"


class PreferencesMiddleware:
    """Shows times in the person's zone for as long as the request lasts."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with timezone.override(time_zone(request)):
            return self.get_response(request)


def time_zone(request: HttpRequest) -> zoneinfo.ZoneInfo:
    """The chosen zone; UTC where none or an unknown one is chosen."""
    name = request.COOKIES.get(TIME_ZONE_COOKIE, DEFAULT_TIME_ZONE)
    return zoneinfo.ZoneInfo(name if name in known_zones() else DEFAULT_TIME_ZONE)


@cache
def known_zones() -> frozenset[str]:
    """Read once: the list is gathered from the files of the machine."""
    return frozenset(zoneinfo.available_timezones())


def theme(request: HttpRequest) -> str:
    chosen = request.COOKIES.get(THEME_COOKIE, DEFAULT_THEME)
    return chosen if chosen in THEMES else DEFAULT_THEME
