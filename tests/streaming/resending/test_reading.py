from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from audit.models import KeptLeaf, LogHead, Tenant
from audit.partitions import make_month
from audit.retention import apply_retention
from streaming.models import Stream
from streaming.reading import EntryMissing, still_needed
from streaming.resending.reading import Passed, first_since, last_before, passed, payloads_between
from tests.entries import NOON, make_entry

MAY = datetime(2026, 5, 20, tzinfo=UTC)
LATER = datetime(2027, 7, 1, tzinfo=UTC)


@pytest.fixture
def stream(acme: Tenant) -> Stream:
    return Stream.objects.create(tenant=acme, url="")


def test_the_entries_of_the_range_are_read_in_order(acme: Tenant, stream: Stream) -> None:
    for _ in range(6):
        make_entry(acme)

    found = payloads_between(stream, 1, 5, most=3)

    assert [payload.sequence for payload in found] == [2, 3, 4]
    assert b'"sequence":2' in found[0].body


def test_the_streams_filter_is_honoured_and_the_others_are_counted(acme: Tenant, stream: Stream) -> None:
    stream.entry_filter = "action=cases.case_shared"
    for event in ("cases.case_shared", "workflows.workflow_published", "cases.case_shared"):
        make_entry(acme, event)

    sent = [payload.sequence for payload in payloads_between(stream, 0, 3, most=9)]

    assert sent == [1, 3]
    assert passed(stream, 0, 3, sent=sent) == Passed(not_matching=1, removed=0)


def test_what_retention_removed_is_counted(acme: Tenant, stream: Stream) -> None:
    make_month(MAY.date())
    for number in range(1, 6):
        make_entry(acme, at=NOON if number in {2, 5} else MAY, now=NOON if number in {2, 5} else MAY)
    apply_retention(now=LATER, still_needed=still_needed)
    assert KeptLeaf.objects.count() == 3

    assert [payload.sequence for payload in payloads_between(stream, 0, 5, most=9)] == [2, 5]
    assert passed(stream, 0, 5, sent=[2, 5]) == Passed(not_matching=0, removed=3)


def test_an_entry_that_is_nowhere_is_named(acme: Tenant, stream: Stream) -> None:
    for _ in range(3):
        make_entry(acme)
    LogHead.objects.filter(pk=acme.pk).update(last_sequence=4)
    make_entry(acme)

    with pytest.raises(EntryMissing) as missing:
        passed(stream, 0, 5, sent=[1, 2, 3, 5])

    assert missing.value.sequence == 4


def test_a_moment_is_found_in_the_log_by_when_entries_were_recorded(acme: Tenant) -> None:
    for minute in range(10):
        make_entry(acme, at=NOON, now=NOON + timedelta(minutes=minute))

    assert first_since(acme.pk, NOON - timedelta(days=1)) == 1
    assert first_since(acme.pk, NOON + timedelta(minutes=4)) == 5
    assert first_since(acme.pk, NOON + timedelta(minutes=4, seconds=1)) == 6
    assert first_since(acme.pk, NOON + timedelta(days=1)) == 11
    assert last_before(acme.pk, NOON + timedelta(minutes=4)) == 4
    assert last_before(acme.pk, NOON) == 0
    assert last_before(acme.pk, NOON + timedelta(days=1)) == 10


def test_neighbours_that_were_numbered_late_are_not_forgotten(acme: Tenant) -> None:
    for seconds in (0, 5, 3, 6, 4, 8):
        make_entry(acme, at=NOON, now=NOON + timedelta(seconds=seconds))

    assert first_since(acme.pk, NOON + timedelta(seconds=5)) == 2
    assert last_before(acme.pk, NOON + timedelta(seconds=5)) == 5
