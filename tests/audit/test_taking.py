"""A batch's numbers, kinds and hours in one statement; what comes of it: tests/audit/test_recording.py."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction

from audit import keys, recording
from audit.drafts import Actor, Draft, Place
from audit.knowing import SHARED, connected
from audit.models import ApiKey, EntryCount, EntryKind, LogHead, Tenant, Workspace
from audit.taking import Unsure, committed, take
from tests.entries import NOON, draft

pytestmark = pytest.mark.usefixtures("committing_db")


@pytest.fixture
def acme() -> Tenant:
    return Tenant.objects.create(slug="acme", name="Acme")


@pytest.fixture
def key(acme: Tenant) -> ApiKey:
    """Making it is the first entry of the log."""
    ana = Actor(email="ana@acme.example")
    return keys.make_key(tenant=acme, name="platform", scopes=["ingest"], now=NOON, actor=ana)[0]


@pytest.fixture
def _unshared() -> Iterator[None]:
    SHARED.clear()
    yield
    SHARED.clear()


def _take(acme: Tenant, drafts: list[Draft], **more: Any) -> int:
    with transaction.atomic():
        first, kinds = take(drafts, tenant=acme, now=NOON, producer="platform", **more)
    committed(acme, kinds)
    return first


def _statements() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT statement FROM pg_prepared_statements WHERE NOT from_sql")
        return [row[0] for row in cursor.fetchall()]


@pytest.mark.usefixtures("_unshared")
@pytest.mark.parametrize("prepare", [True, False])
def test_numbers_follow_each_other_and_each_hour_and_kind_is_written_down(
    acme: Tenant, prepare: bool
) -> None:
    drafts = [draft(), draft(occurred_at=NOON.replace(year=1970)), draft(outcome="failure")]

    assert [_take(acme, drafts, prepare=prepare) for _ in range(3)] == [1, 4, 7]

    assert LogHead.objects.get(tenant=acme).last_sequence == 9
    assert sorted(EntryKind.objects.values_list("outcome", flat=True)) == ["failure", "success"]
    counted = EntryCount.objects.order_by("hour").values_list("hour", "number")
    assert list(counted) == [(NOON.replace(year=1970), 3), (NOON, 6)]
    assert bool(_statements()) == prepare
    # Kinds are handed over until they are committed, and not any more after that.
    assert {"audit_entrykind" in one for one in _statements()} == ({True, False} if prepare else set())


def test_kinds_of_a_transaction_that_was_undone_are_noted_by_the_next(acme: Tenant) -> None:
    with transaction.atomic():
        recording.record(tenant=acme, draft=draft(outcome="failure"), now=NOON)
        transaction.set_rollback(True)

    recording.record(tenant=acme, draft=draft(outcome="failure"), now=NOON)

    assert EntryKind.objects.get().outcome == "failure"


def test_with_a_key_all_that_drafts_say_of_the_sender_has_to_hold(acme: Tenant, key: ApiKey) -> None:
    soc = Workspace.objects.create(tenant=acme, slug="soc", name="SOC")
    place = Place(soc.pk, "soc", "SOC")
    within, digest = [draft(), draft(workspace=place)], bytes(key.digest)
    assert _take(acme, within, digest=digest) == 2

    for changed in (
        {"digest": b"another"},
        {"tenant": Tenant(pk=acme.pk, slug="acme", name="Acme & Sons")},
        {"tenant": Tenant(pk=acme.pk, slug="other", name="Acme")},
        {"producer": "fleet"},
        {"now": key.expires_at},
        {"drafts": [draft(workspace=Place(soc.pk, "soc", "Other"))]},
        {"drafts": [draft(workspace=Place(soc.pk, "lab", "SOC"))]},
    ):
        asked: dict[str, Any] = {
            "drafts": within, "tenant": acme, "now": NOON, "producer": "platform", "digest": digest, **changed
        }  # fmt: skip
        with pytest.raises(Unsure), transaction.atomic():
            take(asked.pop("drafts"), **asked)
    for field in ({"scopes": ["read"]}, {"revoked_at": NOON - timedelta(days=1)}):
        ApiKey.objects.update(**field)
        with pytest.raises(Unsure):
            _take(acme, [draft()], digest=digest)

    assert LogHead.objects.get(tenant=acme).last_sequence == 3


@pytest.mark.usefixtures("_unshared")
def test_behind_a_pooler_a_batch_is_planned_anew_and_none_is_lost(acme: Tenant) -> None:
    def record(number: int) -> recording.Receipt:
        return recording.record_many(tenant=acme, drafts=[draft()] * number, now=NOON)

    for number in (1, 3, 3):
        record(number)
    connected()[0].pgconn.exec_(b"DEALLOCATE ALL")  # psycopg would take note of a cursor's

    receipts = [record(3) for _ in range(2)]

    assert [one.sequences for one in receipts] == [(8, 9, 10), (11, 12, 13)]
    assert SHARED.is_set()
