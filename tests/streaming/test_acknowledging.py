"""Splunk's indexer acknowledgement over real connections: a batch counts once it is confirmed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from audit.drafts import Actor
from audit.models import Tenant
from audit.people import By
from auditsite.demo.intake import Behaviour, Intake, Refusal, Rules
from streaming.configuring import Settings, save_settings
from streaming.models import Cursor, DeliveryAttempt, SetAside, State, Stream
from streaming.setting_aside import send_again
from tests.entries import make_entry
from tests.fakes.intake import MakeIntake
from tests.streaming.faults.scene import POISON, Scene, make_scene
from tests.streams import ANA, MakeStream, deliver_once, make_due

KIND = "splunk_hec"
NEVER = Behaviour(path="/ack", status=200, body='{"acks": {"0": false, "1": false, "2": false}}')


@pytest.fixture
def splunk(make_intake: MakeIntake) -> Intake:
    return make_intake(Rules(hec_acknowledge=True))


@pytest.fixture
def scene(acme: Tenant, make_stream: MakeStream, splunk: Intake) -> Scene:
    """Six entries, and a token that uses acknowledgement."""
    stream = make_stream(KIND, url=splunk.url(KIND))
    for number in range(2, 7):
        make_entry(acme, details="poison" if number == POISON else "")
    return Scene(stream, splunk, KIND)


def long_ago(scene: Scene) -> None:
    """As if the batch had been posted five minutes ago."""
    Cursor.objects.filter(pk=scene.stream.pk).update(ack_posted_at=datetime.now(UTC) - timedelta(seconds=301))


def asked(scene: Scene) -> int:
    return sum(seen.path.endswith("/ack") for seen in scene.intake.requests)


def test_what_was_taken_counts_once_it_is_confirmed(scene: Scene) -> None:
    taken = scene.step()

    assert (taken.place, taken.delivered, taken.last_success_at) == (0, 0, None)
    assert (taken.ack_id, taken.ack_channel, taken.ack_last_sequence) == (0, scene.stream.channel, 6)
    assert taken.next_attempt_at is not None

    confirmed = scene.step()

    assert (confirmed.place, confirmed.delivered, confirmed.state) == (6, 6, State.HEALTHY)
    assert (confirmed.ack_id, confirmed.ack_channel, confirmed.ack_timeouts) == (None, None, 0)
    assert (scene.intake.duplicates(KIND), confirmed.warning) == ([], "")
    tries = DeliveryAttempt.objects.order_by("pk").values_list("delivered", flat=True)
    assert list(tries) == [0, 6]


def test_no_worker_waits_and_it_is_asked_ever_more_rarely(scene: Scene) -> None:
    scene.step()
    scene.intake.behave(KIND, NEVER)

    waits = []
    for _ in range(6):
        before = datetime.now(UTC)
        make_due(scene.stream)
        assert not deliver_once(scene.stream).more
        cursor = scene.checked()
        assert cursor.next_attempt_at is not None
        waits.append(round((cursor.next_attempt_at - before).total_seconds()))

    assert waits == [2, 4, 8, 10, 10, 10]
    assert (cursor.place, cursor.state, cursor.lease_owner) == (0, State.HEALTHY, "")
    scene.intake.heal()
    assert scene.step().place == 6


def test_a_worker_that_takes_over_asks_on_and_sends_nothing_again(scene: Scene) -> None:
    scene.step()
    assert Cursor.objects.filter(next_attempt_at__isnull=False).exists()

    cursor = scene.step()

    assert (cursor.place, asked(scene), len(scene.arrived)) == (6, 1, 6)
    assert scene.intake.duplicates(KIND) == []


def test_a_stream_at_its_head_is_due_while_something_is_to_be_confirmed(scene: Scene) -> None:
    scene.step()
    make_due(scene.stream)

    assert Cursor.objects.due().exists()
    scene.step()
    assert not Cursor.objects.due().exists()


def test_what_is_not_confirmed_in_time_goes_once_more_over_the_same_channel(scene: Scene) -> None:
    first = scene.step()
    scene.intake.behave(KIND, NEVER, times=1)
    long_ago(scene)

    late = scene.step()
    assert (late.place, late.ack_id, late.ack_timeouts, late.next_attempt_at) == (0, None, 1, None)

    again = scene.step()
    assert (again.ack_channel, again.ack_id) == (first.ack_channel, 1)
    done = scene.step()
    assert (done.place, done.ack_timeouts, done.warning) == (6, 0, "")
    assert len(scene.intake.duplicates(KIND)) == 6


def test_where_nothing_is_confirmed_twice_the_answer_counts_and_the_page_says_so(
    scene: Scene, acme: Tenant
) -> None:
    scene.intake.behave(KIND, NEVER)
    for _ in range(2):
        scene.step()
        long_ago(scene)
        cursor = scene.step()

    assert (cursor.place, cursor.delivered, cursor.state) == (6, 6, State.HEALTHY)
    assert "acknowledgements cannot be confirmed" in cursor.warning

    make_entry(acme)
    before = asked(scene)
    cursor = scene.step()
    assert (cursor.place, cursor.ack_id, asked(scene)) == (7, None, before)
    assert "acknowledgements cannot be confirmed" in cursor.warning


@pytest.mark.parametrize(
    "answer",
    [Behaviour(path="/ack", status=503), Behaviour(path="/ack", connection="close_after_reading")],
)
def test_a_question_without_an_answer_is_asked_again(answer: Behaviour, scene: Scene) -> None:
    scene.step()
    scene.intake.behave(KIND, answer, times=2)

    for polls in (1, 2):
        cursor = scene.step()
        assert (cursor.place, cursor.ack_id, cursor.ack_polls) == (0, 0, polls)

    assert scene.step().place == 6


def test_a_token_that_knows_no_acknowledgement_any_more_confirms_by_that(scene: Scene) -> None:
    scene.step()
    scene.intake.behave(KIND, Behaviour(path="/ack", hec_code=14))

    cursor = scene.step()

    assert (cursor.place, cursor.ack_id, cursor.warning) == (6, None, "")


@pytest.mark.parametrize("status", [404, 400])
def test_where_acknowledgements_cannot_be_asked_for_the_answer_counts(status: int, scene: Scene) -> None:
    scene.step()
    scene.intake.behave(KIND, Behaviour(path="/ack", status=status))

    cursor = scene.step()

    assert (cursor.place, cursor.ack_id) == (6, None)
    assert "cannot be confirmed" in cursor.warning


def test_a_token_that_is_refused_meanwhile_holds_the_stream_and_nothing_is_lost(scene: Scene) -> None:
    scene.step()
    scene.intake.behave(KIND, Behaviour(hec_code=4), times=2)

    for _ in range(2):
        cursor = scene.step()
        assert (cursor.place, cursor.state, cursor.ack_id) == (0, State.HELD_FOR_CREDENTIALS, None)

    scene.recovers()


def test_what_stands_before_a_refused_entry_is_confirmed_too(scene: Scene) -> None:
    scene.intake.behave(KIND, Behaviour(refusals=(Refusal(containing="poison"),)))

    first = scene.step()
    assert (first.place, first.ack_last_sequence, first.window_end) == (0, POISON - 1, POISON)
    assert scene.step().place == POISON - 1

    scene.recovers(without=(POISON,))
    assert scene.intake.duplicates(KIND) == []


def test_a_set_aside_that_is_sent_again_is_confirmed_before_it_counts(scene: Scene) -> None:
    scene.intake.behave(KIND, Behaviour(refusals=(Refusal(containing="poison"),)))
    scene.recovers(without=(POISON,))
    scene.intake.heal()
    send_again(scene.stream, None, by=By(Actor(email="ana@acme.example"), datetime.now(UTC)))
    scene.step()
    scene.step()

    taken = scene.step()
    assert (taken.ack_last_sequence, taken.set_aside, scene.aside) == (POISON, 1, [POISON])
    confirmed = scene.step()

    assert (confirmed.set_aside, confirmed.ack_id) == (0, None)
    assert SetAside.objects.get().resolution == "sent"


def test_other_settings_forget_what_the_old_ones_awaited(scene: Scene, acme: Tenant) -> None:
    scene.step()
    values: dict[str, Any] = {"enabled": True, "destination_kind": KIND, "url": f"{scene.stream.url}/"}
    save_settings(tenant=acme, settings=Settings(**values), change=ANA, now=datetime.now(UTC))

    cursor = scene.step()

    assert (cursor.ack_id, cursor.ack_last_sequence) == (1, 7)
    assert scene.step().place == 7


def test_an_address_without_a_neighbour_for_acknowledgements_is_not_asked(scene: Scene) -> None:
    scene.step()
    Stream.objects.filter(pk=scene.stream.pk).update(url=f"{scene.stream.url}/gateway/hec")

    cursor = scene.step()

    assert (cursor.place, asked(scene)) == (6, 0)
    assert "cannot be confirmed" in cursor.warning


def test_a_token_without_acknowledgement_is_never_asked_about(
    acme: Tenant, make_stream: MakeStream, loopback: Intake
) -> None:
    plain = make_scene(KIND, acme, make_stream, loopback)

    assert plain.step().place == 6
    assert asked(plain) == 0
