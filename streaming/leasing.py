"""Who works on a stream: a lease in the database with an epoch that fences off whoever held it before.

Everything is compared with the database's clock, and every step is one conditional UPDATE: no lock is held while a
request is on its way.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.db.models import F
from django.db.models.functions import Now

from streaming.models import LEASE, Cursor


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to deliver a stream until it runs out; `epoch` is its fencing token."""

    stream_id: UUID
    epoch: int


def claim(stream_id: UUID, *, owner: str) -> Lease | None:
    """The lease of a stream that is due, or None where it is not due or somebody else works on it."""
    mine = (
        Cursor.objects.due()
        .filter(pk=stream_id)
        .update(lease_owner=owner, lease_epoch=F("lease_epoch") + 1, leased_until=Now() + LEASE)
    )
    if not mine:
        return None
    epoch = (
        Cursor.objects.filter(pk=stream_id, lease_owner=owner).values_list("lease_epoch", flat=True).first()
    )
    return None if epoch is None else Lease(stream_id, epoch)


def renew(lease: Lease) -> bool:
    """Give the lease its full time again; False where it is lost, or the stream was switched off."""
    mine = Cursor.objects.filter(pk=lease.stream_id, lease_epoch=lease.epoch, leased_until__gt=Now())
    return bool(mine.filter(stream__enabled=True).update(leased_until=Now() + LEASE))


def release(lease: Lease) -> None:
    Cursor.objects.filter(pk=lease.stream_id, lease_epoch=lease.epoch).update(
        leased_until=None, lease_owner=""
    )


def fence_off(stream_id: UUID) -> None:
    """Take the stream away from whoever works on it: their result will not count."""
    Cursor.objects.filter(pk=stream_id).update(
        lease_epoch=F("lease_epoch") + 1, leased_until=None, lease_owner=""
    )
