"""Faults of the road between the product and a destination: refused, swallowed, reset, with a wrong certificate."""

from __future__ import annotations

from collections.abc import Callable

from bench.faults.run import Fault, Scene

# A whole attempt may take 30 s; whoever swallows for longer has seen one end.
BEYOND_AN_ATTEMPT = 33


def refuse(scene: Scene) -> None:
    scene.receiver.wire.refuse()
    scene.wait(8, 10)
    scene.receiver.wire.open()


def swallow(scene: Scene) -> None:
    scene.receiver.wire.swallow_requests()
    scene.over.wait(BEYOND_AN_ATTEMPT)
    scene.receiver.wire.open()


def swallow_answers(scene: Scene) -> None:
    scene.receiver.wire.swallow_answers()
    scene.over.wait(BEYOND_AN_ATTEMPT)
    scene.receiver.wire.open()


def reset_in_body(scene: Scene) -> None:
    scene.receiver.wire.reset_in_body(6)
    scene.wait(6, 8)
    scene.receiver.wire.reset_in_body(0)
    scene.notes.append(f"{scene.receiver.wire.resets} requests reset in their body")


def cut(scene: Scene) -> None:
    for _ in range(12):
        scene.wait(0.2, 0.6)
        scene.receiver.wire.cut()


def _certificate(flavour: str) -> Callable[[Scene], None]:
    def strike(scene: Scene) -> None:
        wire = scene.receiver.wire
        wire.target = scene.receiver.also[flavour]
        wire.cut()
        scene.wait(6, 8)
        wire.target = scene.receiver.port
        wire.cut()

    return strike


FAULTS = [
    Fault("refuse", "connections refused, and open ones reset, for 10 s", refuse, answers_lost=True),
    Fault("swallow", "connections taken and everything sent swallowed, for longer than an attempt may take", swallow),
    Fault("swallow-answers", "everything arrives, no answer comes back, for as long", swallow_answers,
          answers_lost=True),
    Fault("reset-in-body", "requests reset in the middle of their body", reset_in_body),
    Fault("cut", "every connection reset twelve times", cut, answers_lost=True),
    Fault("expired", "an expired certificate for 8 s", _certificate("expired"), answers_lost=True),
    Fault("wrong-name", "a certificate of another name for 8 s", _certificate("wrong_name"), answers_lost=True),
]  # fmt: skip
