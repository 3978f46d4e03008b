"""Faults of the product's own processes: killed, stopped, doubled, gone, out of time."""

from __future__ import annotations

import os
import signal

from bench.faults.ground import WORKERS
from bench.faults.run import Fault, Scene

# Longer than a lease (90 s), so that another worker has taken over when it wakes.
PAST_THE_LEASE = 100


def kill_worker(scene: Scene) -> None:
    """One of the two, five times; answers are slow, so that one is on its way each time."""
    scene.receiver.behave({"delay": 0.2})
    for _ in range(5):
        scene.wait(0.3, 1.5)
        scene.ground.restart(scene.random.choice(WORKERS))
    scene.receiver.tell("heal")


def kill_all_workers(scene: Scene) -> None:
    scene.receiver.behave({"delay": 0.2})
    scene.wait(0.3, 0.6)
    for name in WORKERS:
        scene.ground.product.kill(name)
    scene.wait(8, 10)
    scene.receiver.tell("heal")
    scene.ground.in_order()


def end_workers_in_turn(scene: Scene) -> None:
    """SIGTERM and a new one, as at a deployment; each is given the time that it asks for."""
    scene.receiver.behave({"delay": 0.2})
    for name in (*WORKERS, *WORKERS):
        scene.wait(0.3, 1)
        process = scene.ground.product.processes.pop(name)
        process.terminate()
        process.wait(60)
        scene.ground.product.start(name)
    scene.receiver.tell("heal")


def stop_worker_past_its_lease(scene: Scene) -> None:
    """SIGSTOP in the middle of requests; what it does after SIGCONT is too late."""
    scene.receiver.behave({"delay": 1.0}, times=3)
    scene.wait(0.5, 1)
    stopped = scene.ground.product.processes[scene.random.choice(WORKERS)].pid
    os.killpg(stopped, signal.SIGSTOP)
    scene.over.wait(PAST_THE_LEASE)
    os.killpg(stopped, signal.SIGCONT)


def kill_beat(scene: Scene) -> None:
    scene.ground.product.kill("beat")
    scene.wait(8, 10)
    scene.ground.product.start("beat")


def two_beats(scene: Scene) -> None:
    scene.ground.product.start("beat-2")
    scene.wait(8, 10)
    scene.ground.product.kill("beat-2")


def kill_web(scene: Scene) -> None:
    """Producers send again what was not answered; their ids keep it from being recorded twice."""
    for _ in range(3):
        scene.wait(0.5, 1.5)
        scene.ground.product.kill("web")
        scene.wait(0.5, 1)
        scene.ground.product.start("web")
    scene.ground.in_order()


def _clock(name: str, offset: str) -> Fault:
    def strike(scene: Scene) -> None:
        for worker in WORKERS:
            scene.ground.product.kill(worker)
            scene.ground.product.start(worker, under=["faketime", "-f", offset])
        scene.wait(10, 12)
        for worker in WORKERS:
            scene.ground.restart(worker)
        scene.ground.in_order()

    words = f"both workers killed, started again with a clock at {offset}, and killed again"
    return Fault(name, words, strike, alone=True, answers_lost=True, needs="faketime")


FAULTS = [
    Fault("kill-worker", "`kill -9` of a worker in the middle of its work, five times", kill_worker,
          alone=True, answers_lost=True),
    Fault("kill-all-workers", "`kill -9` of all workers, none for 10 s", kill_all_workers,
          alone=True, answers_lost=True),
    Fault("end-workers", "every worker ended by SIGTERM and started, twice", end_workers_in_turn, alone=True),
    Fault("stop-worker", "a worker stopped (SIGSTOP) beyond its lease, then woken", stop_worker_past_its_lease,
          alone=True, answers_lost=True),
    Fault("kill-beat", "no beat for 10 s", kill_beat, alone=True),
    Fault("two-beats", "two beats at a time for 10 s", two_beats, alone=True),
    Fault("kill-web", "`kill -9` of the web process, three times", kill_web, alone=True),
    _clock("clock-ahead", "+1h"),
    _clock("clock-behind", "-1h"),
    _clock("clock-far", "+3650d"),
]  # fmt: skip
