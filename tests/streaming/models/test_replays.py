from __future__ import annotations

import pytest
from django.db import IntegrityError

from streaming.models import Replay, ReplayState, Stream
from tests.entries import NOON
from tests.streams import MakeStream


def test_a_replay_that_does_not_add_up_cannot_be_stored(make_stream: MakeStream) -> None:
    replay = _replay(make_stream())

    with pytest.raises(IntegrityError, match="replay_adds_up"):
        Replay.objects.filter(pk=replay.pk).update(place=5, delivered=4)


def test_a_stream_has_one_open_replay_at_a_time(make_stream: MakeStream) -> None:
    stream = make_stream()
    _replay(stream, state=ReplayState.PAUSED)

    with pytest.raises(IntegrityError, match="replay_one_at_a_time"):
        _replay(stream)


def test_a_stream_has_any_number_of_replays_that_ended(make_stream: MakeStream) -> None:
    stream = make_stream()
    _replay(stream, state=ReplayState.DONE)
    _replay(stream, state=ReplayState.CANCELLED)

    assert _replay(stream).state == ReplayState.RUNNING


def _replay(stream: Stream, **more: object) -> Replay:
    values = {"asked_at": NOON, "first_sequence": 1, "last_sequence": 9, "counted": 9, "place": 0}
    return Replay.objects.create(stream=stream, **{**values, **more})
