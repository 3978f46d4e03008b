from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from audit.models import Tenant
from streaming.models import Cursor, State, Stream
from streaming.noticing import Stage, claim, give_back, may_need_notice, next_stage, notices
from tests.entries import NOON

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def stream(acme: Tenant) -> Stream:
    made = Stream.objects.create(tenant=acme, url="", enabled=True)
    Cursor.objects.create(stream=made)
    return made


def cursor(stream: Stream, **values: Any) -> Cursor:
    Cursor.objects.filter(pk=stream.pk).update(**values)
    return Cursor.objects.select_related("stream__tenant").get(pk=stream.pk)


def ago(moment: timedelta) -> datetime:
    return NOON - moment


@pytest.mark.parametrize(
    ("told", "trouble", "noticed", "due"),
    [
        ("", None, None, None),
        ("", 14 * MINUTE, None, None),
        ("", 15 * MINUTE, None, Stage.FIRST),
        ("first", 2 * HOUR, 1 * HOUR, None),
        ("first", 25 * HOUR, 24 * HOUR, Stage.DAILY),
        ("first", 24 * HOUR, 23 * HOUR, None),
        ("daily", 50 * HOUR, 23 * HOUR, None),
        ("daily", 50 * HOUR, 24 * HOUR, Stage.DAILY),
        ("first", None, 1 * HOUR, Stage.RECOVERED),
        ("daily", None, 1 * HOUR, Stage.RECOVERED),
        ("recovered", None, 1 * HOUR, None),
        ("recovered", 20 * MINUTE, 1 * HOUR, None),
        ("recovered", 23 * HOUR, 24 * HOUR, Stage.FIRST),
    ],
)
def test_what_is_told_when(
    told: str, trouble: timedelta | None, noticed: timedelta | None, due: Stage | None, stream: Stream
) -> None:
    now = cursor(
        stream,
        notice_stage=told,
        troubled_since=trouble and ago(trouble),
        noticed_at=noticed and ago(noticed),
    )

    assert next_stage(now, now=NOON) is due


def test_a_held_stream_is_in_trouble_since_it_was_held(stream: Stream) -> None:
    assert next_stage(cursor(stream, held_since=ago(HOUR)), now=NOON) is Stage.FIRST


def test_a_stream_that_is_switched_off_is_forgotten_without_a_word(stream: Stream) -> None:
    Stream.objects.update(enabled=False)

    assert next_stage(cursor(stream, troubled_since=ago(HOUR)), now=NOON) is None
    assert next_stage(cursor(stream, notice_stage="first", noticed_at=ago(HOUR)), now=NOON) is Stage.QUIET


def test_in_a_week_of_trouble_that_comes_and_goes_there_is_one_mail_of_trouble_a_day(stream: Stream) -> None:
    told: list[tuple[Stage, datetime]] = []
    for minute in range(0, 7 * 24 * 60, 20):
        now = NOON + minute * MINUTE
        # An hour of trouble, an hour without.
        since = NOON + (minute // 120) * 120 * MINUTE if minute % 120 < 60 else None
        here = cursor(stream, troubled_since=since) if minute % 60 == 0 else cursor(stream)
        stage = next_stage(here, now=now)
        if stage is not None and claim(here, stage, now=now):
            told.append((stage, now))

    troubles = [now for stage, now in told if stage.is_trouble]
    assert 6 <= len(troubles) <= 7
    assert all(later - sooner >= DAY for sooner, later in pairwise(troubles))
    assert [stage for stage, _ in told] == [Stage.FIRST, Stage.RECOVERED] * len(troubles)


def test_only_one_of_two_claims_it_and_what_is_given_back_is_as_before(stream: Stream) -> None:
    first = cursor(stream, troubled_since=ago(HOUR))
    second = cursor(stream)
    assert claim(first, Stage.FIRST, now=NOON)
    assert not claim(second, Stage.FIRST, now=NOON)

    give_back(first, Stage.FIRST, now=NOON)

    again = cursor(stream)
    assert (again.notice_stage, again.noticed_at) == ("", None)
    assert claim(again, Stage.FIRST, now=NOON)


def test_only_streams_with_something_to_tell_are_looked_at(stream: Stream) -> None:
    assert not may_need_notice().exists()

    cursor(stream, troubled_since=NOON)
    assert may_need_notice().exists()
    cursor(stream, troubled_since=None, notice_stage="first")
    assert may_need_notice().exists()


@pytest.mark.parametrize(
    ("values", "tone"),
    [
        ({"state": State.RETRYING, "troubled_since": ago(14 * MINUTE)}, None),
        ({"state": State.RETRYING, "troubled_since": ago(15 * MINUTE)}, "warn"),
        ({"state": State.HELD_FOR_CREDENTIALS, "held_since": ago(MINUTE)}, "danger"),
        ({"state": State.HELD_FOR_SETTINGS, "held_since": ago(DAY)}, "danger"),
        ({"notice_stage": "recovered", "noticed_at": ago(HOUR)}, "ok"),
        ({"notice_stage": "recovered", "noticed_at": ago(2 * DAY)}, None),
        ({}, None),
    ],
)
def test_the_page_says_what_needs_a_person(
    values: dict[str, Any], tone: str | None, stream: Stream, globex: Tenant
) -> None:
    cursor(stream, **(values or {"failures": 0}))

    assert [notice.tone for notice in notices("acme", now=NOON)] == ([tone] if tone else [])
    assert notices(globex.slug, now=NOON) == []
    Stream.objects.update(enabled=False)
    assert notices("acme", now=NOON) == []
