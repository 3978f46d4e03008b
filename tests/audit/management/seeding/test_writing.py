"""Writing a story: batches that are recorded together, chunks that are committed together."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from audit.management.seeding import writing
from audit.models import AuditEntry, Tenant

END = datetime(2026, 11, 24, 12, tzinfo=UTC)


@pytest.mark.usefixtures("soc")
def test_the_last_day_looks_as_if_it_had_come_in_as_it_happened(acme: Tenant) -> None:
    period = writing.Period(END - timedelta(days=3), END)

    last = writing.seed(acme, entries=1_500, period=period, seed=1)

    assert last == 1_500
    entries = AuditEntry.objects.of(acme)
    assert entries.count() == 1_500
    lateness = [
        entry.recorded_at - entry.occurred_at
        for entry in entries.filter(occurred_at__gt=END - writing.RECENT)
    ]
    assert max(lateness) <= writing.RECENT_SPAN + writing.AFTER


@pytest.mark.usefixtures("soc")
def test_no_entry_of_a_story_has_a_clock_that_is_off(acme: Tenant) -> None:
    writing.seed(acme, entries=50, period=writing.Period(END - timedelta(days=90), END), seed=2)

    assert not any(entry.clock_is_off for entry in AuditEntry.objects.of(acme))
