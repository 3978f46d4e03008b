"""The engine of replays: sends a range of the log again, behind live delivery. Knows no Celery.

A replay moves no cursor. It has a lease of its own, and its place moves by compare-and-set under the lease's epoch and
the settings' version. Before each batch it looks whether its stream has anything to deliver, and gives way.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from types import TracebackType
from typing import Self
from uuid import UUID

from django.conf import settings
from django.db import DatabaseError, transaction
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Now

from streaming import environment, leasing
from streaming.destination import Destination, SettingsError, Target, destination
from streaming.encryption import TokenUnreadable
from streaming.filtering import FilterUnusable
from streaming.models import LEASE, Cursor, Replay, ReplayState, State
from streaming.resending import settling
from streaming.resending.confirming import confirmed
from streaming.resending.reading import MOST_LOOKED_AT, payloads_between
from streaming.resending.settling import Attempt, ReplayLease
from streaming.sending import reduced
from streaming.targets import target_of
from streaming.transport.client import Client
from streaming.wire.messages import Answer, Request
from streaming.wire.outcome import Outcome, Verdict
from streaming.wire.payload import Payload

log = logging.getLogger(__name__)

# As in delivery: a destination in trouble is asked with a few entries.
MOST_WHILE_FAILING = 10
EVENT_TYPE = "X-Audit-Event-Type"


@dataclass(frozen=True, slots=True)
class Report:
    """What one call did. `gave_way`: live delivery has something to do; `more`: nothing speaks against the next one."""

    delivered: int = 0
    more: bool = False
    gave_way: bool = False


def due() -> QuerySet[Replay]:
    """Replays that somebody could work on now: running, free, not waiting, their stream on and with nothing to do."""
    # The row's own columns are compared in the row, not in a subquery: only those are read again after a wait, so that
    # of two workers that claim at the same moment one gets it.
    return Replay.objects.filter(
        Q(leased_until=None) | Q(leased_until__lt=Now()),
        Q(next_attempt_at=None) | Q(next_attempt_at__lte=Now()),
        state=ReplayState.RUNNING,
        pk__in=_quiet().values("pk"),
    )


def free_the_dead() -> int:
    """Give free what processes of this host hold that are not there any more; gives the number of replays."""
    held = Replay.objects.filter(leased_until__gt=Now()).values_list("pk", "lease_owner")
    dead = [pk for pk, owner in held if leasing.is_gone(owner)]
    epoch = F("lease_epoch") + 1
    return Replay.objects.filter(pk__in=dead).update(lease_epoch=epoch, leased_until=None, lease_owner="")


def _quiet() -> QuerySet[Replay]:
    """Running ones whose stream is healthy and has delivered all there is."""
    return Replay.objects.filter(
        state=ReplayState.RUNNING,
        stream__enabled=True,
        stream__cursor__state=State.HEALTHY,
        stream__cursor__place__gte=F("stream__tenant__log_head__last_sequence"),
    )


def _has_room_at_host(replay_id: UUID) -> bool:
    """Whether live delivery leaves room at the stream's host, and less than a quarter of it is taken by replays."""
    cursor = Cursor.objects.filter(stream__replays=replay_id).only("host").first()
    if cursor is None or leasing.room_at_host(cursor.pk) < 1:
        return False
    there = Replay.objects.filter(stream__cursor__host=cursor.host, leased_until__gt=Now()).exclude(
        pk=replay_id
    )
    return not cursor.host or there.count() < max(settings.STREAMS_PER_HOST // 4, 1)


class ReplayRun(AbstractContextManager["ReplayRun"]):
    """One worker's work on one replay, under one lease and over one connection; as `delivery.Run` for a stream."""

    def __init__(self, replay_id: UUID, *, owner: str, client: Client | None = None) -> None:
        self._replay_id, self._owner = replay_id, owner
        self._client = client or environment.client()
        self._now: datetime | None = None
        self.lease: ReplayLease | None = None

    def __enter__(self) -> Self:
        with transaction.atomic():
            if _has_room_at_host(self._replay_id):
                self._claim()
        return self

    def _claim(self) -> None:
        epoch = F("lease_epoch") + 1
        mine = due().filter(pk=self._replay_id)
        if mine.update(lease_owner=self._owner, lease_epoch=epoch, leased_until=Now() + LEASE):
            held = Replay.objects.filter(pk=self._replay_id, lease_owner=self._owner)
            found = held.values_list("lease_epoch", flat=True).first()
            self.lease = None if found is None else ReplayLease(self._replay_id, found)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.close()
        if self.lease is None:
            return
        # Where the database is away, nothing can be written down; the lease runs out by itself.
        if isinstance(error, Exception) and not isinstance(error, DatabaseError) and self._now is not None:
            settling.postpone(self.lease, error)
        self.lease.mine().update(leased_until=None, lease_owner="")

    def send_next_batch(self, *, now: datetime) -> Report:
        """Send the next entries, if the lease stands and live delivery has nothing to do, and settle it."""
        self._now = now
        if self.lease is None:
            return Report()
        if not self.lease.standing(_quiet()).update(leased_until=Now() + LEASE):
            stands = self.lease.standing(Replay.objects.filter(state=ReplayState.RUNNING)).exists()
            return Report(gave_way=stands)
        replay = Replay.objects.select_related("stream__tenant", "stream__cursor").get(pk=self._replay_id)
        attempt = self._attempt(replay, now=now)
        if not settling.settle(attempt, self.lease, now=now):
            log.info("A result for replay %s came too late and was dropped.", self._replay_id)
            return Report()
        return Report(delivered=attempt.verdict.delivered, more=attempt.at_once)

    def _attempt(self, replay: Replay, *, now: datetime) -> Attempt:
        """Read, encode, send, judge. Where nothing in reach is to be sent, the place moves without a request."""
        stream = replay.stream
        try:
            kind = destination(stream.destination_kind)
            target = _target(replay)
            most = kind.most_for(target)
            reach = min(replay.place + MOST_LOOKED_AT, replay.last_sequence)
            waiting = payloads_between(stream, replay.place, reach, most=most)
        except (LookupError, SettingsError, TokenUnreadable, FilterUnusable) as error:
            verdict = Verdict(outcome=Outcome.HELD_FOR_SETTINGS, reason=str(error), code="settings_invalid")
            return Attempt(replay, (), verdict, through=replay.place)
        if not waiting:
            verdict = Verdict(outcome=Outcome.DELIVERED, reason="", code="nothing_to_send")
            return Attempt(replay, (), verdict, through=reach)
        batch = kind.take(waiting, target, most=_limit(replay, most))
        through = reach if len(batch) == len(waiting) < most else batch[-1].sequence
        verdict, answer = self._sent(kind, batch, target, now=now)
        smaller = reduced(batch[0], verdict) if len(batch) == 1 else None
        if smaller is not None:
            verdict, answer = self._sent(kind, [smaller], target, now=now)
        verdict = confirmed(verdict, replay, client=self._client, kind=kind, target=target)
        verdict = verdict.after(replay.failures + 1)
        return Attempt(replay, batch, verdict, through=through, answer=answer)

    def _sent(
        self, kind: Destination, batch: Sequence[Payload], target: Target, *, now: datetime
    ) -> tuple[Verdict, Answer]:
        answer = self._client.send(_marked(kind.encode(batch, target, now=now)))
        return kind.judge(answer, sent=batch, target=target, now=now), answer


def _target(replay: Replay) -> Target:
    """The stream's, over a channel of its own: an intake that knows a repeated batch by its key takes it anew."""
    target = target_of(replay.stream)
    name = sha256(replay.pk.bytes + target.channel.bytes).digest()[:16]
    return replace(target, channel=UUID(bytes=name, version=4))


def _marked(request: Request) -> Request:
    """With the header that says what this is, where the destination has one; the body is the same."""
    if EVENT_TYPE not in request.headers:
        return request
    return replace(request, headers={**request.headers, EVENT_TYPE: "replay"})


def _limit(replay: Replay, most: int) -> int:
    limit = min(replay.batch_limit or most, most)
    return min(limit, MOST_WHILE_FAILING) if replay.failures else limit
