"""The one door through which entries are written.

One transaction: the tenant's head is locked last, sequences are taken, canonical bytes made and hashed, rows
written, the head moved. The lock is held until the transaction ends, so that commit order is sequence order; call
this as the last thing that a transaction does.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from django.db import connection, transaction
from psycopg.types.json import Jsonb
from uuid_utils.compat import uuid7

from audit.canonical import SALT_LENGTH, SCHEMA, canonical_bytes, leaf_hash, timestamp
from audit.drafts import Draft, DraftRefused, Problem
from audit.models import AuditEntry, ExternalId, LogHead, Tenant
from audit.signals import entries_recorded

# What Auditsite records of itself names itself as the producer.
OURSELVES = "auditsite"

COLUMNS = (
    "id", "tenant_id", "sequence", "event", "area", "category", "action", "workspace_id", "workspace_name", "done_by",
    "actor_type", "actor_id", "actor_email", "actor_name", "parameters", "details", "target", "outcome", "ip",
    "occurred_at", "recorded_at", "producer", "external_id", "body", "salt", "leaf_hash",
)  # fmt: skip
COPY = f"COPY {AuditEntry._meta.db_table} ({', '.join(COLUMNS)}) FROM STDIN"  # noqa: SLF001 - Django's public Meta
COPY_IDS = f"COPY {ExternalId._meta.db_table} (tenant_id, external_id, sequence) FROM STDIN"  # noqa: SLF001


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of a batch. `sequences` has one number a draft: its own, or that of the entry it repeats."""

    accepted: int
    duplicates: int
    sequences: tuple[int, ...]

    @property
    def first_sequence(self) -> int | None:
        return min(self.sequences, default=None)

    @property
    def last_sequence(self) -> int | None:
        return max(self.sequences, default=None)


def record(*, tenant: Tenant, draft: Draft, now: datetime, producer: str = OURSELVES) -> Receipt:
    """Record one entry in the tenant's log; see `record_many`."""
    return record_many(tenant=tenant, drafts=[draft], now=now, producer=producer)


def record_many(
    *, tenant: Tenant, drafts: Sequence[Draft], now: datetime, producer: str = OURSELVES
) -> Receipt:
    """Record all of the drafts, in their order, or none of them.

    A draft whose `external_id` the tenant's log holds already is counted as a duplicate and not written again.
    Raises DraftRefused with problems located as ``/<index>/<field>``. After commit the signal `entries_recorded`
    is sent; a receiver that fails does not fail the recording.
    """
    check(drafts)
    if not drafts:
        return Receipt(0, 0, ())
    with transaction.atomic():
        head = _locked_head(tenant)
        known = _known(tenant, drafts)
        fresh, sequences = _numbered(drafts, known, first=head + 1)
        if fresh:
            _write(tenant, fresh, first=head + 1, now=now, producer=producer)
            LogHead.objects.filter(pk=tenant.pk).update(last_sequence=head + len(fresh))
            transaction.on_commit(lambda: _announce(tenant), robust=True)
    return Receipt(len(fresh), len(drafts) - len(fresh), tuple(sequences))


def check(drafts: Sequence[Draft]) -> None:
    """Raise DraftRefused unless each draft can be recorded, with problems located as ``/<index>/<field>``."""
    problems: list[Problem] = []
    for index, draft in enumerate(drafts):
        try:
            draft.check()
        except DraftRefused as refused:
            problems += [Problem(f"/{index}{p.loc}", p.msg, p.type) for p in refused.problems]
    if problems:
        raise DraftRefused(problems)


def _announce(tenant: Tenant) -> None:
    entries_recorded.send_robust(AuditEntry, tenant_id=tenant.pk)


def _locked_head(tenant: Tenant) -> int:
    """The tenant's last sequence, under a lock that is held until the transaction ends."""
    heads = LogHead.objects.select_for_update().filter(pk=tenant.pk).values_list("last_sequence", flat=True)
    head = heads.first()
    if head is None:
        LogHead.objects.bulk_create([LogHead(tenant=tenant)], ignore_conflicts=True)
        head = heads.get()
    return head


def _known(tenant: Tenant, drafts: Sequence[Draft]) -> dict[str, int]:
    ids = [draft.external_id for draft in drafts if draft.external_id is not None]
    if not ids:
        return {}
    found = ExternalId.objects.filter(tenant_id=tenant.pk, external_id__in=ids)
    return dict(found.values_list("external_id", "sequence"))


def _numbered(drafts: Sequence[Draft], known: dict[str, int], *, first: int) -> tuple[list[Draft], list[int]]:
    """The drafts that are new, and for every draft the sequence that it has or gets."""
    fresh: list[Draft] = []
    sequences: list[int] = []
    for draft in drafts:
        earlier = known.get(draft.external_id) if draft.external_id is not None else None
        sequence = first + len(fresh) if earlier is None else earlier
        sequences.append(sequence)
        if earlier is None:
            fresh.append(draft)
            if draft.external_id is not None:
                known[draft.external_id] = sequence
    return fresh, sequences


def _write(tenant: Tenant, drafts: Sequence[Draft], *, first: int, now: datetime, producer: str) -> None:
    # COPY is psycopg's own: its errors become Django's here, as those of every other statement.
    with connection.wrap_database_errors, connection.cursor() as cursor:
        with cursor.copy(COPY) as copy:
            for row in _rows(tenant, drafts, first=first, now=now, producer=producer):
                copy.write_row(row)
        with_ids = [(n, d.external_id) for n, d in enumerate(drafts, first) if d.external_id is not None]
        if with_ids:
            with cursor.copy(COPY_IDS) as copy:
                for sequence, external_id in with_ids:
                    copy.write_row((tenant.pk, external_id, sequence))


def _rows(
    tenant: Tenant, drafts: Sequence[Draft], *, first: int, now: datetime, producer: str
) -> Iterator[tuple[Any, ...]]:
    salts = os.urandom(SALT_LENGTH * len(drafts))
    told = {"id": str(tenant.pk), "slug": tenant.slug, "name": tenant.name}
    for index, draft in enumerate(drafts):
        document = _document(draft, sequence=first + index, now=now, producer=producer)
        body = canonical_bytes({**document, "tenant": told})
        salt = salts[index * SALT_LENGTH : (index + 1) * SALT_LENGTH]
        yield _row(tenant, draft, document, body=body, salt=salt, now=now)


def _row(
    tenant: Tenant, draft: Draft, document: dict[str, Any], *, body: bytes, salt: bytes, now: datetime
) -> tuple[Any, ...]:
    event, actor, place = draft.event, draft.actor, draft.workspace
    return (
        document["id"], tenant.pk, document["sequence"], event.code, event.area.code, event.category.value, event.label,
        place and place.id, place.name if place else "", actor.done_by,
        actor.type, actor.id, actor.email, actor.name, Jsonb(draft.parameters), draft.details,
        Jsonb(document["target"]) if draft.target else None, draft.outcome,
        draft.context and draft.context.ip, draft.occurred_at or now, now, document["producer"],
        draft.external_id, body, salt, leaf_hash(salt, body),
    )  # fmt: skip


def _document(draft: Draft, *, sequence: int, now: datetime, producer: str) -> dict[str, Any]:
    """The entry as contract.md describes it, but for its tenant."""
    event = draft.event
    return {
        "schema": SCHEMA,
        "id": str(uuid7()),
        "sequence": sequence,
        "workspace": _told(draft.workspace),
        "event": event.code,
        "action": event.label,
        "area": event.area.label,
        "category": event.category.label,
        "actor": _told(draft.actor),
        "parameters": draft.parameters,
        "details": draft.details,
        "target": _told(draft.target),
        "outcome": draft.outcome,
        "context": _told(draft.context),
        "occurred_at": timestamp(draft.occurred_at or now),
        "recorded_at": timestamp(now),
        "producer": producer,
        "external_id": draft.external_id,
    }


def _told(part: object) -> dict[str, Any] | None:
    return None if part is None else msgspec.to_builtins(part)
