"""Who works on a stream: a lease in the database with an epoch that fences off whoever held it before.

Everything is compared with the database's clock, and every step is one conditional UPDATE: no lock is held while a
request is on its way.
"""

from __future__ import annotations

import os
import socket
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID, uuid4

from django.db.models import F, Q
from django.db.models.functions import Now

from streaming.models import LEASE, Cursor, Stream

# Said of the row itself, and not only in a subquery as a condition over a join becomes: who waited for somebody else's
# change of the row looks at these again, at a subquery never, and two would hold the stream.
_FREE = Q(leased_until=None) | Q(leased_until__lt=Now())
_ITS_TIME = Q(next_attempt_at=None) | Q(next_attempt_at__lte=Now())


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to deliver a stream until it runs out; `epoch` is its fencing token."""

    stream_id: UUID
    epoch: int


def claim(stream_id: UUID, *, owner: str) -> Lease | None:
    """The lease of a stream that is due, or None where it is not due or somebody else works on it."""
    due = Cursor.objects.due().filter(pk=stream_id)
    mine = Cursor.objects.filter(_FREE, _ITS_TIME, pk=stream_id, pk__in=due.values("pk")).update(
        lease_owner=owner, lease_epoch=F("lease_epoch") + 1, leased_until=Now() + LEASE
    )
    if not mine:
        return None
    epoch = (
        Cursor.objects.filter(pk=stream_id, lease_owner=owner).values_list("lease_epoch", flat=True).first()
    )
    return None if epoch is None else Lease(stream_id, epoch)


def owner_name() -> str:
    """A name for one run of this process: host, its space of process ids, process id, and something unique."""
    return f"{_neighbourhood()}|{os.getpid()}|{uuid4().hex[:12]}"


def free_the_dead() -> int:
    """Give free what processes of this host hold that are not there any more; gives the number of streams.

    A worker that was killed would otherwise keep its streams until their leases run out. Processes that cannot be
    seen from here, on other hosts or in other containers, are left alone.
    """
    held = Cursor.objects.filter(leased_until__gt=Now()).values_list("pk", "lease_owner")
    dead = [pk for pk, owner in held if is_gone(owner)]
    for stream_id in dead:
        fence_off(stream_id)
    return len(dead)


def is_gone(owner: str) -> bool:
    """Whether it names a run of a process that was of this host, and is not there any more."""
    return owner.startswith(f"{_neighbourhood()}|") and not _lives(int(owner.split("|")[1]))


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
    Cursor.objects.filter(pk=lease.stream_id, lease_epoch=lease.epoch).update(
        leased_until=None, lease_owner=""
    )


def fence_off(stream_id: UUID) -> None:
    """Take the stream away from whoever works on it: their result will not count."""
    Cursor.objects.filter(pk=stream_id).update(
        lease_epoch=F("lease_epoch") + 1, leased_until=None, lease_owner=""
    )
