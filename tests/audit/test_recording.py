"""The one write door: numbers without a gap, in commit order, and each external id once."""

from __future__ import annotations

import json
import random
import threading
import time
from concurrent.futures import wait
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction

from audit import recording
from audit.canonical import leaf_hash, timestamp
from audit.drafts import Actor, Context, Draft, DraftRefused, Target
from audit.models import AuditEntry, ExternalId, LogHead, Tenant, Workspace
from audit.signals import entries_recorded
from tests.committing import workers
from tests.entries import NOON, draft, place


def _record(tenant: Tenant, *drafts: Draft) -> recording.Receipt:
    return recording.record_many(tenant=tenant, drafts=drafts or [draft()], now=NOON)


def _sequences(tenant: Tenant) -> list[int]:
    return list(AuditEntry.objects.of(tenant).order_by("sequence").values_list("sequence", flat=True))


def test_entries_are_numbered_one_two_three_in_each_tenant(acme: Tenant, globex: Tenant) -> None:
    first, second, other = _record(acme, draft(), draft()), _record(acme), _record(globex)

    assert (first.sequences, second.sequences, other.sequences) == ((1, 2), (3,), (1,))
    assert LogHead.objects.get(tenant=acme).last_sequence == 3


def test_an_empty_batch_writes_nothing(acme: Tenant) -> None:
    assert recording.record_many(tenant=acme, drafts=[], now=NOON) == recording.Receipt(0, 0, ())
    assert not LogHead.objects.filter(tenant=acme).exists()


FULL: dict[str, Any] = {
    "actor": Actor(email="ana@acme.example", name="Ana", id="7"),
    "parameters": {"case_id": "1", "n": 1.5},
    "details": "to the team",
    "target": Target("case", "1", "Phish"),
    "outcome": "failure",
    "context": Context(ip="2001:db8::1", request_id="r"),
    "occurred_at": NOON - timedelta(hours=3),
    "external_id": "x",
}


def test_the_columns_say_what_the_body_says(acme: Tenant, soc: Workspace) -> None:
    _record(acme, draft("cases.case_shared", workspace=place(soc), **FULL))

    entry = AuditEntry.objects.of(acme).get()
    body: dict[str, Any] = json.loads(bytes(entry.body))
    assert body == {
        "schema": 1, "id": str(entry.pk), "sequence": 1,
        "tenant": {"id": str(acme.pk), "slug": "acme", "name": "Acme"},
        "workspace": {"id": str(soc.pk), "slug": "soc", "name": "SOC"},
        "event": entry.event, "action": entry.action, "area": "Cases", "category": entry.category_label,
        "actor": {"type": "user", "id": "7", "email": entry.actor_email, "name": entry.actor_name},
        "parameters": entry.parameters, "details": entry.details, "target": entry.target,
        "outcome": entry.outcome, "context": {"ip": entry.ip, "user_agent": None, "request_id": "r"},
        "occurred_at": timestamp(entry.occurred_at), "recorded_at": timestamp(NOON),
        "producer": "auditsite", "external_id": entry.external_id,
    }  # fmt: skip
    assert bytes(entry.leaf_hash) == leaf_hash(bytes(entry.salt), bytes(entry.body))


def test_each_entry_has_a_salt_of_its_own(acme: Tenant) -> None:
    _record(acme, *[draft() for _ in range(50)])

    assert len({bytes(one.salt) for one in AuditEntry.objects.of(acme)}) == 50


def test_history_holds_its_own_words(acme: Tenant, soc: Workspace) -> None:
    _record(acme, draft(workspace=place(soc)))
    soc.delete()

    assert AuditEntry.objects.of(acme).get().workspace_name == "SOC"


def test_a_wrong_draft_is_located_and_nothing_is_written(acme: Tenant) -> None:
    with pytest.raises(DraftRefused) as refused:
        _record(acme, draft(), draft(details="\x00"))

    assert [problem.loc for problem in refused.value.problems] == ["/1/details"]
    assert _sequences(acme) == []


def test_a_time_far_away_lands_in_the_default_partition(acme: Tenant) -> None:
    _record(acme, draft(occurred_at=NOON.replace(year=1980)), draft(occurred_at=NOON.replace(year=2900)))

    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM audit_auditentry_default WHERE tenant_id = %s", [acme.pk])
        assert cursor.fetchone() == (2,)
    assert _sequences(acme) == [1, 2]


@pytest.mark.parametrize("word", ["a" * 100_000, " ".join(f"{n:x}" for n in range(26_000)), "ü" * 60_000])
def test_what_is_long_can_be_stored_and_searched(acme: Tenant, word: str) -> None:
    assert _record(acme, draft(parameters={"text": word}, details="needle")).accepted == 1


def test_the_same_id_twice_in_a_batch_is_one_entry(acme: Tenant) -> None:
    receipt = _record(acme, draft(external_id="a"), draft(), draft(external_id="a"))

    assert receipt == recording.Receipt(2, 1, (1, 2, 1))


def test_the_same_id_again_is_answered_with_the_first_number(acme: Tenant) -> None:
    _record(acme, draft(), draft(external_id="a"))

    receipt = _record(acme, draft(external_id="a"), draft(external_id="b"))

    assert receipt == recording.Receipt(1, 1, (2, 3))
    assert (receipt.first_sequence, receipt.last_sequence) == (2, 3)


def test_the_signal_is_sent_after_commit_and_a_broken_receiver_harms_nobody(
    acme: Tenant, django_capture_on_commit_callbacks: Any
) -> None:
    heard: list[object] = []

    def receiver(**sent: object) -> None:
        heard.append(sent["tenant_id"])
        raise ValueError("broken")

    entries_recorded.connect(receiver)
    try:
        with django_capture_on_commit_callbacks(execute=True):
            _record(acme, draft(external_id="a"))
            _record(acme, draft(external_id="a"))
            assert heard == []
    finally:
        entries_recorded.disconnect(receiver)

    assert heard == [acme.pk]


def _write_and_take_back(tenant: Tenant, seed: int) -> int:
    """Batches of chance sizes, each held open for a while, a fifth of them rolled back; how many were kept."""
    chance, kept = random.Random(seed), 0
    for _ in range(25):
        size, taken_back = chance.randint(1, 4), chance.random() < 0.2
        with transaction.atomic():
            _record(tenant, *[draft() for _ in range(size)])
            time.sleep(chance.random() * 0.004)
            transaction.set_rollback(taken_back)
        kept += 0 if taken_back else size
    return kept


@pytest.mark.usefixtures("committing_db")
def test_a_reader_that_polls_sees_every_committed_entry_once_and_in_order() -> None:
    acme = Tenant.objects.create(slug="acme", name="Acme")
    seen: list[int] = []
    done = threading.Event()

    def poll() -> None:
        while True:
            last_round = done.is_set()
            after = seen[-1] if seen else 0
            rows = AuditEntry.objects.of(acme).filter(sequence__gt=after).order_by("sequence")
            seen.extend(rows.values_list("sequence", flat=True))
            if last_round:
                return

    with workers(9) as start:
        reader = start(poll)
        writers = [start(_write_and_take_back, acme, seed) for seed in range(8)]
        wait(writers)
        done.set()
        kept = sum(writer.result() for writer in writers)
        reader.result()

    assert seen == list(range(1, kept + 1))
    assert LogHead.objects.get(tenant=acme).last_sequence == kept


@pytest.mark.usefixtures("committing_db")
def test_a_slow_transaction_holds_up_its_own_tenant_only() -> None:
    acme = Tenant.objects.create(slug="acme", name="Acme")
    globex = Tenant.objects.create(slug="globex", name="Globex")
    recorded, finish = threading.Event(), threading.Event()

    def slow() -> None:
        with transaction.atomic():
            _record(acme, draft(details="slow"))
            recorded.set()
            finish.wait(10)

    with workers(3) as start:
        first = start(slow)
        assert recorded.wait(10)
        second = start(_record, acme, draft(details="quick"))
        other = start(_record, globex)
        assert other.result(timeout=5).sequences == (1,)
        assert not second.done()
        finish.set()
        first.result()
        assert second.result(timeout=5).sequences == (2,)

    details = AuditEntry.objects.of(acme).order_by("sequence").values_list("details", flat=True)
    assert list(details) == ["slow", "quick"]


@pytest.mark.usefixtures("committing_db")
def test_the_same_ids_sent_by_many_at_once_are_recorded_once() -> None:
    acme = Tenant.objects.create(slug="acme", name="Acme")

    def send(seed: int) -> recording.Receipt:
        ids = [f"evt-{n}" for n in range(40)]
        random.Random(seed).shuffle(ids)
        return _record(acme, *[draft(external_id=name) for name in ids])

    with workers(8) as start:
        receipts = [sender.result() for sender in [start(send, seed) for seed in range(8)]]

    assert sum(receipt.accepted for receipt in receipts) == 40
    assert _sequences(acme) == list(range(1, 41))
    assert ExternalId.objects.filter(tenant=acme).count() == 40
    assert all(sorted(receipt.sequences) == list(range(1, 41)) for receipt in receipts)
