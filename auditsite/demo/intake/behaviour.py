"""Misbehaviour on command: what to do with the next requests instead of the right thing."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from threading import Lock
from typing import Literal

import msgspec

from auditsite.demo.intake.exchange import Answer
from auditsite.demo.intake.kinds import EVERY, KINDS

Connection = Literal[
    "close_before_reading", "close_after_reading", "reset", "take_then_drop", "half_an_answer"
]


class Refusal(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Entries that are refused for themselves, each in its protocol's own way.

    Chosen by `containing` (a string in the entry's text), `ids` or `positions` (from 0, within its request); with
    none of them, every entry. Splunk answers `code` by the prefix rule; Elasticsearch answers the item with
    `status`, `type` and `reason`; the bearer intake refuses the whole batch with `status`.
    """

    containing: str = ""
    ids: frozenset[str] = frozenset()
    positions: frozenset[int] = frozenset()
    code: int = 6
    status: int = 400
    type: str = "document_parsing_exception"
    reason: str = "failed to parse"

    def hits(self, *, position: int, entry_id: str | None, text: str) -> bool:
        if not (self.containing or self.ids or self.positions):
            return True
        return (
            bool(self.containing and self.containing in text)
            or entry_id in self.ids
            or position in self.positions
        )


class Behaviour(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One misbehaviour. Fields combine: slow, and then a 503.

    `status`, `body`, `headers`: answer this; nothing is taken unless `take`.
    `hec_code`: answer this code of Splunk's table with its status and text; nothing is taken unless `take`.
    `refusals`: entries refused for themselves, the others are taken.
    `delay`: seconds before the answer; `drip`: seconds between its bytes.
    `connection`: what happens to the connection instead of an answer; `take_then_drop` and `half_an_answer` take
    the batch first.
    `path`: only requests whose path holds this; others go on undisturbed and use nothing up.
    """

    status: int | None = None
    body: str = ""
    headers: dict[str, str] = {}
    hec_code: int | None = None
    take: bool = False
    refusals: tuple[Refusal, ...] = ()
    delay: float = 0.0
    drip: float = 0.0
    connection: Connection | None = None
    path: str = ""

    def refusal_of(self, *, position: int, entry_id: str | None, text: str) -> Refusal | None:
        for refusal in self.refusals:
            if refusal.hits(position=position, entry_id=entry_id, text=text):
                return refusal
        return None

    def fixed_answer(self) -> Answer | None:
        """The answer that `status` asks for; None where the protocol shall answer."""
        if self.status is None:
            return None
        headers = tuple(self.headers.items())
        return Answer(status=self.status, body=self.body.encode(), headers=headers)


NORMAL = Behaviour()


def throttled(retry_after: str | int) -> Behaviour:
    return Behaviour(status=429, body="Too Many Requests", headers={"Retry-After": str(retry_after)})


def busy(retry_after: str | int | None = None) -> Behaviour:
    headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
    return Behaviour(status=503, body="Service Unavailable", headers=headers)


def redirect(location: str, status: int = 302) -> Behaviour:
    return Behaviour(status=status, headers={"Location": location})


def html_page(title: str = "Sign in", status: int = 200) -> Behaviour:
    """A web page where an intake should be: a login page, a captive proxy, Splunk Web."""
    page = f"<!doctype html><html><head><title>{title}</title></head><body><form>{title}</form></body></html>"
    return Behaviour(status=status, body=page, headers={"Content-Type": "text/html; charset=utf-8"})


@dataclass
class _Queued:
    behaviour: Behaviour
    left: int


class Script:
    """Which behaviour is next, for each kind. Queued ones come before a standing one, a kind's own before EVERY."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._queues: dict[str, deque[_Queued]] = {kind: deque() for kind in (*KINDS, EVERY)}
        self._standing: dict[str, Behaviour] = {}

    def add(self, kind: str, behaviour: Behaviour, times: int | None) -> None:
        """For the next `times` requests, after those queued before; None: until changed or healed."""
        if kind not in self._queues:
            raise ValueError(f"unknown kind {kind!r}: one of {', '.join(self._queues)}")
        if times is not None and times < 1:
            raise ValueError("times is 1 or more, or null for until changed")
        with self._lock:
            if times is None:
                self._standing[kind] = behaviour
            else:
                self._queues[kind].append(_Queued(behaviour=behaviour, left=times))

    def clear(self) -> None:
        with self._lock:
            self._standing.clear()
            for queue in self._queues.values():
                queue.clear()

    def next_for(self, kind: str, path: str) -> Behaviour:
        with self._lock:
            for name in (kind, EVERY):
                behaviour = self._from_queue(name, path)
                if behaviour is not None:
                    return behaviour
            for name in (kind, EVERY):
                standing = self._standing.get(name)
                if standing is not None and standing.path in path:
                    return standing
        return NORMAL

    def _from_queue(self, name: str, path: str) -> Behaviour | None:
        queue = self._queues[name]
        for queued in queue:
            if queued.behaviour.path not in path:
                continue
            queued.left -= 1
            if queued.left == 0:
                queue.remove(queued)
            return queued.behaviour
        return None
