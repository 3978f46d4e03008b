from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from audit.models import Tenant
from auditsite import metrics
from auditsite.demo.intake import Intake
from auditsite.demo.intake.behaviour import busy
from auditsite.metrics import exposition
from streaming.health import Health, health_of
from streaming.models import Cursor, State, Stream
from tests.entries import NOON, make_entry
from tests.replays import record_entries
from tests.streams import MakeStream, deliver_all, deliver_once


def scraped(now: datetime = NOON) -> dict[str, float]:
    """Each sample, at noon if nothing else is said, by its name and labels."""
    body, content_type = exposition(now=now)
    assert content_type.startswith("text/plain; version=0.0.4")
    families = text_string_to_metric_families(body.decode())
    return {
        sample.name + "".join(f"[{label}]" for _, label in sorted(sample.labels.items())): sample.value
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

    found = scraped()

    sums = {name: value for name, value in found.items() if not name.startswith("auditsite_stream_")}
    assert sums == {
        "auditsite_entries_recorded_total": 8,
        "auditsite_streams[catching_up]": 1,
        "auditsite_streams[retrying]": 1,
        "auditsite_entries_delivered_total": 2,
        "auditsite_entries_set_aside": 1,
        "auditsite_entries_waiting": 2 + 3,
        "auditsite_lag_seconds": 100,
    }


def test_each_stream_has_its_own_series_as_health_tells_it(
    acme: Tenant, make_stream: MakeStream, loopback: Intake
) -> None:
    record_entries(acme, 20)
    made = make_stream("splunk_hec")
    deliver_all(made)
    make_entry(acme)
    loopback.behave("splunk_hec", busy())
    deliver_once(made)
    now = datetime.now(UTC)

    found, health = scraped(now), health_of(made, now=now)

    mine = f"[splunk_hec][{made.pk}]"
    series = {name.removesuffix(mine): value for name, value in found.items() if name.endswith(mine)}
    assert series == {f"auditsite_stream_{name}": value for name, value in told_by(health).items()}
    assert found[f"auditsite_stream_state[splunk_hec][retrying][{made.pk}]"] == 1
    assert (health.delivered, health.failures, health.waiting) == (21, 1, 1)


def told_by(health: Health) -> dict[str, float]:
    assert health.next_attempt_at is not None
    assert health.last_success_at is not None
    assert health.last_attempt_at is not None
    return {
        "head_sequence": health.recorded,
        "place": health.place,
        "waiting_entries": health.waiting,
        "set_aside_entries": health.set_aside,
        "not_streamed_entries": health.not_streamed,
        "lag_seconds": health.lag_seconds,
        "consecutive_failures": health.failures,
        "delivered_total": health.delivered,
        "duplicates_total": health.duplicates,
        "refused_total": health.refused,
        "entry_bytes_total": health.entry_bytes,
        "last_success_timestamp_seconds": health.last_success_at.timestamp(),
        "last_attempt_timestamp_seconds": health.last_attempt_at.timestamp(),
        "next_attempt_timestamp_seconds": health.next_attempt_at.timestamp(),
    }


def test_requests_are_histograms_by_destination_and_meaning(acme: Tenant, make_stream: MakeStream) -> None:
    record_entries(acme, 20)
    deliver_all(make_stream("elasticsearch"))

    found = scraped()

    kind = "[elasticsearch][delivered]"
    assert found[f"auditsite_delivery_request_seconds_count{kind}"] == 1
    assert found["auditsite_delivery_request_seconds_bucket[elasticsearch][+Inf][delivered]"] == 1
    assert found[f"auditsite_delivery_batch_entries_sum{kind}"] == 21
    assert found["auditsite_delivery_batch_entries_bucket[elasticsearch][10][delivered]"] == 0
    assert found["auditsite_delivery_batch_entries_bucket[elasticsearch][50][delivered]"] == 1
    assert found[f"auditsite_delivery_age_seconds_count{kind}"] == 21
    assert found[f"auditsite_delivery_entry_bytes_total{kind}"] > 5_000


def test_beyond_so_many_streams_only_the_sums_are_told(
    acme: Tenant, globex: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(metrics, "MOST_STREAMS", 1)
    stream(acme)
    assert [name for name in scraped() if name.startswith("auditsite_stream_")]

    stream(globex)

    assert not [name for name in scraped() if name.startswith("auditsite_stream_")]


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
