"""Faults that a person makes: settings saved, tokens changed, streams switched off while they deliver."""

from __future__ import annotations

from auditsite.demo.intake.tokens import new_tokens
from bench.faults.run import Fault, Scene


def save(scene: Scene) -> None:
    """A worker's answer to the settings of before does not count: what it took may come once more."""
    for _ in range(10):
        scene.wait(0.2, 0.8)
        for customer in scene.customers:
            scene.ground.save(customer, scene.receiver, token=scene.receiver.tokens[customer.kind])


def switch_off_and_on(scene: Scene) -> None:
    for _ in range(3):
        for customer in scene.customers:
            scene.ground.save(customer, scene.receiver, enabled=False)
        scene.wait(0.5, 2)
        for customer in scene.customers:
            scene.ground.save(customer, scene.receiver)
        scene.wait(0.5, 1)


def change_tokens(scene: Scene) -> None:
    """At the destination first; the page comes ten seconds later."""
    fresh = new_tokens()
    new = {customer.kind: fresh.for_kind(customer.kind) for customer in scene.customers}
    scene.receiver.tell("tokens", **new)
    scene.wait(8, 10)
    for customer in scene.customers:
        scene.ground.save(customer, scene.receiver, token=new[customer.kind])


FAULTS = [
    Fault("save-settings", "settings saved ten times while entries are on their way", save, answers_lost=True),
    Fault("switch-off", "switched off and on again three times", switch_off_and_on, answers_lost=True),
    Fault("change-token", "the token changed at the destination, and in the settings 10 s later", change_tokens,
          patience=300),
]  # fmt: skip
