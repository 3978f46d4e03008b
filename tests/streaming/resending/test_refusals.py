from __future__ import annotations

from typing import Any

import pytest

from audit.models import Tenant
from auditsite.demo.intake import Intake
from auditsite.demo.intake.behaviour import Behaviour, Refusal
from streaming.health import health_of
from streaming.models import Cursor, Replay, ReplayState, Resolution, SetAside, Stream
from tests.entries import NOON, make_entry
from tests.replays import record_entries, send_all, start
from tests.streams import MakeStream

KINDS = ["splunk_hec", "http_bearer", "elasticsearch"]
every_kind = pytest.mark.parametrize("kind", KINDS)


def adds_up(stream: Stream) -> bool:
    health = health_of(stream, now=NOON)
    return health.recorded == health.delivered + health.waiting + health.set_aside + health.not_streamed


def set_aside(stream: Stream, sequence: int, **more: Any) -> SetAside:
    """As delivery leaves one behind: the cursor counts it."""
    Cursor.objects.filter(pk=stream.pk).update(
        delivered=Cursor.objects.get(pk=stream.pk).delivered - 1, set_aside=1
    )
    values = {"code": "hec_6", "reason": "No.", "at": NOON, "last_tried_at": NOON, "entry_id": stream.pk}
    return SetAside.objects.create(stream=stream, sequence=sequence, **{**values, **more})


@every_kind
def test_a_refused_entry_is_set_aside_and_the_others_arrive(
    kind: str, acme: Tenant, make_stream: MakeStream, loopback: Intake
) -> None:
    record_entries(acme, 40)
    make_entry(acme, details="poison")
    record_entries(acme, 40)
    stream = make_stream(kind)
    replay = start(stream, last=81)
    before = Cursor.objects.get(pk=stream.pk)
    loopback.behave(kind, Behaviour(refusals=(Refusal(containing="poison"),)))

    done = send_all(replay)

    assert (done.state, done.delivered, done.refused) == (ReplayState.DONE, 80, 1)
    aside = SetAside.objects.get()
    assert (aside.sequence, aside.replay_id, aside.resolution) == (41, replay.pk, "")
    assert aside.reason
    after = Cursor.objects.get(pk=stream.pk)
    assert (after.delivered, after.set_aside) == (before.delivered, before.set_aside)
    assert adds_up(stream)


def test_where_everything_is_refused_the_replay_waits_for_a_person(
    acme: Tenant, make_stream: MakeStream, loopback: Intake
) -> None:
    record_entries(acme, 30)
    replay = start(make_stream("splunk_hec"), last=30)
    loopback.behave("splunk_hec", Behaviour(refusals=(Refusal(),)))

    waiting = send_all(replay)

    assert (waiting.state, waiting.refused, waiting.delivered) == (ReplayState.PAUSED, 5, 0)
    assert "waits for you" in waiting.last_error


def test_an_entry_that_was_set_aside_and_arrives_now_is_delivered(
    acme: Tenant, make_stream: MakeStream
) -> None:
    record_entries(acme, 3)
    stream = make_stream()
    replay = start(stream, last=3)
    set_aside(stream, 2, send_again=True)
    before = Cursor.objects.get(pk=stream.pk)

    send_all(replay)

    aside = SetAside.objects.get()
    assert (aside.resolution, aside.tries, aside.send_again) == (Resolution.SENT, 2, False)
    after = Cursor.objects.get(pk=stream.pk)
    assert (after.set_aside, after.delivered) == (0, before.delivered + 1)
    assert adds_up(stream)


def test_one_that_is_refused_again_keeps_its_place_with_the_new_answer(
    acme: Tenant, make_stream: MakeStream, loopback: Intake
) -> None:
    make_entry(acme)
    stream = make_stream("splunk_hec")
    replay = start(stream, last=1)
    set_aside(stream, 1, code="hec_12")
    loopback.behave("splunk_hec", Behaviour(refusals=(Refusal(code=13),)))

    send_all(replay)

    aside = SetAside.objects.get()
    assert (aside.tries, aside.replay, aside.at) == (2, None, NOON)
    assert aside.code == "hec_13"
    assert Cursor.objects.get(pk=stream.pk).set_aside == 1


def test_one_that_had_ended_opens_again_for_this_replay_alone(
    acme: Tenant, make_stream: MakeStream, loopback: Intake
) -> None:
    make_entry(acme)
    stream = make_stream("splunk_hec")
    replay = start(stream, last=1)
    SetAside.objects.create(
        stream=stream, sequence=1, entry_id=stream.pk, at=NOON, last_tried_at=NOON, code="hec_6", reason="No.",
        resolution=Resolution.SENT, resolved_at=NOON,
    )  # fmt: skip
    before = Cursor.objects.get(pk=stream.pk)
    loopback.behave("splunk_hec", Behaviour(refusals=(Refusal(),)))

    send_all(replay)

    assert SetAside.objects.get(resolution="").replay_id == replay.pk
    assert Cursor.objects.get(pk=stream.pk).delivered == before.delivered
    loopback.heal()
    Replay.objects.filter(pk=replay.pk).update(state=ReplayState.DONE)
    send_all(start(stream, last=1))
    assert SetAside.objects.get().resolution == Resolution.SENT
    assert Cursor.objects.get(pk=stream.pk).set_aside == before.set_aside
    assert adds_up(stream)
