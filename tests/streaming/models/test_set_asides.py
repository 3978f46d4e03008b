from __future__ import annotations

from uuid import uuid4

import pytest
from django.db import IntegrityError

from streaming.models import Resolution, SetAside, Stream
from tests.entries import NOON
from tests.streams import MakeStream


def test_an_entry_is_set_aside_once_for_a_stream(make_stream: MakeStream) -> None:
    stream = make_stream()
    _set_aside(stream)

    with pytest.raises(IntegrityError, match="set_aside_once"):
        _set_aside(stream)


def test_a_set_aside_is_not_resolved_without_saying_when(make_stream: MakeStream) -> None:
    with pytest.raises(IntegrityError, match="set_aside_resolved_whole"):
        _set_aside(make_stream(), resolution=Resolution.DISMISSED)


def _set_aside(stream: Stream, **more: object) -> SetAside:
    values = {
        "entry_id": uuid4(),
        "at": NOON,
        "last_tried_at": NOON,
        "code": "http_400",
        "reason": "Refused.",
    }
    return SetAside.objects.create(stream=stream, sequence=1, **{**values, **more})
