"""An entry that comes alone: one statement that does what a batch does."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from threading import Event
from typing import Any
from uuid import UUID

import psycopg
import pytest
from django.db import OperationalError, connection, transaction

from audit import recording
from audit.canonical import leaf_hash
from audit.drafts import Actor, Context, Draft, Target
from audit.knowing import SHARED
from audit.models import AuditEntry, LogHead, Tenant
from audit.signals import entries_recorded
from tests.committing import workers
from tests.entries import NOON, draft

HOSTILE = "\\N\t\n\\.'\";--\u202e\U0001f600\ue000"


def _record(tenant: Tenant, one: Draft) -> recording.Receipt:
    return recording.record(tenant=tenant, draft=one, now=NOON, producer=HOSTILE)


def _columns(entry: AuditEntry) -> dict[str, Any]:
    own = {"id", "sequence", "body", "salt", "leaf_hash", "_state"}
    return {name: value for name, value in vars(entry).items() if name not in own}


DRAFTS = [
    draft(),
    draft(by="runner", details=HOSTILE, parameters={"a": [1.5, {"b": None}], HOSTILE: HOSTILE}),
    draft(
        actor=Actor(email="ana@acme.example", name=HOSTILE, id=HOSTILE),
        target=Target(HOSTILE, HOSTILE, HOSTILE),
        context=Context(ip="2001:db8::1", user_agent=HOSTILE),
        occurred_at=NOON.replace(year=1980),
        outcome="failure",
        parameters={"text": "\\" * 60_000},
    ),
]


@pytest.mark.usefixtures("committing_db")
@pytest.mark.parametrize("one", DRAFTS)
def test_an_entry_alone_is_written_as_in_a_batch(one: Draft) -> None:
    acme = Tenant.objects.create(slug="acme", name="Acme")
    _record(acme, draft())
    with transaction.atomic():
        batched = _record(acme, one)
    alone = _record(acme, one)

    assert (batched.sequences, alone.sequences) == ((2,), (3,))
    _, in_batch, by_itself = AuditEntry.objects.of(acme).order_by("sequence")
    assert _columns(by_itself) == _columns(in_batch)
    bodies = [json.loads(bytes(entry.body)) for entry in (in_batch, by_itself)]
    assert [body.pop("sequence") for body in bodies] == [2, 3]
    assert [UUID(body.pop("id")) for body in bodies] == [in_batch.pk, by_itself.pk]
    assert bodies[0] == bodies[1]
    assert bytes(by_itself.leaf_hash) == leaf_hash(bytes(by_itself.salt), bytes(by_itself.body))


@pytest.mark.usefixtures("committing_db")
def test_a_tenants_very_first_entry_may_come_alone() -> None:
    acme = Tenant.objects.create(slug="acme", name="Acme")

    assert _record(acme, draft()).sequences == (1,)
    assert LogHead.objects.get(tenant=acme).last_sequence == 1


@pytest.mark.usefixtures("committing_db")
def test_many_that_come_alone_are_numbered_without_a_gap() -> None:
    acme = Tenant.objects.create(slug="acme", name="Acme")

    def send() -> list[int]:
        return [_record(acme, draft()).sequences[0] for _ in range(30)]

    with workers(8) as start:
        numbers = [writer.result() for writer in [start(send) for _ in range(8)]]

    assert all(mine == sorted(mine) for mine in numbers)
    assert sorted(itertools.chain(*numbers)) == list(range(1, 241))
    entries = AuditEntry.objects.of(acme).order_by("sequence")
    assert [json.loads(bytes(entry.body))["sequence"] for entry in entries] == list(range(1, 241))


@pytest.mark.usefixtures("committing_db")
def test_it_is_announced_once_it_is_committed() -> None:
    acme = Tenant.objects.create(slug="acme", name="Acme")
    _record(acme, draft())
    heard: list[int] = []

    def receiver(**_sent: object) -> None:
        heard.append(AuditEntry.objects.of(acme).count())

    entries_recorded.connect(receiver)
    try:
        _record(acme, draft())
    finally:
        entries_recorded.disconnect(receiver)

    assert heard == [2]


@pytest.mark.usefixtures("committing_db")
def test_a_lost_connection_is_told_as_one() -> None:
    acme = Tenant.objects.create(slug="acme", name="Acme")
    _record(acme, draft())
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        [pid] = cursor.fetchone() or [0]
    with psycopg.connect(**connection.get_connection_params() | {"cursor_factory": psycopg.Cursor}) as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])

    with pytest.raises(OperationalError):
        _record(acme, draft())


@pytest.fixture
def unshared() -> Iterator[Event]:
    """As a process begins: nobody knows yet whether a pooler lies before the server."""
    SHARED.clear()
    yield SHARED
    SHARED.clear()


def _prepared() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM pg_prepared_statements WHERE name LIKE 'auditsite%'")
        return [row[0] for row in cursor.fetchall()]


@pytest.mark.usefixtures("committing_db")
def test_a_connection_plans_the_statement_once_and_a_new_one_again(unshared: Event) -> None:
    acme = Tenant.objects.create(slug="acme", name="Acme")

    first, known = "auditsite_one_row_noted", "auditsite_one_row"
    for expected, prepared in [(1, [first]), (2, [known, first]), (3, [known, first]), (4, [first])]:
        assert _record(acme, draft()).sequences == (expected,)
        assert sorted(_prepared()) == prepared
        if expected == 3:
            connection.close()

    assert not unshared.is_set()


@pytest.mark.usefixtures("committing_db")
@pytest.mark.parametrize("by", ["DEALLOCATE ALL", "PREPARE auditsite_one_row AS SELECT 1"])
def test_behind_a_pooler_each_entry_is_planned_anew_and_none_is_lost(unshared: Event, by: str) -> None:
    acme = Tenant.objects.create(slug="acme", name="Acme")
    if by == "DEALLOCATE ALL":
        for _ in range(2):  # and the next one meets a connection that does not know it
            _record(acme, draft())
    with connection.cursor() as cursor:
        cursor.execute(by)

    numbers = [_record(acme, draft()).sequences[0] for _ in range(3)]

    last = LogHead.objects.get(tenant=acme).last_sequence
    assert numbers == list(range(last - 2, last + 1))
    assert AuditEntry.objects.of(acme).count() == last
    assert unshared.is_set()
