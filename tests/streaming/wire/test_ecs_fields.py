from __future__ import annotations

import json

import msgspec
import pytest
from msgspec import Raw, Struct

from streaming.wire import ecs_fields
from streaming.wire.ecs_fields import Auditsite, Document, Event, Own

EVENT = Event("e-1", 41, "2026-11-24T08:15:30.204Z", Raw(b'["iam"]'), Raw(b'["user"]'), "a", "b.a", "success")


def test_a_document_leaves_out_what_is_not_known() -> None:
    made = json.loads(
        msgspec.json.encode(Document("2026-11-24T08:15:30.123Z", "A", EVENT, None, Auditsite(Own())))
    )

    assert list(made) == ["@timestamp", "message", "event", "user", "auditsite", "ecs", "service", "observer"]
    assert made["auditsite"] == {"audit": {}}


def test_constants_of_an_event_are_always_there() -> None:
    made = json.loads(msgspec.json.encode(EVENT))

    assert (made["kind"], made["dataset"], made["category"]) == ("event", "auditsite.audit", ["iam"])


@pytest.mark.parametrize(
    "name",
    [name for name, thing in vars(ecs_fields).items() if isinstance(thing, type) and thing is not Struct],
)
def test_no_document_is_walked_by_the_garbage_collector(name: str) -> None:
    thing = getattr(ecs_fields, name)

    if issubclass(thing, Struct):
        assert not thing.__struct_config__.gc
