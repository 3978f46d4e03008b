"""How a person wants pages shown: theme and time zone, kept in cookies of their browser."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from audit import middleware

YEAR = 365 * 24 * 60 * 60
HOME = "/audit-log/"


@require_POST
def save(request: HttpRequest) -> HttpResponse:
    """Keep `theme` or `time_zone`, whichever is sent, and go back to `next`."""
    response = redirect(_back(request))
    theme, zone = request.POST.get("theme"), request.POST.get("time_zone", "").strip()
    if theme is not None:
        _keep(request, response, middleware.THEME_COOKIE, theme, known=frozenset(middleware.THEMES))
    if zone:
        _keep(request, response, middleware.TIME_ZONE_COOKIE, zone, known=middleware.known_zones())
    return response


def _keep(
    request: HttpRequest, response: HttpResponse, name: str, value: str, *, known: frozenset[str]
) -> None:
    if value not in known:
        what = "time zone, like Europe/Amsterdam" if name == middleware.TIME_ZONE_COOKIE else "theme"
        messages.error(request, f"“{value[:60]}” is no {what}. Nothing was changed.")
        return
    response.set_cookie(name, value, max_age=YEAR, samesite="Lax", secure=request.is_secure())


def _back(request: HttpRequest) -> str:
    wanted = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if safe else HOME
