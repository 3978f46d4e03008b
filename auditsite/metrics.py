"""What Prometheus reads: computed from the database at each scrape, so that any number of processes agree."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.db.models import Count, F, Sum
from prometheus_client import CollectorRegistry
from prometheus_client import exposition as formats
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from audit.models import LogHead
from streaming.health import lag_seconds
from streaming.models import Cursor


class LogCollector(Collector):
    """The log and its delivery in a handful of numbers."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def collect(self) -> Iterator[Metric]:
        recorded = LogHead.objects.aggregate(n=Sum("last_sequence"))["n"] or 0
        yield CounterMetricFamily(
            "auditsite_entries_recorded", "Entries recorded, all tenants.", value=recorded
        )
        enabled = Cursor.objects.filter(stream__enabled=True)
        states = GaugeMetricFamily("auditsite_streams", "Enabled streams by state.", labels=["state"])
        for state, count in enabled.values_list("state").annotate(n=Count("pk")):
            states.add_metric([state], count)
        yield states
        sums = Cursor.objects.aggregate(delivered=Sum("delivered"), set_aside=Sum("set_aside"))
        yield CounterMetricFamily(
            "auditsite_entries_delivered", "Entries delivered.", value=sums["delivered"] or 0
        )
        yield GaugeMetricFamily(
            "auditsite_entries_set_aside", "Entries set aside.", value=sums["set_aside"] or 0
        )
        waiting = (
            enabled.aggregate(n=Sum(F("stream__tenant__log_head__last_sequence") - F("place")))["n"] or 0
        )
        yield GaugeMetricFamily("auditsite_entries_waiting", "Entries waiting for delivery.", value=waiting)
        lag = max(
            (lag_seconds(cursor, now=self.now) for cursor in enabled.select_related("stream")), default=0.0
        )
        yield GaugeMetricFamily("auditsite_lag_seconds", "Age of the oldest waiting entry.", value=lag)


def exposition(*, now: datetime) -> tuple[bytes, str]:
    """The metrics as Prometheus text, and its content type."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(LogCollector(now))
    return formats.generate_latest(registry), formats.CONTENT_TYPE_PLAIN_0_0_4
