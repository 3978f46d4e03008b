"""Streams go on behind what retention removed: they are not held for entries that nobody can send any more."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from audit.models import KeptLeaf, LogHead, Tenant
from audit.partitions import make_month
from audit.retention import apply_retention
from auditsite.demo.intake import Intake
from streaming.health import health_of
from streaming.models import Cursor, State, Stream
from streaming.reading import still_needed
from tests.entries import NOON, make_entry
from tests.streams import MakeStream, deliver_all, deliver_once

MAY = datetime(2026, 5, 20, tzinfo=UTC)
LATER = datetime(2027, 7, 1, tzinfo=UTC)


@pytest.fixture
def holed(acme: Tenant) -> Tenant:
    """Entries 1 to 4 and 6 were removed; 5 and 7 stand, and 8 says what went."""
    make_month(MAY.date())
    for number in range(1, 8):
        make_entry(acme, at=NOON if number in {5, 7} else MAY, now=NOON if number in {5, 7} else MAY)
    apply_retention(now=LATER, still_needed=still_needed)
    assert sorted(KeptLeaf.objects.values_list("sequence", flat=True)) == [1, 2, 3, 4, 6]
    return acme


def sums(stream: Stream) -> tuple[int, int, int]:
    health = health_of(stream, now=datetime.now(UTC))
    assert health.recorded == health.delivered + health.waiting + health.set_aside + health.not_streamed
    return health.delivered, health.waiting, health.not_streamed


def deliver_while_due(stream: Stream) -> Cursor:
    """As a worker's task does: as long as something waits that nothing speaks against."""
    while Cursor.objects.due().filter(pk=stream.pk).exists():
        deliver_all(stream)
    return Cursor.objects.get(pk=stream.pk)


def test_a_stream_from_the_beginning_delivers_all_that_stands(
    holed: Tenant, make_stream: MakeStream, loopback: Intake
) -> None:
    stream = make_stream("http_bearer")

    cursor = deliver_while_due(stream)

    head = LogHead.objects.get(pk=holed.pk).last_sequence
    assert [arrival.sequence for arrival in loopback.received("http_bearer")] == [5, 7, *range(8, head + 1)]
    assert (cursor.place, cursor.left_out, cursor.state) == (head, 5, State.HEALTHY)
    assert sums(stream) == (head - 5, 0, 5)


@pytest.mark.usefixtures("holed")
def test_a_hole_is_passed_over_under_the_lease_alone_and_step_by_step(make_stream: MakeStream) -> None:
    stream = make_stream("http_bearer")

    report = deliver_once(stream)

    cursor = Cursor.objects.get(pk=stream.pk)
    assert (report.more, report.delivered, cursor.place, cursor.left_out) == (True, 0, 4, 4)
    assert cursor.state == State.HEALTHY


def test_a_stream_switched_off_before_the_removal_resumes_behind_it(
    acme: Tenant, make_stream: MakeStream, loopback: Intake
) -> None:
    make_month(MAY.date())
    stream = make_stream("http_bearer")
    deliver_all(stream)
    Stream.objects.filter(pk=stream.pk).update(enabled=False)
    make_entry(acme, at=MAY, now=MAY)
    apply_retention(now=LATER + timedelta(days=1), still_needed=still_needed)

    Stream.objects.filter(pk=stream.pk).update(enabled=True)
    cursor = deliver_while_due(stream)

    assert [arrival.sequence for arrival in loopback.received("http_bearer")] == [1, 3]
    assert (cursor.left_out, cursor.state) == (1, State.HEALTHY)


def test_an_entry_that_is_neither_there_nor_kept_still_holds_the_stream(
    holed: Tenant, make_stream: MakeStream
) -> None:
    stream = make_stream("http_bearer")
    deliver_while_due(stream)
    LogHead.objects.filter(pk=holed.pk).update(last_sequence=99)

    deliver_once(stream)

    cursor = Cursor.objects.get(pk=stream.pk)
    assert (cursor.state, cursor.last_error_code) == (State.HELD_FOR_SETTINGS, "entry_missing")
