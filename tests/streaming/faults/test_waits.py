"""How long a stream waits where it is asked to, in each form of Retry-After."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from auditsite.demo.intake import KINDS, Behaviour
from streaming.models import State
from tests.streaming.faults.conftest import MakeScene

HOUR = 3600


def in_a_minute(form: str) -> str:
    """The moment in a minute, in one of the three forms of HTTP."""
    moment = datetime.now(UTC) + timedelta(seconds=60)
    if form == "imf":
        return format_datetime(moment, usegmt=True)
    return moment.strftime("%A, %d-%b-%y %H:%M:%S GMT" if form == "rfc850" else "%a %b %d %H:%M:%S %Y")


def wait_after(scene_of: MakeScene, kind: str, behaviour: Behaviour) -> float:
    scene = scene_of(kind)
    scene.intake.behave(kind, behaviour, times=1)
    cursor = scene.step()
    assert (cursor.state, cursor.place) == (State.RETRYING, 0)
    assert cursor.next_attempt_at is not None
    assert cursor.last_attempt_at is not None
    return (cursor.next_attempt_at - cursor.last_attempt_at).total_seconds()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("status", [408, 413, 429, 503])
def test_seconds_are_a_floor_for_whatever_status(status: int, kind: str, scene_of: MakeScene) -> None:
    asked = Behaviour(status=status, headers={"Retry-After": "60"})

    assert 59 <= wait_after(scene_of, kind, asked) < 70


@pytest.mark.parametrize("form", ["imf", "rfc850", "asctime"])
@pytest.mark.parametrize("kind", KINDS)
def test_a_moment_is_a_floor_in_each_of_its_forms(kind: str, form: str, scene_of: MakeScene) -> None:
    asked = Behaviour(status=503, headers={"Retry-After": in_a_minute(form)})

    assert 50 <= wait_after(scene_of, kind, asked) < 70


@pytest.mark.parametrize("text", ["86400", "1e9", "Fri, 31 Dec 9999 23:59:59 GMT", "99999999999999999999"])
def test_nobody_makes_a_stream_wait_longer_than_an_hour(text: str, scene_of: MakeScene) -> None:
    wait = wait_after(scene_of, "http_bearer", Behaviour(status=429, headers={"Retry-After": text}))

    assert wait < HOUR + 10
    assert text == "1e9" or wait > HOUR - 10


@pytest.mark.parametrize("text", ["-5", "soon", "0", "Thu, 01 Jan 1970 00:00:00 GMT", "5 minutes", "0x10"])
def test_what_makes_no_sense_or_is_past_is_as_if_nothing_was_asked(text: str, scene_of: MakeScene) -> None:
    wait = wait_after(scene_of, "http_bearer", Behaviour(status=429, headers={"Retry-After": text}))

    assert wait < 5
