"""What a run showed: the log, what arrived, and what the product says, held against each other."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from auditsite.demo.intake import ELASTICSEARCH

if TYPE_CHECKING:
    from bench.faults.ground import Customer, Ground
    from bench.faults.receiver import Arrived, Receiver
    from bench.faults.run import Fault


@dataclass(frozen=True)
class Promise:
    """What must hold at the end of a fault; see Fault."""

    fault: str
    words: str
    answers_lost: bool
    unordered: bool
    least_aside: int
    most_aside: int
    most_disordered: int

    @classmethod
    def of(cls, fault: Fault, poisoned: int) -> Promise:
        return cls(
            fault.name,
            fault.words,
            fault.answers_lost,
            fault.unordered,
            poisoned,
            poisoned + fault.most_aside,
            fault.most_disordered,
        )


@dataclass
class Kind:
    """One tenant's part of it. `doubles` were taken twice; `absorbed` came again and were answered with 409."""

    recorded: int = 0
    arrived: int = 0
    lost: int = 0
    strange: int = 0
    set_aside: int = 0
    disordered: int = 0
    doubles: int = 0
    absorbed: int = 0


@dataclass
class Shown:
    """The outcome of one fault. `recovered`: seconds from the end of the fault until nothing waited any more."""

    fault: str
    words: str
    seed: int = 0
    kinds: dict[str, Kind] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    attempts: dict[str, int] = field(default_factory=dict)
    states: dict[str, int] = field(default_factory=dict)
    looks: int = 0
    recovered: float = 0.0
    seconds: float = 0.0

    def total(self, name: str) -> int:
        return sum(getattr(kind, name) for kind in self.kinds.values())


def compared(ground: Ground, receiver: Receiver, customers: list[Customer], promise: Promise) -> Shown:
    """Everything of the fault's tenants, from the log itself and from the intake itself."""
    from django.db import close_old_connections, connections  # noqa: PLC0415 - not before setup

    close_old_connections()
    shown = Shown(promise.fault, promise.words)
    codes: Counter[str] = Counter()
    for customer in customers:
        shown.kinds[customer.kind] = _kind(receiver, customer, shown, promise)
        codes.update(_refusals(customer))
        ground.save(customer, receiver, enabled=False)
    shown.attempts = dict(codes.most_common())
    connections.close_all()
    return shown


def _kind(receiver: Receiver, customer: Customer, shown: Shown, promise: Promise) -> Kind:
    truth, aside = _log_of(customer), _set_aside(customer)
    arrivals, again = receiver.arrivals(customer.kind), receiver.again(customer.kind)
    came = set(arrivals)
    kind = Kind(
        recorded=len(truth),
        arrived=len(arrivals),
        lost=sum(1 for entry in truth if entry not in came and entry[0] not in aside),
        strange=len(came - set(truth)),
        set_aside=len(aside),
        disordered=_disordered(arrivals),
    )
    if customer.kind == ELASTICSEARCH:
        kind.absorbed = len(again)
    else:
        kind.doubles = len(again)
    shown.problems += [f"{customer.kind}: {problem}" for problem in _problems(kind, promise, customer)]
    told = customer.health()
    if told is None or (told["delivered"], told["set_aside"]) != (len(came), len(aside)):
        shown.problems.append(
            f"{customer.kind}: at the end {len(came)} arrived, {len(aside)} set aside, told: {told}"
        )
    return kind


def _problems(kind: Kind, promise: Promise, customer: Customer) -> list[str]:
    found = []
    if kind.lost:
        found.append(f"{kind.lost} lost")
    if kind.strange:
        found.append(f"{kind.strange} arrived that the log does not have")
    if kind.disordered > promise.most_disordered and not (
        promise.unordered and customer.kind == ELASTICSEARCH
    ):
        found.append(f"{kind.disordered} arrived behind a later one")
    if kind.doubles and not promise.answers_lost:
        found.append(f"{kind.doubles} came twice although no answer was lost")
    if not promise.least_aside <= kind.set_aside <= promise.most_aside:
        found.append(f"{kind.set_aside} set aside, not {promise.least_aside} to {promise.most_aside}")
    return found


def _disordered(arrivals: list[Arrived]) -> int:
    highest = number = 0
    for sequence, _ in arrivals:
        number += sequence < highest
        highest = max(highest, sequence)
    return number


def _log_of(customer: Customer) -> list[Arrived]:
    from audit.models import AuditEntry  # noqa: PLC0415 - not before setup
    from streaming.models import Cursor  # noqa: PLC0415

    begin = Cursor.objects.get(pk=customer.stream_id).started_after or 0
    entries = AuditEntry.objects.filter(tenant_id=customer.tenant_id, sequence__gt=begin)
    rows = entries.order_by("sequence").values_list("sequence", "id")
    return [(sequence, str(pk)) for sequence, pk in rows]


def _set_aside(customer: Customer) -> set[int]:
    from streaming.models import SetAside  # noqa: PLC0415 - not before setup

    still = SetAside.objects.filter(stream_id=customer.stream_id, resolution="")
    return set(still.values_list("sequence", flat=True))


def _refusals(customer: Customer) -> list[str]:
    from streaming.models import DeliveryAttempt  # noqa: PLC0415 - not before setup

    attempts = DeliveryAttempt.objects.filter(stream_id=customer.stream_id).exclude(outcome="delivered")
    return [code or outcome for code, outcome in attempts.values_list("code", "outcome")]
