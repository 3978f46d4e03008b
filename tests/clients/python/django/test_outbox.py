from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from auditsite_client.django.models import OutboxClaim, OutboxEntry
from auditsite_client.django.outbox import Outbox, TenantOutbox, claim, release
from auditsite_client.django.recording import record_in_transaction
from django.db import transaction

from tests.clients.python.server import Listening, Reply, Server, refusal

NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
pytestmark = pytest.mark.usefixtures("outbox_db")


@pytest.fixture
def outbox() -> Iterator[Outbox]:
    with Outbox("default") as outbox:
        yield outbox


def record(number: int, tenant: str = "") -> str:
    return record_in_transaction(
        "cases.case_shared", tenant=tenant, actor="ana@acme.example", parameters={"n": number}
    )


def drain(outbox: Outbox) -> None:
    deadline = time.monotonic() + 10
    while outbox.send_due() is not None:
        assert time.monotonic() < deadline


def test_what_was_committed_is_sent_and_its_row_goes(outbox: Outbox, server: Server) -> None:
    ids = [record(number) for number in range(3)]

    assert outbox.send_due() == 0.0

    assert list(server.taken) == ids
    assert (OutboxEntry.objects.count(), outbox.send_due()) == (0, None)


def test_what_was_rolled_back_never_was(outbox: Outbox, server: Server) -> None:
    class Undone(Exception):
        pass

    def undone() -> None:
        with transaction.atomic():
            record(1)
            raise Undone

    with pytest.raises(Undone):
        undone()

    assert outbox.send_due() is None
    assert server.requests == []


def test_each_tenant_has_its_key_and_does_not_wait_for_another(outbox: Outbox, server: Server) -> None:
    server.decide = lambda batch: Reply(401) if batch[0]["parameters"]["n"] == 1 else None
    record(1, "acme")
    record(2, "globex")

    outbox.send_due()

    assert {headers["Authorization"] for headers in server.headers} == {
        "Bearer alk_acme",
        "Bearer alk_globex",
    }
    assert server.numbers() == [2]
    assert {tenant: state for tenant, (state, _) in outbox.states().items()} == {
        "acme": "held",
        "globex": "sending",
    }
    assert [entry.tenant for entry in OutboxEntry.objects.all()] == ["acme"]


def test_a_server_that_is_away_is_tried_again_when_it_is_time(outbox: Outbox, listening: Listening) -> None:
    record(1)
    listening.stop()
    pause = outbox.send_due()
    assert pause is not None
    assert 0 < pause <= 0.05

    listening.start()

    drain(outbox)
    assert listening.state.numbers() == [1]


def test_a_refused_entry_stays_with_its_reason(outbox: Outbox, server: Server) -> None:
    server.decide = lambda batch: (
        refusal(422, "entries-refused", _1_event="no such event") if len(batch) > 1 else None
    )
    for number in range(2):
        record(number)

    drain(outbox)

    assert server.numbers() == [0]
    kept = OutboxEntry.objects.get()
    assert (kept.set_aside, kept.set_aside_at is not None) == ("/event no such event", True)


def test_a_batch_keeps_to_its_limits() -> None:
    for number in range(3):
        record(number)
    waiting = TenantOutbox("", "default")

    assert [len(waiting.next_batch(most=most, size=size)) for most, size in [(9, 10_000), (2, 10_000), (9, 1)]] == [
        3, 2, 1,
    ]  # fmt: skip


def test_one_sends_at_a_time_until_its_claim_runs_out() -> None:
    ana, vic = uuid4(), uuid4()

    assert claim("acme", ana, using="default", now=NOW)
    assert claim("acme", ana, using="default", now=NOW)
    assert not claim("acme", vic, using="default", now=NOW + timedelta(seconds=14))
    assert claim("globex", vic, using="default", now=NOW)
    assert claim("acme", vic, using="default", now=NOW + timedelta(seconds=16))
    release("acme", ana, using="default")
    assert not claim("acme", ana, using="default", now=NOW + timedelta(seconds=20))
    release("acme", vic, using="default")
    assert claim("acme", ana, using="default", now=NOW)


def test_an_outbox_that_another_sends_is_left_to_it(outbox: Outbox, server: Server) -> None:
    record(1)
    OutboxClaim.objects.create(tenant="", holder=uuid4(), until=datetime.now(UTC) + timedelta(minutes=1))

    assert outbox.send_due() == pytest.approx(1.0, abs=0.1)
    assert server.requests == []
