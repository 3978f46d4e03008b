"""How a person wants pages shown: theme, time zone, clock and keys, kept in cookies of their browser."""

from __future__ import annotations

from collections.abc import Callable, Container
from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from audit import middleware

YEAR = 365 * 24 * 60 * 60
HOME = "/audit-log/"


@dataclass(frozen=True, slots=True)
class Preference:
    """What can be chosen, where it is kept, and what one choice is called."""

    cookie: str
    called: str
    known: Callable[[], Container[str]]


PREFERENCES = {
    "theme": Preference(middleware.THEME_COOKIE, "theme", lambda: middleware.THEMES),
    "time_zone": Preference(
        middleware.TIME_ZONE_COOKIE, "time zone, like Europe/Amsterdam", middleware.known_zones
    ),
    "clock": Preference(
        middleware.CLOCK_COOKIE, "choice between your zone and UTC", lambda: middleware.CLOCKS
    ),
    "keys": Preference(middleware.KEYS_COOKIE, "choice between on and off", lambda: middleware.KEYS),
}


@require_POST
def save(request: HttpRequest) -> HttpResponse:
    """Keep whichever of PREFERENCES is sent, and go back to `next`. A zone that is chosen is also shown."""
    response = redirect(_back(request))
    for name, preference in PREFERENCES.items():
        value = request.POST.get(name, "").strip()
        if not value and name not in request.POST:
            continue
        kept = _keep(request, response, preference, value)
        if kept and name == "time_zone":
            _keep(request, response, PREFERENCES["clock"], middleware.DEFAULT_CLOCK)
    return response


def _keep(request: HttpRequest, response: HttpResponse, preference: Preference, value: str) -> bool:
    if value not in preference.known():
        messages.error(request, f"“{value[:60]}” is no {preference.called}. Nothing was changed.")
        return False
    response.set_cookie(preference.cookie, value, max_age=YEAR, samesite="Lax", secure=request.is_secure())
    return True


def _back(request: HttpRequest) -> str:
    wanted = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if safe else HOME
