"""No answer, half an answer, or one that comes drop by drop: nothing is lost, and doubles only where it was taken."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from auditsite.demo.intake import KINDS, Behaviour, Flavour
from auditsite.demo.intake.behaviour import Connection
from streaming import environment
from streaming.models import State, Stream
from streaming.transport.client import Client
from tests.streaming.faults.conftest import MakeScene
from tests.streaming.faults.scene import Scene

every_kind = pytest.mark.parametrize("kind", KINDS)
NOTHING_TAKEN: list[Connection] = ["close_before_reading", "close_after_reading", "reset"]
TAKEN: list[Connection] = ["take_then_drop", "half_an_answer"]


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A client that waits for a second in all, not for half a minute."""
    monkeypatch.setattr(environment, "client", lambda: Client(environment.policy(), timeout=1.0))
    return iter(())


def fails_for_now(scene: Scene) -> None:
    for number in (1, 2):
        cursor = scene.step()
        assert (cursor.place, cursor.state, cursor.failures) == (0, State.RETRYING, number)
        assert cursor.last_error


@every_kind
@pytest.mark.parametrize("fault", NOTHING_TAKEN)
def test_a_connection_that_breaks_before_anything_was_taken(
    fault: Connection, kind: str, scene_of: MakeScene
) -> None:
    scene = scene_of(kind)
    scene.intake.behave(kind, Behaviour(connection=fault))

    fails_for_now(scene)

    scene.intake.heal()
    scene.recovers()
    assert scene.intake.duplicates(kind) == []


@every_kind
@pytest.mark.parametrize("fault", TAKEN)
def test_an_answer_that_is_lost_costs_doubles_and_no_entry(
    fault: Connection, kind: str, scene_of: MakeScene
) -> None:
    scene = scene_of(kind)
    scene.intake.behave(kind, Behaviour(connection=fault), times=1)

    assert (scene.step().place, scene.arrived) == (0, [1, 2, 3, 4, 5, 6])
    scene.recovers()

    # Each came twice with the same id; Elasticsearch refuses the second as a conflict and keeps one.
    assert len(scene.intake.duplicates(kind)) == 6


@every_kind
@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("slow", [Behaviour(delay=3.0), Behaviour(status=503, body="x" * 99, drip=0.2)])
def test_nobody_holds_a_worker_longer_than_the_whole_attempt_may_take(
    slow: Behaviour, kind: str, scene_of: MakeScene
) -> None:
    scene = scene_of(kind)
    scene.intake.behave(kind, slow, times=1)

    cursor = scene.step()

    assert (cursor.place, cursor.last_error_code) == (0, "timeout")


@every_kind
def test_where_nobody_listens_it_is_tried_again(kind: str, scene_of: MakeScene) -> None:
    scene = scene_of(kind)
    Stream.objects.filter(pk=scene.stream.pk).update(url="https://127.0.0.1:1/services/collector/event")

    fails_for_now(scene)

    assert scene.cursor.last_error_code == "tcp_refused"
    Stream.objects.filter(pk=scene.stream.pk).update(url=scene.stream.url)
    scene.recovers()


@every_kind
@pytest.mark.parametrize(
    ("flavour", "code"),
    [
        (Flavour.EXPIRED, "tls_expired"),
        (Flavour.WRONG_NAME, "tls_hostname"),
        (Flavour.SELF_SIGNED, "tls_selfsigned"),
        (Flavour.PLAIN, "not_tls"),
    ],
)
def test_a_certificate_that_proves_nothing_gets_nothing(
    flavour: Flavour, code: str, kind: str, scene_of: MakeScene
) -> None:
    scene = scene_of(kind)
    base = scene.intake.also_on(flavour).replace("http://", "https://")
    Stream.objects.filter(pk=scene.stream.pk).update(url=scene.intake.url(kind, base))

    cursor = scene.step()

    assert (cursor.place, cursor.state, cursor.last_error_code) == (0, State.HELD_FOR_SETTINGS, code)
    assert scene.arrived == []
    Stream.objects.filter(pk=scene.stream.pk).update(url=scene.stream.url)
    scene.recovers()


@every_kind
def test_an_address_that_may_not_be_dialled_any_more_is_not_dialled(kind: str, scene_of: MakeScene) -> None:
    scene = scene_of(kind)
    Stream.objects.filter(pk=scene.stream.pk).update(url="https://10.0.0.1/services/collector/event")

    cursor = scene.step()

    assert (cursor.state, cursor.last_error_code) == (State.HELD_FOR_SETTINGS, "addr_forbidden")


@every_kind
def test_an_answer_without_end_is_not_read_to_its_end(kind: str, scene_of: MakeScene) -> None:
    scene = scene_of(kind)
    scene.intake.behave(kind, Behaviour(status=503, body="x" * 9_000_000), times=1)

    cursor = scene.step()

    assert (cursor.place, cursor.state) == (0, State.RETRYING)
    assert len(cursor.last_error) < 600
    scene.recovers()
