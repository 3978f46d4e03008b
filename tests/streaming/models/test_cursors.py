from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError
from django.db.models.functions import Now

from streaming.models import Cursor, State, Stream
from tests.streams import MakeStream

MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(
    ("changes", "due"),
    [
        ({}, True),
        ({"leased_until": Now() + MINUTE}, False),
        ({"leased_until": Now() - MINUTE}, True),
        ({"next_attempt_at": Now() + MINUTE}, False),
        ({"next_attempt_at": Now() - MINUTE}, True),
        ({"place": 1, "delivered": 1}, False),
        ({"state": State.HELD_FOR_SETTINGS}, True),
    ],
)
def test_a_stream_is_due_when_it_is_behind_and_neither_leased_nor_waiting(
    changes: dict[str, object], due: bool, make_stream: MakeStream
) -> None:
    Cursor.objects.filter(pk=make_stream().pk).update(**changes)

    assert Cursor.objects.due().exists() is due


def test_a_stream_that_is_off_is_never_due(make_stream: MakeStream) -> None:
    Stream.objects.filter(pk=make_stream().pk).update(enabled=False)

    assert not Cursor.objects.due().exists()


def test_the_database_refuses_a_place_that_does_not_add_up(make_stream: MakeStream) -> None:
    with pytest.raises(IntegrityError, match="cursor_adds_up"):
        Cursor.objects.filter(pk=make_stream().pk).update(place=5, delivered=4)


def test_two_states_wait_for_a_person() -> None:
    assert {state for state in State if state.is_held} == {
        State.HELD_FOR_CREDENTIALS,
        State.HELD_FOR_SETTINGS,
    }


def test_a_cursor_is_called_by_its_place(make_stream: MakeStream) -> None:
    stream = make_stream()

    assert str(stream.cursor) == f"{stream.pk} at 0"
