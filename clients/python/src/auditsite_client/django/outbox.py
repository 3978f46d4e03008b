"""Sends what committed transactions left in the outbox, each tenant at its own pace."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Self
from uuid import UUID, uuid4

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet

from auditsite_client.django.configured import options, poster_for
from auditsite_client.django.models import OutboxClaim, OutboxEntry
from auditsite_client.posting import Poster
from auditsite_client.queue import Queued
from auditsite_client.sending import Sender

# How long the entries of a killed sender are left alone. A request that takes longer may be sent by a second one
# as well, which does no harm.
CLAIMED = timedelta(seconds=15)
CLAIMED_ELSEWHERE = 1.0


class TenantOutbox:
    """A tenant's committed rows, as the sender takes them."""

    def __init__(self, tenant: str, using: str) -> None:
        self._tenant, self._using = tenant, using

    def next_batch(self, *, most: int, size: int) -> list[Queued]:
        batch: list[Queued] = []
        for number, text in self._waiting().order_by("id").values_list("id", "body")[:most].iterator(200):
            body = text.encode()
            size -= len(body) + 1
            if size < 0 and batch:
                break
            batch.append(Queued(number, body))
        return batch

    def remove(self, ids: Sequence[int]) -> None:
        OutboxEntry.objects.using(self._using).filter(pk__in=ids).delete()

    def set_aside(self, refused: Mapping[int, str], *, now: datetime) -> None:
        for number, reason in refused.items():
            self._waiting().filter(pk=number).update(set_aside=reason, set_aside_at=now)

    def _waiting(self) -> QuerySet[OutboxEntry]:
        return OutboxEntry.objects.using(self._using).filter(tenant=self._tenant, set_aside="")


class Outbox:
    """The whole outbox of a database. One object a thread; any number of processes."""

    def __init__(self, using: str) -> None:
        self._using, self._holder = using, uuid4()
        self._senders: dict[str, Sender] = {}
        self._posters: list[Poster] = []
        self._due: dict[str, float] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the connections to the server."""
        for poster in self._posters:
            poster.close()

    def send_due(self) -> float | None:
        """A batch for each tenant whose turn it is. None: nothing waits; else seconds until the next turn."""
        waiting = set(
            OutboxEntry.objects.using(self._using)
            .filter(set_aside="")
            .order_by()
            .values_list("tenant", flat=True)
            .distinct()
        )
        for tenant in sorted(waiting):
            if self._due.get(tenant, 0.0) <= time.monotonic():
                self._due[tenant] = time.monotonic() + self._send(tenant)
        if not waiting:
            return None
        return max(min(self._due[tenant] for tenant in waiting) - time.monotonic(), 0.0)

    def states(self) -> dict[str, tuple[str, str]]:
        """By tenant: `sending`, `retrying` or `held`, and what the server said last."""
        return {tenant: (sender.state, sender.reason) for tenant, sender in self._senders.items()}

    def _send(self, tenant: str) -> float:
        if not claim(tenant, self._holder, using=self._using, now=datetime.now(UTC)):
            return CLAIMED_ELSEWHERE
        try:
            return self._sender(tenant).send_next() or 0.0
        finally:
            release(tenant, self._holder, using=self._using)

    def _sender(self, tenant: str) -> Sender:
        if tenant not in self._senders:
            poster = poster_for(tenant)
            self._posters.append(poster)
            source = TenantOutbox(tenant, self._using)
            self._senders[tenant] = Sender(source, poster.post, longest_pause=options().longest_pause)
        return self._senders[tenant]


def claim(tenant: str, holder: UUID, *, using: str, now: datetime) -> bool:
    """Whether this holder may send now. Two at once would do no harm (the server knows the ids), only work twice."""
    until = now + CLAIMED
    claims = OutboxClaim.objects.using(using)
    if claims.filter(Q(until__lt=now) | Q(holder=holder), tenant=tenant).update(holder=holder, until=until):
        return True
    try:
        with transaction.atomic(using=using):
            claims.create(tenant=tenant, holder=holder, until=until)
    except IntegrityError:
        return False
    return True


def release(tenant: str, holder: UUID, *, using: str) -> None:
    OutboxClaim.objects.using(using).filter(tenant=tenant, holder=holder).delete()
