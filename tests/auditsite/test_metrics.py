from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from audit.models import Tenant
from auditsite.metrics import exposition
from streaming.models import Cursor, State, Stream
from tests.entries import NOON, make_entry


def scraped() -> dict[str, float]:
    """Each sample at noon, by its name and labels."""
    body, content_type = exposition(now=NOON)
    assert content_type.startswith("text/plain; version=0.0.4")
    families = text_string_to_metric_families(body.decode())
    return {
        sample.name + "".join(f"[{label}]" for label in sample.labels.values()): sample.value
        for family in families
        for sample in family.samples
    }


def stream(tenant: Tenant, *, enabled: bool = True, **cursor: Any) -> None:
    made = Stream.objects.create(tenant=tenant, url="", enabled=enabled)
    Cursor.objects.create(stream=made, **cursor)


@pytest.mark.django_db
def test_an_empty_installation_has_numbers_too() -> None:
    assert scraped() == {
        "auditsite_entries_recorded_total": 0,
        "auditsite_entries_delivered_total": 0,
        "auditsite_entries_set_aside": 0,
        "auditsite_entries_waiting": 0,
        "auditsite_lag_seconds": 0,
    }


def test_the_log_and_its_delivery_in_numbers(acme: Tenant, globex: Tenant) -> None:
    for tenant, count in ((acme, 5), (globex, 3)):
        for second in range(count):
            make_entry(tenant, at=NOON - timedelta(seconds=100 - second))
    stream(acme, place=3, started_after=0, delivered=2, set_aside=1)
    stream(globex, place=0, started_after=0, state=State.RETRYING, enabled=True)

    assert scraped() == {
        "auditsite_entries_recorded_total": 8,
        "auditsite_streams[healthy]": 1,
        "auditsite_streams[retrying]": 1,
        "auditsite_entries_delivered_total": 2,
        "auditsite_entries_set_aside": 1,
        "auditsite_entries_waiting": 2 + 3,
        "auditsite_lag_seconds": 100,
    }


def test_a_stream_that_is_off_neither_waits_nor_lags(acme: Tenant) -> None:
    make_entry(acme, at=NOON - timedelta(days=1))
    stream(acme, enabled=False)

    found = scraped()

    assert (found["auditsite_entries_waiting"], found["auditsite_lag_seconds"]) == (0, 0)
    assert not [name for name in found if name.startswith("auditsite_streams")]


def test_no_tenant_is_named(acme: Tenant) -> None:
    make_entry(acme)
    stream(acme)

    body, _ = exposition(now=NOON)
    assert b"acme" not in body.lower()
    assert str(acme.pk).encode() not in body
