"""Who writes an export: a lease in the database. Every step is one conditional UPDATE, by the database's clock.

`lease_epoch` tells the holder from whoever held it before; it changes with each claim, and when a lease is taken away.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import F
from django.db.models.functions import Now

from audit.models import Export, ExportState
from audit.models.exports import LASTS, MOST_ATTEMPTS

LEASE = timedelta(seconds=30)
AT_ONCE = 2
"""So many exports of a tenant are written at a time."""
INTERRUPTED = (
    f"Its writing was interrupted {MOST_ATTEMPTS} times. Try again; if it fails again, tell your operator."
)


def take_turns(name: str) -> None:
    """Wait until nobody else is between this and the end of their transaction, for the same name."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"exports of {name}"])


def claim(export_id: UUID, *, owner: str) -> Export | None:
    """The export, to be written by `owner`; None where it is not due, or its tenant has enough at work."""
    tenant_id = Export.objects.filter(pk=export_id).values_list("tenant_id", flat=True).first()
    if tenant_id is None:
        return None
    with transaction.atomic():
        take_turns(f"tenant {tenant_id}")
        if Export.objects.at_work().filter(tenant_id=tenant_id).count() >= AT_ONCE:
            return None
        mine = Export.objects.due().filter(pk=export_id)
        taken = mine.update(
            state=ExportState.RUNNING,
            lease_owner=owner,
            lease_epoch=F("lease_epoch") + 1,
            leased_until=Now() + LEASE,
            attempts=F("attempts") + 1,
            written=0,
            started_at=Now(),
        )
        return Export.objects.select_related("tenant", "person").get(pk=export_id) if taken else None


def renew(export: Export, *, written: int) -> bool:
    """Give the lease its full time again and say how far the file is; False where the lease is lost."""
    return _update(export, leased_until=Now() + LEASE, written=written)


def ready(export: Export, *, written: int, size: int, sha256: str) -> bool:
    """Whether the file counts: it does not if the lease was lost meanwhile."""
    return _update(
        export,
        state=ExportState.READY,
        written=written,
        size=size,
        sha256=sha256,
        leased_until=None,
        finished_at=Now(),
        expires_at=Now() + LASTS,
    )


def fail(export: Export, *, written: int, reason: str) -> bool:
    """End the export for good; `reason` is for the person who asked, and says what to do."""
    return _update(
        export,
        state=ExportState.FAILED,
        written=written,
        failure=reason,
        leased_until=None,
        finished_at=Now(),
    )


def put_back(export: Export) -> bool:
    """Let somebody else begin anew, as if this attempt had not been."""
    return _update(
        export, state=ExportState.WAITING, leased_until=None, attempts=F("attempts") - 1, written=0
    )


def let_go(export: Export) -> bool:
    """Let somebody else begin anew, or give up if this was the last attempt."""
    return _update(export, leased_until=Now())


def free_the_dead(*, is_gone: Callable[[str], bool]) -> int:
    """Let go of what processes hold of which `is_gone` knows that they are not there any more."""
    held = Export.objects.at_work().values_list("pk", "lease_owner")
    gone = [(pk, owner) for pk, owner in held if is_gone(owner)]
    return sum(
        Export.objects.at_work().filter(pk=pk, lease_owner=owner).update(leased_until=Now())
        for pk, owner in gone
    )


def give_up() -> int:
    """Fail what was interrupted too often; gives the number of exports."""
    return Export.objects.given_up().update(
        state=ExportState.FAILED,
        failure=INTERRUPTED,
        finished_at=Now(),
        leased_until=None,
        lease_epoch=F("lease_epoch") + 1,
    )


def _update(export: Export, **fields: Any) -> bool:
    mine = Export.objects.filter(
        pk=export.pk, lease_epoch=export.lease_epoch, state=ExportState.RUNNING, leased_until__gt=Now()
    )
    return bool(mine.update(**fields))
