from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from audit import newer as counting
from audit import queries
from audit.models import AuditEntry, Tenant
from audit.newer import Newer, newer
from tests.entries import NOON, make_entry

DAY = timedelta(days=1)


def test_entries_count_from_the_next_sequence_on_whenever_they_occurred(acme: Tenant, globex: Tenant) -> None:
    last = make_entry(acme, at=NOON + DAY)
    make_entry(acme, at=NOON - DAY, now=NOON)
    make_entry(acme, at=NOON)
    make_entry(globex)

    entries = AuditEntry.objects.of(acme)

    assert newer(entries, acme, than=last.sequence) == Newer(2)
    assert newer(entries, acme, than=0) == Newer(3)
    assert newer(entries.filter(occurred_at__gt=NOON), acme, than=last.sequence) == Newer(0)


def test_where_nothing_was_recorded_no_entry_is_looked_at(
    acme: Tenant, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    last = make_entry(acme).sequence

    with django_assert_num_queries(1):
        assert not newer(AuditEntry.objects.of(acme), acme, than=last)
    with django_assert_num_queries(2):
        assert newer(AuditEntry.objects.of(acme), acme, than=last - 1)


def test_counting_stops_at_what_can_be_said(acme: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(4):
        make_entry(acme)
    entries = AuditEntry.objects.of(acme)

    monkeypatch.setattr(counting, "MOST", 3)
    assert newer(entries, acme, than=0) == Newer(3, more=True)
    monkeypatch.setattr(counting, "WALKED", 2)
    assert newer(entries, acme, than=0) == Newer(2, more=True)
    assert newer(entries.none(), acme, than=0) == Newer(0, more=True)


def test_no_time_to_count_is_said_and_not_guessed(acme: Tenant) -> None:
    make_entry(acme)

    slow: Any = AuditEntry.objects.of(acme).extra(where=["pg_sleep(1) IS NULL"])
    with queries.time_limit(seconds=5):
        found = newer(slow, acme, than=0)

    assert found == Newer(0, more=True)


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (Newer(1), "1 new entry"),
        (Newer(12), "12 new entries"),
        (Newer(99, more=True), "99+ new entries"),
        (Newer(1, more=True), "1+ new entries"),
        (Newer(0, more=True), "There may be new entries"),
    ],
)
def test_the_number_in_words(found: Newer, words: str) -> None:
    assert str(found) == words
    assert found
    assert not Newer(0)
