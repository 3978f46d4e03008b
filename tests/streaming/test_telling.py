"""What is known of an entry is said, and no more."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from msgspec.structs import replace

from audit.deliveries import Delivery
from streaming.telling import Aside, Attempt, Replayed, Told, Way, delivery

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
SIEM = Way(
    id=UUID(int=1), name="SIEM", enabled=True, paused_at=None, entry_filter="", place=100, started_after=0, left_out=0,
    not_matching=0, state="healthy", failures=0, next_attempt_at=None, ack_last_sequence=None, ack_posted_at=None,
    attempt=None, aside=None, replay=None,
)  # fmt: skip
BATCH = Attempt(
    at=NOON + timedelta(seconds=1), first_sequence=41, last_sequence=50, delivered=10, milliseconds=250, http_status=200
)  # fmt: skip
SET_ASIDE = Aside(
    at=NOON, reason="Too large.", send_again=False, resolution="", resolved_at=None, dismissed_because="",
    replay_id=None, http_status=413,
)  # fmt: skip
REPLAY = Replayed(asked_at=NOON, finished_at=None, place=60, state="running")


def told(sequence: int = 45, *, takes: bool | None = True, **way: Any) -> Delivery:
    entry = Told(sequence=sequence, recorded_at=NOON, takes=takes)
    return delivery(replace(SIEM, **way), entry)


def test_a_batch_that_was_delivered_whole_is_exact() -> None:
    one = told(attempt=BATCH)

    assert (one.state, one.tone, one.at) == ("Delivered", "ok", NOON + timedelta(seconds=1.25))
    assert one.words == "1.2 s after it was recorded, in a batch of 10. HTTP 200."


def test_a_batch_of_one_and_a_clock_that_was_off_say_less() -> None:
    alone = replace(BATCH, first_sequence=45, last_sequence=45, delivered=1, at=NOON - timedelta(days=1))

    assert told(attempt=alone).words == "HTTP 200."
    assert told(attempt=replace(alone, http_status=None)).words == ""


def test_of_a_batch_that_was_taken_in_part_the_beginning_was_delivered() -> None:
    in_part = replace(BATCH, delivered=4)

    assert told(44, attempt=in_part, left_out=6).state == "Delivered"
    assert told(45, attempt=in_part, left_out=6).state == "Left out"


@pytest.mark.parametrize(
    ("takes", "entry_filter", "state"),
    [
        (True, "by=x", "Delivered"),
        (False, "by=x", "Not taken"),
        (None, "by=x", "Passed"),
        (True, "", "Passed"),
    ],
)
def test_in_a_batch_with_gaps_the_filter_of_today_decides(
    takes: bool | None, entry_filter: str, state: str
) -> None:
    gaps = replace(BATCH, delivered=3)

    one = told(45, takes=takes, entry_filter=entry_filter, attempt=gaps, not_matching=7)

    assert one.state == state
    assert ("as it stands today" in one.words) is (state != "Passed")
    # What a batch begins with was in it, whatever the filter says now.
    assert told(41, takes=takes, entry_filter=entry_filter, attempt=gaps, not_matching=7).state == "Delivered"


@pytest.mark.parametrize(
    ("sequence", "way", "state"),
    [
        (45, {}, "Delivered"),
        (45, {"left_out": 1}, "Passed"),
        (45, {"not_matching": 1}, "Passed"),
        (45, {"not_matching": 1, "entry_filter": "by=x"}, "Delivered"),
        (60, {"attempt": BATCH}, "Passed"),
        (60, {"attempt": BATCH, "left_out": 9}, "Left out"),
        # One entry alone may have been sent again, out of the row: it says nothing about what lies behind it.
        (60, {"attempt": replace(BATCH, first_sequence=50, delivered=1)}, "Delivered"),
    ],
)
def test_without_its_attempt_it_is_said_what_follows_from_the_counts(
    sequence: int, way: dict[str, Any], state: str
) -> None:
    one = told(sequence, **way)

    assert (one.state, one.at) == (state, None)


def test_what_a_filter_does_not_take_never_goes() -> None:
    for way in ({}, {"place": 10}, {"attempt": replace(BATCH, last_sequence=44, delivered=2)}):
        one = told(takes=False, entry_filter="by=x", not_matching=5, **way)

        assert (one.state, one.tone) == ("Not taken", "off")


@pytest.mark.parametrize(
    ("way", "state", "words"),
    [
        ({}, "Waiting", "34 before it."),
        ({"enabled": False}, "Waiting", "switched off"),
        ({"paused_at": NOON}, "Waiting", "paused"),
        ({"state": "held_for_credentials"}, "Waiting", "Held: the token is not accepted"),
        ({"state": "retrying", "failures": 60, "next_attempt_at": NOON}, "Trying again", "Attempt 61 comes next."),
        ({"ack_last_sequence": 45, "ack_posted_at": NOON}, "Sent", "has yet to confirm"),
        ({"ack_last_sequence": 44, "ack_posted_at": NOON}, "Waiting", "34 before it."),
    ],
)  # fmt: skip
def test_what_waits_says_for_what(way: dict[str, Any], state: str, words: str) -> None:
    one = told(place=10, **way)

    assert one.state == state
    assert words in one.words


def test_a_set_aside_tells_its_own_end() -> None:
    sent = replace(SET_ASIDE, resolution="sent", resolved_at=NOON)
    given_up = replace(SET_ASIDE, resolution="dismissed", resolved_at=NOON, dismissed_because="a test")

    assert told(aside=SET_ASIDE).words == "The destination refused it: Too large."
    assert told(aside=replace(SET_ASIDE, replay_id=UUID(int=2))).words.startswith("A replay was refused it: ")
    assert (told(aside=sent).state, told(aside=sent).at) == ("Delivered", NOON)
    assert (told(aside=given_up).state, told(aside=given_up).when) == ("Not sent", "Dismissed")


@pytest.mark.parametrize(
    ("sequence", "replay", "way", "state", "words"),
    [
        (45, REPLAY, {"started_after": 90}, "Delivered", "By a replay."),
        (65, REPLAY, {"started_after": 90}, "Waiting", "A replay is to send it."),
        (65, replace(REPLAY, state="cancelled"), {"started_after": 90}, "Before the stream began", "begins with"),
        (45, REPLAY, {"attempt": BATCH}, "Delivered", "A replay sent it again."),
        (45, replace(REPLAY, place=44), {"attempt": BATCH}, "Delivered", "A replay is to send it again."),
        (45, REPLAY, {"place": 40}, "Delivered", "By a replay."),
    ],
)  # fmt: skip
def test_a_replay_is_added_to_what_the_stream_did(
    sequence: int, replay: Replayed, way: dict[str, Any], state: str, words: str
) -> None:
    one = told(sequence, replay=replay, **way)

    assert one.state == state
    assert words in one.words


def test_the_time_of_a_replay_is_no_more_than_about() -> None:
    done = replace(REPLAY, state="done", finished_at=NOON + timedelta(hours=1))

    for replay, at in ((REPLAY, NOON), (done, done.finished_at)):
        one = told(45, replay=replay, started_after=90)

        assert (one.at, one.about) == (at, True)
