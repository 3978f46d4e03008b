from __future__ import annotations

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from django.utils import timezone

from audit.middleware import PreferencesMiddleware, clock, keys, own_zone, theme, time_zone


def asked(rf: RequestFactory, **cookies: str) -> HttpRequest:
    request = rf.get("/")
    request.COOKIES.update(cookies)
    return request


@pytest.mark.parametrize(
    ("chosen", "zone"),
    [
        ("Europe/Madrid", "Europe/Madrid"),
        ("Europe/Atlantis", "UTC"),
        ("../../etc/passwd", "UTC"),
        ("", "UTC"),
        ("\x00", "UTC"),
    ],
)
def test_an_unknown_zone_is_utc(chosen: str, zone: str, rf: RequestFactory) -> None:
    assert time_zone(asked(rf, time_zone=chosen)).key == zone


def test_who_chose_nothing_reads_utc_in_the_systems_colours(rf: RequestFactory) -> None:
    assert (time_zone(asked(rf)).key, theme(asked(rf))) == ("UTC", "system")


@pytest.mark.parametrize(
    ("chosen", "shown"), [("dark", "dark"), ("light", "light"), ('"><script>', "system")]
)
def test_only_themes_that_exist_are_shown(chosen: str, shown: str, rf: RequestFactory) -> None:
    assert theme(asked(rf, theme=chosen)) == shown


def test_a_zone_lasts_as_long_as_the_request(rf: RequestFactory) -> None:
    def page(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 - a view
        return HttpResponse(timezone.get_current_timezone_name())

    answer = PreferencesMiddleware(page)(asked(rf, time_zone="Asia/Tokyo"))

    assert answer.content == b"Asia/Tokyo"
    assert timezone.get_current_timezone_name() == "UTC"


def test_utc_is_shown_by_a_switch_and_the_persons_zone_is_not_forgotten(rf: RequestFactory) -> None:
    switched = asked(rf, time_zone="Asia/Tokyo", clock="utc")

    assert (time_zone(switched).key, own_zone(switched).key, clock(switched)) == ("UTC", "Asia/Tokyo", "utc")
    assert time_zone(asked(rf, time_zone="Asia/Tokyo", clock="mine")).key == "Asia/Tokyo"
    assert time_zone(asked(rf, time_zone="Asia/Tokyo", clock="moon")).key == "Asia/Tokyo"


@pytest.mark.parametrize(("chosen", "works"), [("off", "off"), ("on", "on"), ("maybe", "on")])
def test_keys_work_unless_they_are_turned_off(chosen: str, works: str, rf: RequestFactory) -> None:
    assert keys(asked(rf, keys=chosen)) == works
    assert keys(asked(rf)) == "on"
