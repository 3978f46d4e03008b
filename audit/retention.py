"""How long entries are kept, and the removal of whole months that are past it.

A month goes when it is past the retention of every tenant that has entries in it, by both times of an entry, so that
a wrong clock removes nothing early. Nothing goes while one of these tenants has a legal hold or a stream that still
has to deliver from it. One transaction keeps the leaf hashes, tells each tenant in its own log what was removed, and
drops the partition (docs/decisions/0007).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db.backends.utils import CursorWrapper

from audit import recording
from audit.canonical import timestamp
from audit.catalog.areas import tenant_admin_settings as events
from audit.drafts import Actor, Draft
from audit.models import Tenant
from audit.partitions import LOG, Busy, Month, alone, months, patient, several_times
from audit.people import By

RETENTION = Actor(name="Retention", type="system")

StillNeeded = Callable[[], Mapping[UUID, int]]
"""For tenants whose streams have yet to deliver: the first sequence that they still need."""


@dataclass(frozen=True, slots=True)
class Share:
    """One tenant's entries in a month."""

    tenant: Tenant
    entries: int
    first: int
    last: int
    recorded_until: datetime


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a month that is past the floor: removed (by a dry run: would be), or kept for reasons."""

    month: Month
    shares: Sequence[Share]
    kept_because: Sequence[str]
    removed: bool

    def as_json(self) -> dict[str, Any]:
        return {
            "partition": self.month.name,
            "from": timestamp(self.month.first),
            "to": timestamp(self.month.until),
            "entries": sum(share.entries for share in self.shares),
            "tenants": sorted(share.tenant.slug for share in self.shares),
            "removed": self.removed,
            "kept_because": list(self.kept_because),
        }


def days_of(tenant: Tenant) -> int:
    """For how many days the tenant's entries are kept at least: never less than the operator's floor."""
    floor: int = settings.RETENTION_DAYS
    return max(floor, tenant.retention_days or floor)


def check_days(days: int | None) -> None:
    """Raise ValidationError unless a tenant may keep its entries for so many days; None is the operator's own."""
    if days is not None and days < settings.RETENTION_DAYS:
        raise ValidationError(
            f"Entries are kept for at least {settings.RETENTION_DAYS} days. Write that or more."
        )


def record_change(tenant: Tenant, *, previous_days: int | None, previous_hold: bool, by: By) -> None:
    """Record in the tenant's log that its retention or its legal hold was changed; None is the operator's floor."""
    told: dict[str, Any] = {
        "days": days_of(tenant),
        "previous_days": max(previous_days or 0, settings.RETENTION_DAYS),
    }
    if tenant.legal_hold != previous_hold:
        told["legal_hold"] = "set" if tenant.legal_hold else "lifted"
    draft = Draft(events.AUDIT_LOG_RETENTION_UPDATED, by.actor, parameters=told, context=by.context)
    recording.record(tenant=tenant, draft=draft, now=by.now)


def apply_retention(
    *, now: datetime, still_needed: StillNeeded, dry_run: bool = False, undelivered: bool = False
) -> list[Outcome]:
    """Remove the months that are past everybody's retention; one outcome for each that is past the floor.

    `undelivered` removes also what streams have yet to deliver. A dry run changes nothing. Raises Busy where another
    process is at it; a month that is in use is kept until the next time.
    """
    old = [m for m in months() if m.until <= now - timedelta(days=settings.RETENTION_DAYS)]
    needed = {} if undelivered else still_needed()
    if dry_run:
        return [_looked_at(month, needed, now=now) for month in old]
    with alone():
        return [_tried(month, needed, now=now) for month in old]


def _looked_at(month: Month, needed: Mapping[UUID, int], *, now: datetime) -> Outcome:
    with patient() as cursor:
        shares = _shares(cursor, month)
    reasons = _reasons(shares, needed, month=month, now=now)
    return Outcome(month, shares, reasons, removed=not reasons)


def _tried(month: Month, needed: Mapping[UUID, int], *, now: datetime) -> Outcome:
    try:
        return several_times(partial(_remove, month, needed, now=now))
    except Busy as busy:
        return Outcome(month, (), [str(busy)], removed=False)


def _remove(month: Month, needed: Mapping[UUID, int], *, now: datetime) -> Outcome:
    """Remove one month, or say why not. Locks heads before the log, as writers do, and the log last and briefly."""
    with patient() as cursor:
        shares = _shares(cursor, month, lock=True)
        reasons = _reasons(shares, needed, month=month, now=now)
        if reasons:
            return Outcome(month, shares, reasons, removed=False)
        leaves = f"SELECT tenant_id, sequence, leaf_hash FROM ONLY {month.name}"  # noqa: S608 - from the catalog
        cursor.execute(f"INSERT INTO audit_keptleaf (tenant_id, sequence, leaf_hash) {leaves}")
        cursor.execute(f"LOCK TABLE ONLY {month.name} IN SHARE MODE")
        _check_nothing_came(cursor, month, shares)
        cursor.execute(
            "DELETE FROM audit_entrycount WHERE hour >= %s AND hour < %s", [month.first, month.until]
        )
        for share in shares:
            _tell(share, month, now=now)
        cursor.execute(f"ALTER TABLE {LOG} DETACH PARTITION {month.name}")
        cursor.execute(f"DROP TABLE {month.name}")
    return Outcome(month, shares, (), removed=True)


def _shares(cursor: CursorWrapper, month: Month, *, lock: bool = False) -> list[Share]:
    """Who has entries in the month; with `lock`, nobody changes these tenants' retention meanwhile."""
    sums = "tenant_id, count(*), min(sequence), max(sequence), max(recorded_at)"
    cursor.execute(f"SELECT {sums} FROM ONLY {month.name} GROUP BY 1")  # noqa: S608 - from the catalog
    found = {row[0]: row[1:] for row in cursor.fetchall()}
    tenants = Tenant.objects.filter(pk__in=found).order_by("pk")
    if lock:
        tenants = tenants.select_for_update(no_key=True)
    return [Share(tenant, *found[tenant.pk]) for tenant in tenants]


def _reasons(
    shares: Sequence[Share], needed: Mapping[UUID, int], *, month: Month, now: datetime
) -> list[str]:
    """Why the month stays, a sentence for each tenant that needs it."""
    reasons = []
    for share in shares:
        tenant, days = share.tenant, days_of(share.tenant)
        if tenant.legal_hold:
            reasons.append(f"{tenant.slug} has a legal hold.")
        elif max(month.until, share.recorded_until) > now - timedelta(days=days):
            reasons.append(f"{tenant.slug} keeps its entries for {days} days.")
        elif needed.get(tenant.pk, share.last + 1) <= share.last:
            reasons.append(
                f"{tenant.slug} has a stream that has yet to deliver from entry {needed[tenant.pk]} on."
            )
    return reasons


def _check_nothing_came(cursor: CursorWrapper, month: Month, shares: Sequence[Share]) -> None:
    """Raise Busy if an entry came in since the look. Its sequence is above all that its tenant had (decision 0001)."""
    question = f"""SELECT EXISTS (SELECT FROM audit_tenant t
        LEFT JOIN unnest(%s::uuid[], %s::bigint[]) AS seen (tenant_id, last) ON seen.tenant_id = t.id
        WHERE EXISTS (SELECT FROM ONLY {month.name} p
                      WHERE p.tenant_id = t.id AND p.sequence > coalesce(seen.last, 0)))"""  # noqa: S608 - as above
    cursor.execute(question, [[share.tenant.pk for share in shares], [share.last for share in shares]])
    if cursor.fetchone() != (False,):
        raise Busy("Entries came into the month just now.")


def _tell(share: Share, month: Month, *, now: datetime) -> None:
    told = {
        "entries": share.entries,
        "first_sequence": share.first,
        "last_sequence": share.last,
        "from": timestamp(month.first),
        "to": timestamp(month.until),
    }
    details = f"{share.entries:,} entries of {month.first:%B %Y} were removed. Their leaf hashes are kept."
    draft = Draft(events.AUDIT_LOG_RETENTION_APPLIED, RETENTION, parameters=told, details=details)
    recording.record(tenant=share.tenant, draft=draft, now=now)
