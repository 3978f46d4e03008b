from __future__ import annotations

from datetime import datetime, timedelta

from audit.models import Tenant
from streaming.models import ConnectionTest, DeliveryAttempt, HourFigures, Stream, WorkerSeen
from streaming.pruning import ATTEMPTS_KEPT, HOURS_KEPT, TESTS_KEPT, WORKERS_KEPT, prune
from tests.entries import NOON
from tests.streams import MakeStream

SECOND = timedelta(seconds=1)


def leave(tenant: Tenant, stream: Stream, at: dict[str, datetime], name: str) -> None:
    DeliveryAttempt.objects.create(
        stream=stream,
        at=at["attempt"],
        first_sequence=1,
        last_sequence=1,
        delivered=1,
        milliseconds=1,
        code=name,
    )
    ConnectionTest.objects.create(tenant=tenant, created_at=at["test"], url=name)
    HourFigures.objects.create(stream=stream, tenant=tenant, hour=at["hour"])
    WorkerSeen.objects.create(hostname=name, at=at["worker"])


def test_what_is_older_than_its_time_goes_and_the_rest_stays(acme: Tenant, make_stream: MakeStream) -> None:
    kept = {"attempt": ATTEMPTS_KEPT, "test": TESTS_KEPT, "hour": HOURS_KEPT, "worker": WORKERS_KEPT}
    stream = make_stream()
    leave(acme, stream, {name: NOON - time - SECOND for name, time in kept.items()}, "old")
    leave(acme, stream, {name: NOON - time + SECOND for name, time in kept.items()}, "young")

    removed = prune(now=NOON)

    assert removed == 4
    assert list(DeliveryAttempt.objects.values_list("code", flat=True)) == ["young"]
    assert list(ConnectionTest.objects.values_list("url", flat=True)) == ["young"]
    assert list(WorkerSeen.objects.values_list("hostname", flat=True)) == ["young"]
    assert HourFigures.objects.get().hour == NOON - HOURS_KEPT + SECOND
    assert Stream.objects.get() == stream
