"""One fault on three fresh tenants: entries are recorded while it strikes; what arrived is compared with the log."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import requests

from bench.faults.ground import Customer, Ground
from bench.faults.receiver import Receiver
from bench.faults.truth import Promise, Shown, compared

POISON = "the entry that nobody takes"
FAULT_AT = 0.2
# What is recorded comes in so many batches, with a pause between them: for as long as most faults last.
BATCHES, PAUSE = 50, 0.2


@dataclass(frozen=True)
class Fault:
    """What goes wrong, and what is promised nevertheless.

    `strike` runs once a fifth of the entries is recorded, and returns when the fault is over. `alone`: it strikes
    processes or servers, so nothing else may run at the time. `answers_lost`: answers may be lost, so entries may
    come twice. `poison`: where among the entries stand those that no destination takes, as parts of the whole, and
    `in_a_row` how many each time; they are set aside. `most_aside`: how many more may be, where all are refused,
    and `most_disordered` how many of a tenant come behind later ones, since they were set aside meanwhile.
    `unordered`: Elasticsearch may take the items behind one that it refuses for a while. `needs`: a program.
    """

    name: str
    words: str
    strike: Callable[[Scene], None]
    alone: bool = False
    answers_lost: bool = False
    unordered: bool = False
    poison: tuple[float, ...] = ()
    in_a_row: int = 1
    most_aside: int = 0
    most_disordered: int = 0
    patience: float = 240.0
    needs: str = ""

    def positions(self, entries: int) -> frozenset[int]:
        """Of the poisoned ones among so many."""
        return frozenset(int(part * entries) + more for part in self.poison for more in range(self.in_a_row))


@dataclass
class Scene:
    """What a fault works with."""

    ground: Ground
    receiver: Receiver
    customers: list[Customer]
    random: random.Random
    notes: list[str] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)

    def wait(self, low: float, high: float) -> None:
        """Some time between the two, in seconds."""
        time.sleep(self.random.uniform(low, high))

    def of(self, kind: str) -> Customer:
        return next(customer for customer in self.customers if customer.kind == kind)


@dataclass
class Recorder:
    """Records entries for one tenant, a batch after the other, until each is answered with 201."""

    customer: Customer
    number: int
    poison: frozenset[int]
    random: random.Random
    recorded: int = 0
    refused: int = 0
    failure: BaseException | None = None

    def run(self) -> None:
        try:
            while self.recorded < self.number:
                share = self.number // BATCHES
                size = min(self.random.randint(share // 2, share * 3 // 2) or 1, self.number - self.recorded)
                self._post(list(range(self.recorded, self.recorded + size)))
                self.recorded += size
                time.sleep(self.random.uniform(0, 2 * PAUSE))
        except BaseException as failure:  # noqa: BLE001 - told by whoever waits for this thread
            self.failure = failure

    def _post(self, numbers: list[int]) -> None:
        entries = [self._entry(number) for number in numbers]
        deadline = time.monotonic() + 240
        while True:
            try:
                answer = self.customer.post(entries)
                if answer.status_code == 201:
                    return
                if answer.status_code < 500:
                    raise RuntimeError(f"refused: {answer.status_code} {answer.text[:300]}")
            except requests.RequestException:
                pass
            self.refused += 1
            if time.monotonic() > deadline:
                raise TimeoutError("the product took no entries for four minutes")
            time.sleep(0.3)

    def _entry(self, number: int) -> dict[str, Any]:
        words = POISON if number in self.poison else "x" * self.random.randint(1, 300)
        return {
            "event": "workflows.workflow_published",
            "actor": {"email": "ana@acme.example"},
            "parameters": {"workflow_name": f"Triage №{number}", "version": str(number)},
            "details": words,
            "external_id": f"{self.customer.slug}-{number}",
        }


@dataclass
class Watch:
    """Asks for each stream's figures all the time, and remembers each answer that was not true."""

    customers: list[Customer]
    receiver: Receiver
    over: threading.Event = field(default_factory=threading.Event)
    looks: int = 0
    lies: list[str] = field(default_factory=list)
    states: Counter[str] = field(default_factory=Counter)

    def run(self) -> None:
        while not self.over.wait(0.3):
            for customer in self.customers:
                told = customer.health()
                if told is not None:
                    self._judge(customer, told)

    def _judge(self, customer: Customer, told: dict[str, Any]) -> None:
        self.looks += 1
        self.states[told["state"]] += 1
        sum_of = told["not_streamed"] + told["delivered"] + told["waiting"] + told["set_aside"]
        if told["recorded"] != sum_of or min(told["waiting"], told["delivered"], told["set_aside"]) < 0:
            self.lies.append(f"{customer.kind}: the figures do not add up: {told}")
        # Asked afterwards: what was called delivered had arrived by then.
        arrived = self.receiver.ask("counts")[customer.kind]["received"]
        if told["delivered"] > arrived:
            self.lies.append(f"{customer.kind}: {told['delivered']} called delivered, {arrived} had arrived")


def play(ground: Ground, receiver: Receiver, fault: Fault, *, entries: int, seed: int) -> Shown:
    """Run a fault to its end: everything delivered or set aside, or the patience over. Never raises for a finding."""
    begin = time.monotonic()
    receiver.heal()
    receiver.tell("forget")
    chance = random.Random(f"{seed}-{fault.name}")
    slug = f"{fault.name}-{seed % 10_000}"
    scene = Scene(ground, receiver, ground.customers(slug, receiver), chance)
    poison = fault.positions(entries)
    recorders = [
        Recorder(customer, entries, poison, random.Random(f"{seed}-{customer.slug}"))
        for customer in scene.customers
    ]
    watch = Watch(scene.customers, receiver)
    threads = [threading.Thread(target=recorder.run, daemon=True) for recorder in recorders]
    watcher = threading.Thread(target=watch.run, daemon=True)
    for thread in (*threads, watcher):
        thread.start()
    failures: list[str] = []
    try:
        _wait(lambda: all(r.failure or r.recorded >= entries * FAULT_AT for r in recorders), 120)
        try:
            fault.strike(scene)
        except Exception as error:  # noqa: BLE001 - told with the rest; everything that runs has to be ended
            failures.append(f"the fault itself failed: {error!r}")
            ground.in_order()
        healed = time.monotonic()
        for thread in threads:
            thread.join()
        settled = _wait(lambda: _nothing_waits(scene.customers), fault.patience)
        recovered = time.monotonic() - healed
        # A stream that recovers records that it did: one more entry to deliver.
        time.sleep(0.7)
        settled = settled and _wait(lambda: _nothing_waits(scene.customers), 30)
    finally:
        scene.over.set()
        watch.over.set()
        watcher.join()
        receiver.heal()
    failures += [f"recording failed: {recorder.failure}" for recorder in recorders if recorder.failure]
    shown = compared(ground, receiver, scene.customers, Promise.of(fault, len(poison)))
    shown.problems += (
        failures + watch.lies[:3] + ([] if settled else ["not everything was delivered in time"])
    )
    shown.seed, shown.looks, shown.recovered = seed, watch.looks, recovered
    shown.seconds, shown.states = time.monotonic() - begin, dict(watch.states)
    if ground.ended:
        shown.notes.append(f"ended by themselves and started again: {', '.join(sorted(set(ground.ended)))}")
        ground.ended.clear()
    shown.notes += scene.notes + [f"{r.refused} posts repeated" for r in recorders[:1] if r.refused]
    return shown


def _nothing_waits(customers: list[Customer]) -> bool:
    told = [customer.health() for customer in customers]
    return all(each is not None and each["waiting"] == 0 for each in told)


def _wait(true: Callable[[], bool], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while not true():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.2)
    return True
