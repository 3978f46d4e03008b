from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.db.models import F

from audit.models import Tenant
from auditsite.demo.intake import Intake
from auditsite.demo.intake.behaviour import Behaviour
from streaming import environment
from streaming.destination import destination
from streaming.destinations.http_bearer import HttpBearer
from streaming.models import Cursor, State, Stream
from streaming.prefetching import Ahead, Aim, Prepared
from streaming.targets import target_of
from streaming.wire.messages import Response
from tests.entries import make_entry
from tests.streams import MakeStream, deliver_all

KIND = "http_bearer"
SIZE = 3


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(HttpBearer, "most_payloads", SIZE)


@pytest.fixture
def stream(acme: Tenant, make_stream: MakeStream) -> Stream:
    """Behind by twenty entries."""
    made = make_stream(KIND)
    for _ in range(19):
        make_entry(acme)
    return made


@pytest.fixture
def ahead(loopback: Intake) -> Iterator[Ahead]:  # noqa: ARG001 - opens the way to it
    ahead = Ahead(environment.client())
    yield ahead
    ahead.close()


def aim_of(stream: Stream) -> Aim:
    fresh = Stream.objects.select_related("cursor", "tenant").get(pk=stream.pk)
    return Aim(fresh, destination(KIND), target_of(fresh), datetime.now(UTC))


def first_sent(ahead: Ahead, stream: Stream) -> None:
    """The first batch, as a run sends it."""
    aim = aim_of(stream)
    window = aim.read(0)
    batch = aim.kind.take(window.payloads, aim.target)
    answer = ahead.send(aim.request(batch), aim=aim, window=window, batch=batch)
    assert isinstance(answer, Response)
    assert answer.status == 200
    Cursor.objects.filter(pk=stream.pk).update(place=SIZE, delivered=SIZE)


def sequences(made: Prepared | None) -> list[int]:
    return [] if made is None else [payload.sequence for payload in made.batch]


def test_the_next_batch_is_ready_when_one_was_answered(ahead: Ahead, stream: Stream) -> None:
    first_sent(ahead, stream)

    made = ahead.taken(aim_of(stream))

    assert made is not None
    assert sequences(made) == [4, 5, 6]
    assert made.request == aim_of(stream).request(made.batch)


def test_a_batch_is_made_while_the_other_is_on_its_way(
    ahead: Ahead, stream: Stream, loopback: Intake, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[datetime] = []

    def encode(*args: object, real: object = HttpBearer.encode, **kwargs: object) -> object:
        made.append(datetime.now(UTC))
        return real(*args, **kwargs)  # type: ignore[operator] # the method itself

    monkeypatch.setattr(HttpBearer, "encode", encode)
    loopback.behave(KIND, Behaviour(delay=0.7), times=1)

    first_sent(ahead, stream)

    assert datetime.now(UTC) - made[-1] > timedelta(seconds=0.3)


def test_what_was_made_is_used_once(ahead: Ahead, stream: Stream) -> None:
    first_sent(ahead, stream)
    ahead.taken(aim_of(stream))

    assert ahead.taken(aim_of(stream)) is None


@pytest.mark.parametrize("changed", [{"place": F("place") - 1, "delivered": F("delivered") - 1}, {}])
def test_what_was_made_for_another_place_or_other_settings_is_dropped(
    ahead: Ahead, stream: Stream, changed: dict[str, object]
) -> None:
    first_sent(ahead, stream)
    Cursor.objects.filter(pk=stream.pk).update(**changed or {"failures": 0})
    if not changed:
        Stream.objects.filter(pk=stream.pk).update(config_version=F("config_version") + 1)

    assert ahead.taken(aim_of(stream)) is None


def test_what_was_made_for_another_target_is_dropped(ahead: Ahead, stream: Stream) -> None:
    first_sent(ahead, stream)
    aim = aim_of(stream)

    assert ahead.taken(replace(aim, target=replace(aim.target, gzip=not aim.target.gzip))) is None


def test_everything_arrives_once_and_in_order(stream: Stream, loopback: Intake) -> None:
    cursor = deliver_all(stream)

    assert [arrival.sequence for arrival in loopback.received(KIND)] == list(range(1, 21))
    assert loopback.duplicates(KIND) == []
    assert (cursor.place, cursor.delivered) == (20, 20)


def test_after_a_failure_nothing_is_sent_that_was_made_beforehand(stream: Stream, loopback: Intake) -> None:
    loopback.behave(KIND, Behaviour(status=500), times=1)

    failed = deliver_all(stream)
    Cursor.objects.filter(pk=stream.pk).update(next_attempt_at=None)
    deliver_all(stream)

    assert (failed.place, failed.failures) == (0, 1)
    assert [arrival.sequence for arrival in loopback.received(KIND)] == list(range(1, 21))


def test_an_entry_that_is_missing_further_on_does_not_cost_the_answer(
    stream: Stream, loopback: Intake
) -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE audit_auditentry DISABLE TRIGGER append_only")
        cursor.execute("DELETE FROM audit_auditentry WHERE sequence = 8")

    deliver_all(stream)
    after = deliver_all(stream)

    assert (after.place, after.delivered, after.state) == (7, 7, State.HELD_FOR_SETTINGS)
    assert "Entry 8" in after.last_error
    assert loopback.duplicates(KIND) == []
