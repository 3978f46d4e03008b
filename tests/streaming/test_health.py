from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from audit.models import LogHead, Tenant
from streaming.configuring import NOW, Settings, save_settings
from streaming.health import LABELS, Health, health_of
from streaming.models import Cursor, State, Stream
from tests.entries import NOON, make_entry
from tests.streams import ANA, MakeStream


@pytest.fixture
def stream(acme: Tenant, make_stream: MakeStream) -> Stream:
    """Of 5 entries 2 are delivered, 1 was set aside; the first that waits is a minute old at noon."""
    made = make_stream()
    for _ in range(4):
        make_entry(acme, at=NOON - timedelta(minutes=1))
    Cursor.objects.filter(pk=made.pk).update(place=3, delivered=2, set_aside=1)
    return made


def seen(stream: Stream, **cursor: Any) -> Health:
    """Its health at noon, with these values of the cursor."""
    Cursor.objects.filter(pk=stream.pk).update(**(cursor or {"failures": 0}))
    return health_of(stream, now=NOON)


def test_every_entry_is_counted_once(stream: Stream) -> None:
    health = seen(stream)

    assert (health.recorded, health.delivered, health.waiting, health.set_aside) == (5, 2, 2, 1)
    assert (health.not_streamed, health.lag_seconds) == (0, 60.0)


def test_what_a_person_left_out_is_neither_waiting_nor_delivered(stream: Stream, acme: Tenant) -> None:
    for enabled in (False, True):
        values = Settings(
            enabled=enabled, destination_kind=stream.destination_kind, url=stream.url, catch_up=NOW
        )
        save_settings(tenant=acme, settings=values, change=ANA, now=NOON)

    health = seen(stream)

    assert health.recorded == LogHead.objects.get(tenant=acme).last_sequence == 7
    assert (health.delivered, health.set_aside, health.waiting, health.not_streamed) == (2, 1, 1, 3)


def test_a_stream_that_never_started_has_nothing_waiting(acme: Tenant, make_stream: MakeStream) -> None:
    stream = make_stream(enabled=None)
    make_entry(acme)

    health = seen(stream)

    assert (health.state, health.waiting, health.lag_seconds) == ("disabled", 0, 0.0)
    assert health.not_streamed == health.recorded


def test_nothing_waits_and_nothing_lags_when_all_is_delivered(stream: Stream) -> None:
    health = seen(stream, place=5, delivered=5, set_aside=0)

    assert (health.state, health.waiting, health.lag_seconds, health.sentence) == ("healthy", 0, 0.0, "")


def test_a_healthy_stream_that_is_behind_is_catching_up(stream: Stream) -> None:
    health = seen(stream)

    assert (health.state, health.label, health.tone) == ("catching_up", "Catching up", "ok")
    assert health.sentence.startswith("2 entries wait")


def test_a_stream_that_delivers_all_but_what_was_refused_says_so(stream: Stream) -> None:
    health = seen(stream, place=5, delivered=4)

    assert (health.state, health.tone) == ("delivering_with_set_asides", "warn")
    assert health.sentence.startswith("1 entry was refused")


@pytest.mark.parametrize(
    ("state", "tone", "words"),
    [
        (State.RETRYING, "warn", "attempt 4 comes next"),
        (State.HELD_FOR_CREDENTIALS, "danger", "Enter a working token"),
        (State.HELD_FOR_SETTINGS, "danger", "Mend what the last error names"),
    ],
)
def test_trouble_is_said_with_what_to_do(state: State, tone: str, words: str, stream: Stream) -> None:
    health = seen(stream, state=state, failures=3)

    assert (health.state, health.tone) == (state, tone)
    assert words in health.sentence
    assert "Nothing is lost" in health.sentence


def test_a_stream_that_is_off_says_so_whatever_it_was_before(stream: Stream) -> None:
    stream.enabled = False

    health = seen(stream, state=State.HELD_FOR_CREDENTIALS, next_attempt_at=NOON)

    assert (health.state, health.tone, health.next_attempt_at) == ("disabled", "off", None)


def test_every_state_has_a_label() -> None:
    assert set(State.values) <= set(LABELS)


def test_as_json_moments_are_text_and_unknown_ones_null(stream: Stream) -> None:
    told = seen(stream, last_error="Busy.", last_error_at=NOON).as_json()

    assert told["last_error_at"] == "2026-11-24T12:00:00.000000Z"
    assert told["held_since"] is None
    assert told["id"] == str(stream.pk)
    assert {
        "state",
        "delivered",
        "waiting",
        "set_aside",
        "lag_seconds",
        "last_error",
        "next_attempt_at",
    } <= set(told)


def test_the_last_error_is_told_apart_from_what_there_is_to_do(stream: Stream) -> None:
    said = "s.acme.example did not answer on port 8088 within 5 s. Check the port. Then wait."

    health = seen(stream, state=State.RETRYING, failures=3, last_error=said)

    assert health.error == "s.acme.example did not answer on port 8088 within 5 s."
    assert health.remedy == "Check the port. Then wait."
    assert seen(stream, last_error="Gone.").remedy == ""


def test_waits_grow_to_five_minutes_and_while_held_to_half_an_hour(stream: Stream) -> None:
    assert seen(stream, state=State.RETRYING).longest_wait == 300
    assert seen(stream, state=State.HELD_FOR_SETTINGS).longest_wait == 1800
