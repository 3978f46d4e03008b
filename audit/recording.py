"""The one door through which entries are written.

All that does not depend on an entry's number is made first. Then, in one transaction, the tenant's head is locked and
moved, which gives the sequences; bodies are finished and hashed, and all rows are written by one COPY. The lock is held
until the transaction ends, so that commit order is sequence order; call this as the last thing that a transaction does.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from audit.binary_rows import COLUMNS, Batch, Prepared, Told, external_id_row, row, stream
from audit.drafts import Draft, DraftRefused, Problem
from audit.knowing import is_quiet, kind_of
from audit.models import AuditEntry, Tenant
from audit.one_row import Sure, insert
from audit.signals import entries_recorded
from audit.taking import BEGIN, Shared, Unsure, committed, take

# Sequences by the producer's own id.
Numbers = dict[str | None, int]

# What Auditsite records of itself names itself as the producer.
OURSELVES = "auditsite"

COPY = f"COPY audit_auditentry ({', '.join(COLUMNS)}) FROM STDIN (FORMAT binary)"
COPY_IDS = "COPY audit_externalid (tenant_id, external_id, sequence) FROM STDIN (FORMAT binary)"
LOCK = "SELECT last_sequence FROM audit_loghead WHERE tenant_id = %s FOR UPDATE"
KNOWN = "SELECT external_id, sequence FROM audit_externalid WHERE tenant_id = %s AND external_id = ANY(%s)"


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


class _Asked(NamedTuple):
    """Whose log, when and by whom; with a key's digest only if it still opens the log."""

    tenant: Tenant
    now: datetime
    producer: str
    digest: bytes | None


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
    if not drafts:
        return Receipt(0, 0, ())
    parameters = check(drafts)
    batch = Batch(tenant=Told(tenant.pk, tenant.slug, tenant.name), producer=producer, now=now)
    prepared = batch.prepare(zip(drafts, parameters, strict=True), number=len(drafts))
    if _comes_alone(drafts) and (alone := _alone(tenant, drafts[0], prepared[0])) is not None:
        return Receipt(1, 0, (alone,))
    return _record(_Asked(tenant, now, producer, None), drafts, prepared)


def record_if(
    *, tenant: Tenant, drafts: Sequence[Draft], now: datetime, producer: str, digest: bytes
) -> Receipt | None:
    """Record what the holder of a key sends, if what is remembered of key, tenant and workspaces still holds.

    That is looked at where the entries are written, so that it costs no question of its own. None, and nothing was
    recorded, where anything speaks against it: `record_many` takes it, or says what is wrong. Raises DraftRefused.
    """
    parameters = check(drafts)
    if not connection.get_autocommit() or not is_quiet():
        return None
    batch = Batch(tenant=Told(tenant.pk, tenant.slug, tenant.name), producer=producer, now=now)
    prepared = batch.prepare(zip(drafts, parameters, strict=True), number=len(drafts))
    if len(drafts) == 1:
        place = drafts[0].workspace
        sure = Sure(digest, tenant.slug, tenant.name, None if place is None else place.slug)
        number = _alone(tenant, drafts[0], prepared[0], sure)
        return None if number is None else Receipt(1, 0, (number,))
    try:
        return _record(_Asked(tenant, now, producer, digest), drafts, prepared)
    except Unsure:
        return None


def check(drafts: Sequence[Draft]) -> list[bytes]:
    """Raise DraftRefused unless each draft can be recorded, with problems located as ``/<index>/<field>``.

    Gives the canonical bytes of each one's parameters.
    """
    problems: list[Problem] = []
    parameters: list[bytes] = []
    for index, draft in enumerate(drafts):
        try:
            parameters.append(draft.check())
        except DraftRefused as refused:
            problems += [Problem(f"/{index}{p.loc}", p.msg, p.type) for p in refused.problems]
    if problems:
        raise DraftRefused(problems)
    return parameters


def _comes_alone(drafts: Sequence[Draft]) -> bool:
    """Whether it is one entry, in no transaction, with nothing to look up under the lock."""
    return len(drafts) == 1 and drafts[0].external_id is None and connection.get_autocommit()


def _alone(tenant: Tenant, draft: Draft, prepared: Prepared, sure: Sure | None = None) -> int | None:
    with_id = draft.external_id is not None
    number = insert(prepared, tenant_id=tenant.pk, kind=kind_of(draft), with_external_id=with_id, sure=sure)
    if number is not None:
        _announce(tenant)
    return number


def _record(asked: _Asked, drafts: Sequence[Draft], prepared: list[Prepared]) -> Receipt:
    # What the connection knows may be wrong once, behind a pooler; in somebody's transaction that would end it.
    alone = not connection.in_atomic_block
    try:
        return _recorded(asked, drafts, prepared, alone=alone)
    except Shared:
        return _recorded(asked, drafts, prepared, alone=alone)


def _recorded(asked: _Asked, drafts: Sequence[Draft], prepared: list[Prepared], *, alone: bool) -> Receipt:
    tenant = asked.tenant
    with transaction.atomic(), connection.cursor() as cursor:
        known = _known(cursor, tenant, drafts)
        fresh = _fresh(drafts, known)
        if asked.digest is not None and not fresh:
            raise Unsure  # nothing is written, so nobody looked
        numbers: dict[int, int] = {}
        if fresh:
            first, kinds = take(
                [drafts[at] for at in fresh], tenant=tenant, now=asked.now, producer=asked.producer,
                digest=asked.digest, prepare=alone,
            )  # fmt: skip
            numbers = dict(zip(fresh, range(first, first + len(fresh)), strict=True))
            _copy(cursor, COPY, [row(prepared[at], number) for at, number in numbers.items()])
            known |= _remembered(cursor, tenant, {drafts[at].external_id: n for at, n in numbers.items()})
            transaction.on_commit(lambda: _announce(tenant), robust=True)
            transaction.on_commit(lambda: committed(tenant, kinds), robust=True)
    sequences = [numbers.get(at) or known[draft.external_id] for at, draft in enumerate(drafts)]
    return Receipt(len(fresh), len(drafts) - len(fresh), tuple(sequences))


def _announce(tenant: Tenant) -> None:
    entries_recorded.send_robust(AuditEntry, tenant_id=tenant.pk)


def _known(cursor: CursorWrapper, tenant: Tenant, drafts: Sequence[Draft]) -> Numbers:
    """Which of the drafts' own ids the log holds: asked under the lock, so that no other batch brings them now."""
    ids = [draft.external_id for draft in drafts if draft.external_id is not None]
    if not ids:
        return {}
    _reach_head(cursor, LOCK, [tenant.pk])
    cursor.execute(KNOWN, [tenant.pk, ids])
    return dict(cursor.fetchall())


def _fresh(drafts: Sequence[Draft], known: Numbers) -> list[int]:
    """The places of the drafts that are new: of those with the same id, the first."""
    seen: set[str | None] = set(known)
    fresh = []
    for at, draft in enumerate(drafts):
        if draft.external_id is None:
            fresh.append(at)
        elif draft.external_id not in seen:
            seen.add(draft.external_id)
            fresh.append(at)
    return fresh


def _reach_head(cursor: CursorWrapper, statement: str, values: list[Any]) -> int:
    """What the statement returns of the head, which is made with a tenant's first entry."""
    cursor.execute(statement, values)
    found = cursor.fetchone()
    if found is None:
        cursor.execute(BEGIN, values[-1:])
        cursor.execute(statement, values)
        found = cursor.fetchone()
    return int(found[0])


def _remembered(cursor: CursorWrapper, tenant: Tenant, numbers: Numbers) -> Numbers:
    """The producers' ids among these, written down with the numbers that they got."""
    with_ids = [(given, number) for given, number in numbers.items() if given is not None]
    if with_ids:
        _copy(cursor, COPY_IDS, [external_id_row(tenant.pk, *item) for item in with_ids])
    return dict(with_ids)


def _copy(cursor: CursorWrapper, statement: str, rows: list[bytes]) -> None:
    # COPY is psycopg's own: its errors become Django's here, as those of every other statement.
    with connection.wrap_database_errors, cursor.copy(statement) as copy:
        copy.write(stream(rows))
