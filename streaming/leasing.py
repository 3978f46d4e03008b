"""Who works on a stream: a lease in the database with an epoch that fences off whoever held it before.

Everything is compared with the database's clock, and every step is one conditional UPDATE: no lock is held while a
request is on its way. Claims for one host:port take turns, so that they can be counted: all workers together ask a
host with AUDITSITE_STREAMS_PER_HOST requests at a time at most, and with a quarter of that for streams in trouble.
"""

from __future__ import annotations

import os
import socket
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID, uuid4

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Now

from streaming.models import LEASE, Cursor, Stream

# Said of the row itself, and not only in a subquery as a condition over a join becomes: who waited for somebody else's
# change of the row looks at these again, at a subquery never, and two would hold the stream.
_FREE = Q(leased_until=None) | Q(leased_until__lt=Now())
_ITS_TIME = Q(next_attempt_at=None) | Q(next_attempt_at__lte=Now())
_TAKE_TURNS = """
SELECT host, failures > 0, pg_advisory_xact_lock(hashtextextended('streams at ' || host, 0))
FROM streaming_cursor WHERE stream_id = %s AND host <> ''
"""
_AT_WORK = """
SELECT count(*), count(*) FILTER (WHERE failures > 0) FROM streaming_cursor WHERE host = %s AND leased_until > now()
"""

# Owners whose runs are under way in this process.
_working: set[str] = set()


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to deliver a stream until it runs out; `epoch` is its fencing token.

    `crowded`: with this one its host has as many as it may have, so that others may be waiting for its end.
    """

    stream_id: UUID
    epoch: int
    crowded: bool = False
    owner: str = ""


def claim(stream_id: UUID, *, owner: str) -> Lease | None:
    """The lease of a stream that is due; None where it is not, somebody else works on it, or its host has no room."""
    lease = None
    _working.add(owner)
    try:
        with transaction.atomic():
            room = room_at_host(stream_id)
            lease = _claim(stream_id, owner=owner, crowded=room == 1) if room > 0 else None
    finally:
        if lease is None:
            _working.discard(owner)
    return lease


def room_at_host(stream_id: UUID) -> int:
    """How many more may work on the stream's host, for those who are in trouble if it is; its claims take turns.

    Call it in the transaction that claims.
    """
    most = settings.STREAMS_PER_HOST
    with connection.cursor() as cursor:
        cursor.execute(_TAKE_TURNS, [stream_id])
        row = cursor.fetchone()
        if row is None:
            return most + 1
        host, in_trouble, _ = row
        cursor.execute(_AT_WORK, [host])
        at_work: tuple[int, int] = cursor.fetchone()
    room = most - at_work[0]
    return min(room, max(most // 4, 1) - at_work[1]) if in_trouble else room


def waiting_for_host_of(stream_id: UUID) -> UUID | None:
    """A stream that is due and goes to the same host as this one; those that are in no trouble first."""
    host = Cursor.objects.filter(pk=stream_id).exclude(host="").values("host")
    others = Cursor.objects.due().filter(host__in=host).exclude(pk=stream_id)
    return others.order_by("failures", "next_attempt_at").values_list("pk", flat=True).first()


def _claim(stream_id: UUID, *, owner: str, crowded: bool) -> Lease | None:
    due = Cursor.objects.due().filter(pk=stream_id)
    mine = Cursor.objects.filter(_FREE, _ITS_TIME, pk=stream_id, pk__in=due.values("pk")).update(
        lease_owner=owner, lease_epoch=F("lease_epoch") + 1, leased_until=Now() + LEASE
    )
    if not mine:
        return None
    epoch = (
        Cursor.objects.filter(pk=stream_id, lease_owner=owner).values_list("lease_epoch", flat=True).first()
    )
    return None if epoch is None else Lease(stream_id, epoch, crowded, owner)


def owner_name() -> str:
    """A name for one run of this process: host, its space of process ids, process id, and something unique."""
    return f"{_neighbourhood()}|{os.getpid()}|{uuid4().hex[:12]}"


def free_the_dead() -> int:
    """Give free what processes of this host hold that are not there any more; gives the number of streams.

    A worker that was killed would otherwise keep its streams until their leases run out, and so would a run of this
    process that ended while the database did not answer. Processes that cannot be seen from here, on other hosts or
    in other containers, are left alone.
    """
    held = Cursor.objects.filter(leased_until__gt=Now()).values_list("pk", "lease_owner")
    dead = [(pk, owner) for pk, owner in held if is_gone(owner) or _has_ended_here(owner)]
    # Somebody else may have freed it meanwhile, and a third one work on it by now.
    return sum(_fence_off(Cursor.objects.filter(pk=pk, lease_owner=owner)) for pk, owner in dead)


def is_gone(owner: str) -> bool:
    """Whether it names a run of a process that was of this host, and is not there any more."""
    return owner.startswith(f"{_neighbourhood()}|") and not _lives(int(owner.split("|")[1]))


def _has_ended_here(owner: str) -> bool:
    return owner.startswith(f"{_neighbourhood()}|{os.getpid()}|") and owner not in _working


def _neighbourhood() -> str:
    """Names those processes whose ids mean something here: the host and, on Linux, the namespace of ids."""
    space = Path("/proc/self/ns/pid")
    return f"{socket.gethostname()}/{space.readlink() if space.exists() else ''}"[:70]


def _lives(process_id: int) -> bool:
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def renew(lease: Lease) -> bool:
    """Give the lease its full time again; False where it is lost, or the stream was switched off."""
    enabled = Stream.objects.filter(pk=lease.stream_id, enabled=True)
    mine = Cursor.objects.filter(lease_epoch=lease.epoch, leased_until__gt=Now(), pk__in=enabled.values("pk"))
    return bool(mine.update(leased_until=Now() + LEASE))


def release(lease: Lease) -> None:
    _working.discard(lease.owner)
    Cursor.objects.filter(pk=lease.stream_id, lease_epoch=lease.epoch).update(
        leased_until=None, lease_owner=""
    )


def fence_off(stream_id: UUID) -> None:
    """Take the stream away from whoever works on it: their result will not count."""
    _fence_off(Cursor.objects.filter(pk=stream_id))


def _fence_off(cursors: QuerySet[Cursor]) -> int:
    return cursors.update(lease_epoch=F("lease_epoch") + 1, leased_until=None, lease_owner="")
