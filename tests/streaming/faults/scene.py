"""One stream of six entries, a destination that answers what a row of the tables says, and the sums after each step."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum

from audit.models import AuditEntry, LogHead, Tenant
from auditsite.demo.intake import Behaviour, Intake
from streaming.health import health_of
from streaming.models import Cursor, SetAside, State, Stream
from tests.entries import make_entry
from tests.streams import MakeStream, deliver_once, make_due

POISON = 4
"""The sequence of the entry whose details say "poison"."""


class Meaning(Enum):
    """What the tables say of an answer, as the stream shows it."""

    TAKEN = "delivered"
    TAKEN_SLOWLY = "delivered, and the next batch comes later and is smaller"
    AGAIN = "tried again for ever, never held"
    AGAIN_THEN_HELD = "tried again; held for settings where it stays so"
    SMALLER = "halved, at once"
    LOOKED_FOR = "one entry of several was refused: looked for, at once"
    PLAIN = "sent without gzip, at once"
    TOKEN = "held for credentials"
    SETTINGS = "held for settings"


@dataclass
class Scene:
    """A stream and its destination."""

    stream: Stream
    intake: Intake
    kind: str

    @property
    def cursor(self) -> Cursor:
        return Cursor.objects.get(pk=self.stream.pk)

    @property
    def head(self) -> int:
        return LogHead.objects.get(pk=self.stream.tenant_id).last_sequence

    @property
    def arrived(self) -> list[int]:
        return [arrival.sequence or 0 for arrival in self.intake.received(self.kind)]

    @property
    def aside(self) -> list[int]:
        return list(SetAside.objects.filter(resolution="").values_list("sequence", flat=True))

    def step(self) -> Cursor:
        """One request of a worker, whether its time has come or not; then the sums."""
        make_due(self.stream)
        deliver_once(self.stream)
        return self.checked()

    def checked(self) -> Cursor:
        """Every entry is counted once, what counts as delivered is there, and nothing came before its turn."""
        health, cursor = health_of(self.stream, now=datetime.now(UTC)), self.cursor
        counted = health.delivered + health.waiting + health.set_aside + health.not_streamed
        assert health.recorded == counted == AuditEntry.objects.count()
        assert (health.set_aside, health.not_streamed) == (len(self.aside), 0)
        assert set(range(1, cursor.place + 1)) - set(self.aside) <= set(self.arrived)
        apart = set(SetAside.objects.values_list("sequence", flat=True))
        flowed = [number for number in self.arrived if number not in apart]
        assert self.kind == "elasticsearch" or flowed == sorted(flowed)
        return cursor

    def meets(self, behaviour: Behaviour, meaning: Meaning) -> None:
        """The destination behaves so until it is healed: the stream does what is meant, and all arrives in the end."""
        self.intake.behave(self.kind, behaviour)
        first = self.step()
        _CHECKS[meaning](self, first)
        self.intake.heal()
        self.recovers()

    def recovers(self, *, without: tuple[int, ...] = ()) -> None:
        for _ in range(30):
            cursor = self.step()
            if cursor.place == self.head:
                break
        assert (cursor.place, cursor.state, cursor.failures) == (self.head, State.HEALTHY, 0)
        assert (cursor.troubled_since, cursor.held_since) == (None, None)
        assert sorted(self.arrived) == [n for n in range(1, self.head + 1) if n not in without]
        assert tuple(self.aside) == without


def make_scene(kind: str, tenant: Tenant, make_stream: MakeStream, intake: Intake) -> Scene:
    stream = make_stream(kind)
    for number in range(2, 7):
        make_entry(tenant, details="poison" if number == POISON else "")
    return Scene(stream, intake, kind)


def _taken(_: Scene, first: Cursor) -> None:
    assert (first.place, first.state) == (6, State.HEALTHY)


def _taken_slowly(scene: Scene, first: Cursor) -> None:
    _taken(scene, first)
    assert first.next_attempt_at is not None
    assert first.batch_limit is not None


def _again(scene: Scene, first: Cursor) -> None:
    for number in range(2, 4):
        assert (first.place, first.state) == (0, State.RETRYING)
        assert first.failures == number - 1
        assert first.next_attempt_at is not None
        assert first.troubled_since is not None
        first = scene.step()
    assert scene.aside == []


def _again_then_held(scene: Scene, first: Cursor) -> None:
    assert (first.place, first.state) == (0, State.RETRYING)
    for _ in range(2):
        first = scene.step()
    assert (first.place, first.state, scene.aside) == (0, State.HELD_FOR_SETTINGS, [])


def _smaller(_: Scene, first: Cursor) -> None:
    assert (first.place, first.state, first.next_attempt_at) == (0, State.HEALTHY, None)
    assert (first.batch_limit, first.window_end) == (3, None)


def _looked_for(_: Scene, first: Cursor) -> None:
    assert (first.place, first.state, first.next_attempt_at) == (0, State.HEALTHY, None)
    assert first.window_end is not None


def _plain(scene: Scene, first: Cursor) -> None:
    assert (first.place, first.state, first.next_attempt_at) == (0, State.HEALTHY, None)
    assert not Stream.objects.get(pk=scene.stream.pk).gzip


def _held(state: State) -> Check:
    def check(scene: Scene, first: Cursor) -> None:
        for _ in range(2):
            assert (first.place, first.state, scene.aside) == (0, state, [])
            assert first.held_since is not None
            assert first.next_attempt_at is not None
            first = scene.step()
        held = AuditEntry.objects.filter(event__endswith="streaming_held")
        assert held.count() == 1

    return check


Check = Callable[[Scene, Cursor], None]
_CHECKS: dict[Meaning, Check] = {
    Meaning.TAKEN: _taken,
    Meaning.TAKEN_SLOWLY: _taken_slowly,
    Meaning.AGAIN: _again,
    Meaning.AGAIN_THEN_HELD: _again_then_held,
    Meaning.SMALLER: _smaller,
    Meaning.LOOKED_FOR: _looked_for,
    Meaning.PLAIN: _plain,
    Meaning.TOKEN: _held(State.HELD_FOR_CREDENTIALS),
    Meaning.SETTINGS: _held(State.HELD_FOR_SETTINGS),
}
