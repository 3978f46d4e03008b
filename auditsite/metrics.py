"""What Prometheus reads: computed from the database at each scrape, so that any number of processes agree."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from itertools import accumulate

from django.db.models import Count, Sum
from prometheus_client import CollectorRegistry
from prometheus_client import exposition as formats
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from audit.models import LogHead
from streaming.models import Replay
from streaming.models.figures import AGE_BOUNDS, REQUEST_BOUNDS, SIZE_BOUNDS
from streaming.surveying import Requests, Surveyed, requests, survey

# A series for each stream costs Prometheus memory: beyond so many streams only the sums are told.
MOST_STREAMS = 500

Read = Callable[[Surveyed], float | None]
GAUGES: dict[str, tuple[str, Read]] = {
    "head_sequence": ("Entries recorded in the stream's log.", lambda one: one.head),
    "place": ("The sequence up to which everything is done.", lambda one: one.cursor.place),
    "waiting_entries": ("Entries that wait.", lambda one: one.waiting),
    "set_aside_entries": ("Entries that are set aside, open.", lambda one: one.cursor.set_aside),
    "not_streamed_entries": ("Entries left out by choice or filter.", lambda one: one.not_streamed),
    "lag_seconds": ("Age of the oldest entry that waits.", lambda one: one.lag),
    "consecutive_failures": ("Attempts in a row that failed.", lambda one: one.cursor.failures),
    "last_success_timestamp_seconds": (
        "When something was delivered last.", lambda one: _stamp(one.cursor.last_success_at)
    ),
    "last_attempt_timestamp_seconds": (
        "When a request was made last.", lambda one: _stamp(one.cursor.last_attempt_at)
    ),
    "next_attempt_timestamp_seconds": (
        "When it is tried again, where it waits.",
        lambda one: _stamp(one.cursor.next_attempt_at) if one.cursor.stream.enabled else None,
    ),
}  # fmt: skip
COUNTERS: dict[str, tuple[str, Read]] = {
    "delivered": ("Entries delivered.", lambda one: one.cursor.delivered),
    "duplicates": ("Delivered entries that the destination had already.", lambda one: one.duplicates),
    "refused": ("Entries that were ever set aside.", lambda one: one.refused),
    "entry_bytes": ("Bytes of the entries in all requests, before encoding.", lambda one: one.entry_bytes),
}
LABELS = ["stream", "destination"]


class LogCollector(Collector):
    """The log and its delivery in numbers; `now` dates them."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def collect(self) -> Iterator[Metric]:
        streams = survey(now=self.now)
        yield from _sums(streams)
        yield from _each(streams if len(streams) <= MOST_STREAMS else [])
        yield from _of_requests(requests())
        replays = GaugeMetricFamily("auditsite_replays", "Replays by state.", labels=["state"])
        for state, count in Replay.objects.order_by().values_list("state").annotate(n=Count("pk")):
            replays.add_metric([state], count)
        yield replays


def _sums(streams: Sequence[Surveyed]) -> Iterator[Metric]:
    """Of all tenants; what waits, lags and has a state are enabled streams only."""
    enabled = [one for one in streams if one.cursor.stream.enabled]
    recorded = LogHead.objects.aggregate(n=Sum("last_sequence"))["n"] or 0
    yield CounterMetricFamily("auditsite_entries_recorded", "Entries recorded, all tenants.", value=recorded)
    states = GaugeMetricFamily("auditsite_streams", "Enabled streams by state.", labels=["state"])
    for state in sorted({one.state for one in enabled}):
        states.add_metric([state], sum(one.state == state for one in enabled))
    yield states
    delivered = sum(one.cursor.delivered for one in streams)
    yield CounterMetricFamily("auditsite_entries_delivered", "Entries delivered.", value=delivered)
    set_aside = sum(one.cursor.set_aside for one in streams)
    yield GaugeMetricFamily("auditsite_entries_set_aside", "Entries set aside.", value=set_aside)
    waiting = sum(one.waiting for one in enabled)
    yield GaugeMetricFamily("auditsite_entries_waiting", "Entries waiting for delivery.", value=waiting)
    lag = max((one.lag for one in enabled), default=0.0)
    yield GaugeMetricFamily("auditsite_lag_seconds", "Age of the oldest waiting entry.", value=lag)


def _each(streams: Sequence[Surveyed]) -> Iterator[Metric]:
    """A series for each stream, named by its id and the kind of its destination; no tenant is named."""
    families: list[tuple[CounterMetricFamily | GaugeMetricFamily, Read]] = [
        *(
            (CounterMetricFamily(f"auditsite_stream_{name}", text, labels=LABELS), read)
            for name, (text, read) in COUNTERS.items()
        ),
        *(
            (GaugeMetricFamily(f"auditsite_stream_{name}", text, labels=LABELS), read)
            for name, (text, read) in GAUGES.items()
        ),
    ]
    for family, read in families:
        for one in streams:
            value = read(one)
            if value is not None:
                family.add_metric(_named(one), value)
        yield family
    states = GaugeMetricFamily(
        "auditsite_stream_state", "1 for the state it is in.", labels=[*LABELS, "state"]
    )
    for one in streams:
        states.add_metric([*_named(one), one.state], 1)
    yield states


def _of_requests(groups: Sequence[Requests]) -> Iterator[Metric]:
    """Requests by kind of destination and meaning of the answer, live and of replays."""
    labels = ["destination", "outcome"]
    seconds = HistogramMetricFamily(
        "auditsite_delivery_request_seconds", "From a request to its answer.", labels=labels
    )
    sizes = HistogramMetricFamily(
        "auditsite_delivery_batch_entries", "Entries in one request.", labels=labels
    )
    ages = HistogramMetricFamily(
        "auditsite_delivery_age_seconds", "From an entry's recording to the answer.", labels=labels
    )
    sent = CounterMetricFamily(
        "auditsite_delivery_entry_bytes", "Bytes of the entries in requests, before encoding.", labels=labels
    )
    for one in groups:
        named = [one.destination, one.outcome]
        seconds.add_metric(named, _buckets(REQUEST_BOUNDS, one.requests_in), one.seconds)
        sizes.add_metric(named, _buckets(SIZE_BOUNDS, one.sizes_in), one.entries)
        if any(one.ages_in):
            ages.add_metric(named, _buckets(AGE_BOUNDS, one.ages_in), one.age_seconds)
        sent.add_metric(named, one.bytes_sent)
    yield from (seconds, sizes, ages, sent)


def _named(one: Surveyed) -> list[str]:
    return [str(one.cursor.pk), one.cursor.stream.destination_kind]


def _buckets(bounds: Sequence[float], numbers: Iterable[int]) -> list[tuple[str, float]]:
    """Cumulative, as Prometheus wants them."""
    names = [*(f"{bound:g}" for bound in bounds), "+Inf"]
    return list(zip(names, accumulate(numbers), strict=True))


def _stamp(moment: datetime | None) -> float | None:
    return moment.timestamp() if moment else None


def exposition(*, now: datetime) -> tuple[bytes, str]:
    """The metrics as Prometheus text, and its content type."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(LogCollector(now))
    return formats.generate_latest(registry), formats.CONTENT_TYPE_PLAIN_0_0_4
