"""Asking for an export: the promise is made and recorded before anything is written."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Max

from audit import recording
from audit.callers import actor_of
from audit.catalog.areas.tenant_admin_settings import AUDIT_LOGS_EXPORTED
from audit.drafts import Context, Draft
from audit.exports.leasing import take_turns
from audit.models import Export, ExportState, Person, Tenant

AN_HOUR = 5
"""So many prepared exports may one person ask for in an hour (requirement Z8)."""
HOUR = timedelta(hours=1)


class TooMany(Exception):
    """The person has asked for as many as they may; `again_at` is when they may ask again."""

    def __init__(self, again_at: datetime) -> None:
        self.again_at = again_at
        super().__init__(
            f"You have started {AN_HOUR} large exports within an hour, which is as many as you may."
        )


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be taken away: `filters` is the query of the log's address, `words` says it to people.

    `promised` entries were counted among those up to `last_sequence`.
    """

    file_format: str
    filters: str
    promised: int
    last_sequence: int
    compressed: bool = False
    words: tuple[str, ...] = ()
    time_zone: str = "UTC"


@dataclass(frozen=True, slots=True)
class Asker:
    """Who takes something away, and from where."""

    tenant: Tenant
    person: Person
    context: Context


def record(wanted: Wanted, *, by: Asker, now: datetime) -> None:
    """Decision 8: who took what away. Nothing is sent or written unless this is in the log."""
    parameters = {
        "format": wanted.file_format,
        "filters": wanted.filters or "none",
        "row_count": wanted.promised,
    }
    draft = Draft(AUDIT_LOGS_EXPORTED, actor_of(by.person), parameters=parameters, context=by.context)
    recording.record(tenant=by.tenant, draft=draft, now=now)


def ask(wanted: Wanted, *, by: Asker, now: datetime) -> Export:
    """An export that waits for a worker. Raises TooMany."""
    with transaction.atomic():
        take_turns(f"person {by.person.pk}")
        take_turns(f"tenant {by.tenant.pk}")
        _check(by.person, now)
        last = Export.objects.filter(tenant=by.tenant).aggregate(last=Max("number"))["last"] or 0
        export = Export.objects.create(
            tenant=by.tenant,
            person=by.person,
            number=last + 1,
            file_format=wanted.file_format,
            compressed=wanted.compressed,
            filters=wanted.filters,
            words=list(wanted.words),
            time_zone=wanted.time_zone,
            last_sequence=wanted.last_sequence,
            promised=wanted.promised,
            asked_at=now,
        )
        record(wanted, by=by, now=now)  # last: it locks the head of the log
    return export


def cancel(export: Export, *, now: datetime) -> bool:
    """End an export that waits or runs; whoever writes it notices within a second. False where it has ended."""
    mine = Export.objects.open().filter(pk=export.pk)
    return bool(
        mine.update(
            state=ExportState.CANCELLED,
            finished_at=now,
            leased_until=None,
            lease_epoch=F("lease_epoch") + 1,
        )
    )


def _check(person: Person, now: datetime) -> None:
    recent = Export.objects.filter(person=person, asked_at__gt=now - HOUR).order_by("-asked_at")
    times = list(recent.values_list("asked_at", flat=True)[:AN_HOUR])
    if len(times) >= AN_HOUR:
        raise TooMany(times[-1] + HOUR)
