"""A stream with a filter: what it does not take is counted, and passed over."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from audit.models import LogHead, Tenant
from auditsite.demo.intake import Intake, busy
from streaming import leasing, reading
from streaming.delivery import Run
from streaming.health import health_of
from streaming.models import Cursor, Stream
from tests.entries import make_entry
from tests.streams import MakeStream, deliver_all, deliver_once, make_due

BOB, ANA = "bob@acme.example", "ana@acme.example"


@pytest.fixture
def stream(acme: Tenant, make_stream: MakeStream) -> Stream:
    """Of 9 entries 3, 4 and 8 are Bob's; the first is that streaming was switched on."""
    made = make_stream()
    for number in range(2, 10):
        make_entry(acme, by=BOB if number in {3, 4, 8} else ANA)
    Stream.objects.filter(pk=made.pk).update(entry_filter=f"by={BOB}")
    return made


def counts(stream: Stream) -> tuple[int, int, int]:
    """Place, delivered and not matching, which add up."""
    cursor = Cursor.objects.get(pk=stream.pk)
    health = health_of(Stream.objects.get(pk=stream.pk), now=datetime.now(UTC))
    assert health.recorded == health.delivered + health.waiting + health.set_aside + health.not_streamed
    return cursor.place, cursor.delivered, cursor.not_matching


def arrived(intake: Intake) -> list[int | None]:
    return [arrival.sequence for arrival in intake.received("http_bearer")]


def test_only_what_matches_is_sent_and_the_rest_is_counted(
    stream: Stream, acme: Tenant, loopback: Intake
) -> None:
    deliver_all(stream)

    assert arrived(loopback) == [3, 4, 8]
    assert counts(stream) == (9, 3, 6)

    make_entry(acme, by=ANA)
    deliver_all(stream)
    assert counts(stream) == (10, 3, 7)


def test_between_batches_the_place_stays_at_what_was_sent(stream: Stream) -> None:
    Cursor.objects.filter(pk=stream.pk).update(batch_limit=1)

    assert deliver_once(stream).more
    assert counts(stream) == (3, 1, 2)


def test_what_was_not_taken_is_not_passed_over(stream: Stream, loopback: Intake) -> None:
    loopback.behave("http_bearer", busy(), times=1)

    deliver_once(stream)
    assert counts(stream) == (0, 0, 0)

    make_due(stream)
    deliver_all(stream)
    assert counts(stream) == (9, 3, 6)


def test_a_large_gap_is_passed_over_step_by_step(
    stream: Stream, loopback: Intake, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "MOST_LOOKED_AT", 2)

    with Run(stream.pk, owner="test") as run:
        steps = [run.deliver_next_batch(now=datetime.now(UTC)) for _ in range(5)]

    assert [step.delivered for step in steps] == [0, 2, 0, 1, 0]
    assert (arrived(loopback), counts(stream)) == ([3, 4, 8], (9, 3, 6))


@pytest.mark.parametrize("change", ["lease", "filter"])
def test_nothing_is_passed_over_for_a_lease_or_a_filter_that_is_gone(change: str, stream: Stream) -> None:
    Stream.objects.filter(pk=stream.pk).update(entry_filter="by=nobody")
    with Run(stream.pk, owner="slow") as run:
        attempt = run._attempt(
            Stream.objects.select_related("cursor", "tenant").get(pk=stream.pk), now=datetime.now(UTC)
        )
        assert attempt is not None
        if change == "lease":
            leasing.fence_off(stream.pk)
        else:
            Stream.objects.filter(pk=stream.pk).update(config_version=9)

        report = run._settled(attempt, now=datetime.now(UTC))

    assert not report.more
    assert counts(stream) == (0, 0, 0)


def test_a_stream_whose_filter_takes_nothing_keeps_up(stream: Stream, acme: Tenant) -> None:
    Stream.objects.filter(pk=stream.pk).update(entry_filter="by=nobody")

    deliver_all(stream)

    head = LogHead.objects.get(pk=acme.pk).last_sequence
    assert counts(stream) == (head, 0, head)
