"""What arrived: entries in the order of their first arrival, duplicates counted apart, requests as they came."""

from __future__ import annotations

from collections import deque
from dataclasses import asdict, dataclass
from datetime import datetime
from threading import Lock
from typing import Any, NamedTuple

from auditsite.demo.intake.kinds import KINDS

Entry = dict[str, Any]

IDS_IN_A_GENERATION = 250_000


class Offer(NamedTuple):
    """An entry that a protocol has accepted. `key` is what makes it a duplicate; None is never one."""

    key: str | None
    id: str | None
    sequence: int | None
    tenant: str
    entry: Entry
    envelope: Entry


@dataclass(frozen=True, slots=True)
class Arrival:
    """An entry that came for the first time.

    `number` counts from 1 within its kind. `entry` is what the sender means (the native entry, or the ECS document);
    `envelope` is what stood around it (Splunk's other keys, the bulk action, the batch's headers).
    """

    number: int
    kind: str
    id: str | None
    sequence: int | None
    tenant: str
    entry: Entry
    envelope: Entry
    at: datetime


@dataclass(frozen=True, slots=True)
class Seen:
    """A request as it came. `status` is what was answered, None where the connection was dropped."""

    kind: str
    method: str
    path: str
    headers: dict[str, str]
    body_size: int
    status: int | None
    at: datetime


@dataclass(slots=True)
class Counts:
    """`jumps`: first arrivals whose sequence didn't follow its tenant's last one. `tests`: marked test events."""

    received: int = 0
    duplicates: int = 0
    tests: int = 0
    requests: int = 0
    jumps: int = 0
    last_sequence: int | None = None


class _KnownIds:
    """Hashes of what came, in two generations of bounded size: memory stays flat, the latest are never forgotten."""

    def __init__(self, generation: int | None) -> None:
        self._generation = generation
        self._young: set[int] = set()
        self._old: set[int] = set()

    def add(self, name: tuple[str, str]) -> bool:
        """Remember it; False if it was known."""
        mark = hash(name)
        if mark in self._young or mark in self._old:
            return False
        if self._generation is not None and len(self._young) >= self._generation:
            self._old, self._young = self._young, set()
        self._young.add(mark)
        return True


class Ledger:
    """`keep`: how many arrivals, tests and requests are kept in full for each kind; None keeps all and every id."""

    def __init__(self, keep: int | None) -> None:
        self._keep = keep
        self._lock = Lock()
        self.forget()

    def forget(self) -> None:
        with self._lock:
            self._known = _KnownIds(None if self._keep is None else IDS_IN_A_GENERATION)
            self._arrivals: dict[str, deque[Arrival]] = {kind: deque(maxlen=self._keep) for kind in KINDS}
            self._duplicates: dict[str, deque[str]] = {kind: deque(maxlen=self._keep) for kind in KINDS}
            self._tests: dict[str, deque[Entry]] = {kind: deque(maxlen=self._keep) for kind in KINDS}
            self._seen: deque[Seen] = deque(maxlen=self._keep)
            self._counts: dict[str, Counts] = {kind: Counts() for kind in KINDS}
            self._last_of_tenant: dict[tuple[str, str], int] = {}

    def take(self, kind: str, offer: Offer, at: datetime) -> bool:
        """Keep an accepted entry; False if it had come before."""
        with self._lock:
            counts = self._counts[kind]
            if offer.key is not None and not self._known.add((kind, offer.key)):
                counts.duplicates += 1
                self._duplicates[kind].append(offer.id or "")
                return False
            counts.received += 1
            self._follow(counts, kind, offer)
            self._arrivals[kind].append(
                Arrival(
                    number=counts.received,
                    kind=kind,
                    id=offer.id,
                    sequence=offer.sequence,
                    tenant=offer.tenant,
                    entry=offer.entry,
                    envelope=offer.envelope,
                    at=at,
                )
            )
            return True

    def _follow(self, counts: Counts, kind: str, offer: Offer) -> None:
        if offer.sequence is None:
            return
        before = self._last_of_tenant.get((kind, offer.tenant))
        if before is not None and offer.sequence != before + 1:
            counts.jumps += 1
        self._last_of_tenant[kind, offer.tenant] = offer.sequence
        counts.last_sequence = offer.sequence

    def take_test(self, kind: str, entry: Entry) -> None:
        with self._lock:
            self._counts[kind].tests += 1
            self._tests[kind].append(entry)

    def saw(self, seen: Seen) -> None:
        with self._lock:
            if seen.kind in self._counts:
                self._counts[seen.kind].requests += 1
            self._seen.append(seen)

    def arrivals(self, kind: str, since: int = 0) -> list[Arrival]:
        """First arrivals with a number above `since`, oldest first; of those that are still kept."""
        with self._lock:
            return [arrival for arrival in self._arrivals[kind] if arrival.number > since]

    def latest(self, limit: int) -> list[Arrival]:
        """Of all kinds, newest first."""
        with self._lock:
            newest = [arrival for kind in KINDS for arrival in list(self._arrivals[kind])[-limit:]]
        return sorted(newest, key=lambda arrival: (arrival.at, arrival.number), reverse=True)[:limit]

    def duplicates(self, kind: str) -> list[str]:
        """The ids that came again, once for each time."""
        with self._lock:
            return list(self._duplicates[kind])

    def tests(self, kind: str) -> list[Entry]:
        with self._lock:
            return list(self._tests[kind])

    def requests(self) -> list[Seen]:
        with self._lock:
            return list(self._seen)

    def counts(self) -> dict[str, Counts]:
        with self._lock:
            return {kind: Counts(**asdict(counts)) for kind, counts in self._counts.items()}
