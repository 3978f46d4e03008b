"""Several workers, and people who save meanwhile: real connections, real commits."""

from __future__ import annotations

import threading
from datetime import UTC, datetime

import pytest
from django.db import connection, transaction

from audit.models import Tenant
from audit.recording import record_many
from auditsite.demo.intake import Intake
from auditsite.demo.intake.behaviour import Behaviour
from streaming import leasing, tasks
from streaming.configuring import BEGINNING, Settings, save_settings
from streaming.delivery import Run
from streaming.encryption import Secret
from streaming.models import Cursor, DeliveryAttempt, State, Stream
from tests.committing import workers
from tests.entries import draft
from tests.streams import ANA

KIND = "http_bearer"
pytestmark = pytest.mark.usefixtures("committing_db")


def record_entries(tenant: Tenant, count: int) -> None:
    record_many(tenant=tenant, drafts=[draft() for _ in range(count)], now=datetime.now(UTC))


def save(tenant: Tenant, intake: Intake) -> Stream:
    values = Settings(
        enabled=True,
        destination_kind=KIND,
        url=intake.url(KIND),
        token=Secret(intake.token(KIND)),
        start_from=BEGINNING,
    )
    return save_settings(tenant=tenant, settings=values, change=ANA, now=datetime.now(UTC))


@pytest.fixture
def log(committing_db: None) -> Tenant:  # noqa: ARG001 - opens the database
    tenant = Tenant.objects.create(slug="acme", name="Acme")
    record_entries(tenant, 500)
    return tenant


def test_workers_that_want_the_same_stream_at_once_send_nothing_twice(log: Tenant, loopback: Intake) -> None:
    stream = save(log, loopback)
    ready = threading.Barrier(4)

    def work() -> None:
        ready.wait()
        for _ in range(10):
            tasks.deliver(stream_id=str(stream.pk))

    with workers(4) as start:
        for done in [start(work) for _ in range(4)]:
            done.result()

    assert [arrival.sequence for arrival in loopback.received(KIND)] == list(range(1, 502))
    assert loopback.duplicates(KIND) == []
    assert Cursor.objects.get(pk=stream.pk).delivered == 501


def test_no_transaction_is_open_while_the_request_is_on_its_way(log: Tenant, loopback: Intake) -> None:
    stream = save(log, loopback)
    loopback.behave(KIND, Behaviour(delay=1.0), times=1)

    with workers(1) as start:
        done = start(tasks.deliver, stream_id=str(stream.pk))
        open_for = [open_transactions() for _ in range(40)]
        done.result()

    assert max(open_for) < 0.5


def open_transactions() -> float:
    """Age in seconds of the oldest transaction of others that does nothing; sampled every 25 ms."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(max(extract(epoch FROM clock_timestamp() - xact_start)), 0), pg_sleep(0.025) "
            "FROM pg_stat_activity WHERE state LIKE 'idle in transaction%' AND datname = current_database()"
        )
        return float(cursor.fetchone()[0])


def test_a_worker_that_was_paused_until_another_took_over_changes_nothing(
    log: Tenant, loopback: Intake
) -> None:
    stream = save(log, loopback)
    loopback.behave(KIND, Behaviour(delay=1.0, status=401), times=1)

    def paused() -> None:
        with Run(stream.pk, owner="paused") as run:
            run.deliver_next_batch(now=datetime.now(UTC))

    with workers(1) as start:
        done = start(paused)
        wait_for_lease(stream)
        leasing.fence_off(stream.pk)
        tasks.deliver(stream_id=str(stream.pk))
        after = Cursor.objects.filter(pk=stream.pk).values().get()
        done.result()

    assert after["place"] == 501
    assert Cursor.objects.filter(pk=stream.pk).values().get() == after
    assert after["state"] == State.HEALTHY
    assert not DeliveryAttempt.objects.filter(http_status=401).exists()


def wait_for_lease(stream: Stream) -> None:
    waiting = threading.Event()
    while not Cursor.objects.filter(pk=stream.pk, lease_owner="paused").exists():
        waiting.wait(0.01)
    # Until its request is out: the intake answers after a second.
    waiting.wait(0.4)


def test_who_saves_the_settings_and_who_settles_an_attempt_never_wait_for_each_other(
    log: Tenant, loopback: Intake
) -> None:
    stream = save(log, loopback)
    holds, waiting = threading.Event(), threading.Event()

    def save_slowly() -> None:
        """The rows in the order of `save_settings`; between them an attempt comes back and is to be settled."""
        with transaction.atomic():
            Stream.objects.select_for_update().get(pk=stream.pk)
            holds.set()
            while not loopback.received(KIND):
                waiting.wait(0.01)
            waiting.wait(0.4)
            leasing.fence_off(stream.pk)

    with workers(1) as start:
        done = start(save_slowly)
        holds.wait()
        with Run(stream.pk, owner="worker") as run:
            report = run.deliver_next_batch(now=datetime.now(UTC))
        done.result()

    assert (report.delivered, Cursor.objects.get(pk=stream.pk).place) == (0, 0)
