"""Three doors tell the same of a stream, and it is the truth: health, the survey for Prometheus, and the log itself."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from audit.models import AuditEntry, Tenant
from auditsite.demo.intake import Intake
from auditsite.demo.intake.behaviour import Behaviour, Refusal, busy
from streaming.configuring import Settings, add_stream
from streaming.encryption import Secret
from streaming.health import health_of
from streaming.models import Cursor, Figures, SetAside, State, Stream
from streaming.surveying import Surveyed, glance, requests, survey
from tests.entries import NOON, make_entry
from tests.replays import catch_up, record_entries
from tests.streams import ANA, MakeStream, deliver_all, deliver_once, make_due

KINDS = ["splunk_hec", "http_bearer", "elasticsearch"]
every_kind = pytest.mark.parametrize("kind", KINDS)


def surveyed(stream: Stream, now: datetime) -> Surveyed:
    return next(one for one in survey(now=now) if one.cursor.pk == stream.pk)


def told(stream: Stream, intake: Intake, kind: str) -> dict[str, Any]:
    """What health and survey say alike, checked against what lies in the log and what has arrived."""
    now = datetime.now(UTC)
    stream.refresh_from_db()
    health, seen = health_of(stream, now=now), surveyed(stream, now)
    both: dict[str, tuple[Any, Any]] = {
        "state": (health.state, seen.state),
        "recorded": (health.recorded, seen.head),
        "place": (health.place, seen.cursor.place),
        "delivered": (health.delivered, seen.cursor.delivered),
        "waiting": (health.waiting, seen.waiting),
        "set_aside": (health.set_aside, seen.cursor.set_aside),
        "not_streamed": (health.not_streamed, seen.not_streamed),
        "lag": (health.lag_seconds, seen.lag),
        "refused": (health.refused, seen.refused),
        "duplicates": (health.duplicates, seen.duplicates),
        "entry_bytes": (health.entry_bytes, seen.entry_bytes),
        "failures": (health.failures, seen.cursor.failures),
    }
    assert {name: pair for name, pair in both.items() if pair[0] != pair[1]} == {}
    figures = {name: pair[0] for name, pair in both.items()}
    entries = AuditEntry.objects.of(stream.tenant)
    assert figures["recorded"] == entries.count()
    assert figures["delivered"] == len({arrival.id for arrival in intake.received(kind)})
    assert figures["set_aside"] == SetAside.objects.filter(stream=stream, resolution="").count()
    started = seen.cursor.started_after is not None
    assert figures["waiting"] == (entries.filter(sequence__gt=health.place).count() if started else 0)
    parts = ("delivered", "waiting", "set_aside", "not_streamed")
    assert figures["recorded"] == sum(figures[part] for part in parts)
    return figures


@every_kind
def test_the_figures_are_the_truth_in_every_state(
    kind: str, acme: Tenant, make_stream: MakeStream, loopback: Intake
) -> None:
    """One long walk: each step needs the one before."""
    record_entries(acme, 7)
    stream = make_stream(kind)
    told(stream, loopback, kind)
    deliver_all(stream)
    assert told(stream, loopback, kind)["state"] == "healthy"

    make_entry(acme)
    for behaviour, state in (
        (busy(), "retrying"),
        (Behaviour(status=401, body="{}"), "held_for_credentials"),
    ):
        loopback.behave(kind, behaviour, times=1)
        deliver_once(stream)
        make_due(stream)
        assert told(stream, loopback, kind)["state"] == state

    loopback.heal()
    catch_up(stream)
    some_are_refused(stream, loopback, kind)
    Stream.objects.filter(pk=stream.pk).update(enabled=False)
    record_entries(acme, 2)
    assert told(stream, loopback, kind)["state"] == "disabled"


def some_are_refused(stream: Stream, intake: Intake, kind: str) -> None:
    make_entry(stream.tenant, details="poison")
    record_entries(stream.tenant, 3)
    intake.behave(kind, Behaviour(refusals=(Refusal(containing="poison"),)))
    catch_up(stream)
    assert told(stream, intake, kind)["state"] == "delivering_with_set_asides"


def test_a_stream_that_is_held_or_behind_is_told_alike(
    acme: Tenant, make_stream: MakeStream, loopback: Intake
) -> None:
    stream = make_stream(start_from="now")
    deliver_all(stream)
    make_entry(acme, now=datetime(2026, 1, 1, tzinfo=UTC))

    assert told(stream, loopback, "http_bearer")["state"] == "catching_up"
    Cursor.objects.filter(pk=stream.pk).update(state=State.HELD_FOR_SETTINGS)
    assert told(stream, loopback, "http_bearer")["state"] == "held_for_settings"


def test_a_stream_that_never_started_and_a_tenant_without_a_log_are_told(
    acme: Tenant, globex: Tenant, make_stream: MakeStream, loopback: Intake
) -> None:
    stream = make_stream(enabled=None)
    empty = Stream.objects.create(tenant=globex, url="")
    Cursor.objects.create(stream=empty)

    assert told(stream, loopback, "http_bearer")["waiting"] == 0
    assert surveyed(empty, datetime.now(UTC)).head == 0
    assert acme != globex


def test_requests_are_summed_by_kind_and_meaning(acme: Tenant) -> None:
    for name in ("one", "two"):
        stream = Stream.objects.create(tenant=acme, name=name, url="", destination_kind="splunk_hec")
        Figures.objects.create(
            stream=stream, outcome="delivered", requests=2, requests_in=[2, *[0] * 11], sizes_in=[0, 2],
            ages_in=[3, 1], seconds=0.5, entries=4, bytes_sent=100, age_seconds=1.0,
        )  # fmt: skip

    (summed,) = requests()

    assert (summed.destination, summed.outcome, summed.entries, summed.bytes_sent) == (
        "splunk_hec", "delivered", 8, 200,
    )  # fmt: skip
    assert (summed.seconds, summed.requests_in[0], summed.sizes_in[1], summed.ages_in[:2]) == (
        1.0,
        4,
        4,
        [6, 2],
    )


def test_a_glance_says_of_each_stream_what_health_does(
    acme: Tenant, globex: Tenant, make_stream: MakeStream, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    first = make_stream("http_bearer")
    deliver_all(first)
    make_entry(acme, at=NOON - timedelta(seconds=40))
    add_stream(
        tenant=acme,
        settings=Settings(
            enabled=True,
            name="Other",
            destination_kind="splunk_hec",
            url="https://s.acme.example",
            token=Secret("t" * 36),
        ),
        change=ANA,
        now=NOON,
    )
    make_stream("http_bearer", tenant=globex)

    with django_assert_num_queries(2):
        one, other = glance("acme", now=NOON)

    for seen in (one, other):
        health = health_of(seen.cursor.stream, now=NOON)
        assert (seen.state, seen.label, seen.tone) == (health.state, health.label, health.tone)
        assert (seen.waiting, round(seen.lag, 3)) == (health.waiting, health.lag_seconds)
    assert (one.kind, one.waiting, one.lag) == ("HTTP (Bearer Auth)", 2, 40.0)
    assert (other.kind, other.host) == ("Splunk HEC", "s.acme.example")
