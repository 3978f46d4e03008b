from __future__ import annotations

from datetime import timedelta, timezone

import pytest
from django.db import transaction

from audit.models import Tenant
from auditsite.demo.intake import Intake
from auditsite.demo.intake.behaviour import busy
from streaming.measuring import Exchange, added, counted, note, percentile
from streaming.models import Figures, HourFigures, Stream
from streaming.wire.messages import Response
from streaming.wire.outcome import Outcome, Verdict
from streaming.wire.payload import Payload
from tests.entries import NOON
from tests.replays import record_entries, send_all, start
from tests.streams import MakeStream, deliver_all, deliver_once, make_due

BOUNDS = (1.0, 2.0, 4.0)


def test_values_are_counted_up_to_each_bound_and_beyond() -> None:
    assert counted([0, 1, 1.5, 2, 3, 9, 9], BOUNDS) == [2, 2, 1, 2]
    assert added([[1, 0, 0, 2], [0, 1, 0, 1]], BOUNDS) == [1, 1, 0, 3]
    assert added([], BOUNDS) == [0, 0, 0, 0]
    assert added([[1, 2]], BOUNDS) == [1, 2, 0, 0]


@pytest.mark.parametrize(
    ("share", "buckets", "value"),
    [
        (0.5, [0, 0, 0, 0], None),
        (0.5, [10, 0, 0, 0], 0.5),
        (0.5, [0, 10, 0, 0], 1.5),
        (0.95, [90, 10, 0, 0], 1.5),
        (0.99, [0, 0, 1, 99], 4.0),
        (1.0, [1, 1, 0, 0], 2.0),
    ],
)
def test_a_percentile_lies_inside_its_bucket(share: float, buckets: list[int], value: float | None) -> None:
    assert percentile(share, buckets, BOUNDS) == value


def test_requests_add_up_in_one_row_for_each_meaning(acme: Tenant) -> None:
    stream = Stream.objects.create(tenant=acme, url="")
    batch = [
        Payload(
            id=stream.pk, sequence=n, occurred_at=NOON, recorded_at=NOON - timedelta(seconds=n), body=b"{}"
        )
        for n in (1, 2)
    ]
    verdict = Verdict(outcome=Outcome.DELIVERED, reason="", code="http_200", delivered=2, duplicates=1)
    answer = Response(status=200, elapsed=timedelta(milliseconds=80))

    with transaction.atomic():
        note(stream, Exchange(batch, answer, verdict, NOON))
        note(stream, Exchange(batch, answer, verdict, NOON), first_time=False)
        note(stream, Exchange(batch, None, Verdict(outcome=Outcome.RETRY, reason="", code="x"), NOON))

    row = Figures.objects.get(outcome="delivered")
    assert (row.requests, row.entries, row.bytes_sent, row.delivered, row.duplicates) == (2, 4, 8, 4, 2)
    assert row.requests_in == [0, 0, 0, 2, *[0] * 8]
    assert row.sizes_in == [0, 2, *[0] * 8]
    assert row.ages_in == [0, 0, 0, 0, 0, 2, *[0] * 6]
    assert row.seconds == pytest.approx(0.16)
    assert row.age_seconds == pytest.approx(3.16)
    retried = Figures.objects.get(outcome="retry")
    assert (retried.requests, retried.delivered, sum(retried.ages_in)) == (1, 0, 0)


def hours(stream: Stream) -> list[tuple[int, int, int, int]]:
    """Hour of the day, entries delivered, requests, failed ones."""
    rows = HourFigures.objects.filter(stream=stream, tenant_id=stream.tenant_id).order_by("hour")
    return [(row.hour.hour, row.delivered, row.requests, row.failed) for row in rows]


def test_each_hour_has_a_row_and_what_was_sent_before_is_not_delivered_again(acme: Tenant) -> None:
    stream = Stream.objects.create(tenant=acme, url="")
    taken = Verdict(outcome=Outcome.DELIVERED, reason="", code="http_200", delivered=3)
    late = Verdict(outcome=Outcome.RETRY, reason="", code="x")
    india = timezone(timedelta(hours=5, minutes=30))

    note(stream, Exchange([], None, taken, NOON + timedelta(minutes=59)))
    note(stream, Exchange([], None, late, NOON.astimezone(india)))
    note(stream, Exchange([], None, taken, NOON), first_time=False)
    note(stream, Exchange([], None, taken, NOON + timedelta(hours=1)))

    assert hours(stream) == [(12, 3, 3, 1), (13, 3, 1, 0)]


def test_an_hour_knows_how_old_entries_were_when_they_arrived(acme: Tenant) -> None:
    stream = Stream.objects.create(tenant=acme, url="")
    old = Payload(
        id=stream.pk, sequence=1, occurred_at=NOON, recorded_at=NOON - timedelta(seconds=2), body=b"{}"
    )
    taken = Verdict(outcome=Outcome.DELIVERED, reason="", code="http_200", delivered=1)
    answer = Response(status=200, elapsed=timedelta(milliseconds=500))

    note(stream, Exchange([old], answer, taken, NOON))
    note(stream, Exchange([old], answer, taken, NOON))
    note(stream, Exchange([old], answer, taken, NOON), first_time=False)

    assert HourFigures.objects.get().age_seconds == 5.0


def test_what_workers_send_is_counted_live_and_in_replays(
    acme: Tenant, make_stream: MakeStream, loopback: Intake
) -> None:
    record_entries(acme, 9)
    stream = make_stream("elasticsearch")
    loopback.behave("elasticsearch", busy(), times=1)
    deliver_once(stream)
    make_due(stream)
    deliver_all(stream)
    sent = Figures.objects.get(outcome="delivered")
    assert (sent.delivered, sum(sent.ages_in), sent.duplicates) == (10, 10, 0)
    assert Figures.objects.exclude(outcome="delivered").get().requests == 1

    send_all(start(stream, last=10))

    assert sum(delivered for _, delivered, _, _ in hours(stream)) == 11
    assert sum(failed for *_, failed in hours(stream)) == 1
    sent.refresh_from_db()
    assert (sent.delivered, sent.duplicates) == (21, 10)
    assert sum(sent.ages_in) == 11
