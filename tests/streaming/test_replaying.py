from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from audit.models import AuditEntry, Tenant
from streaming import replaying
from streaming.models import Replay, ReplayState, Stream
from streaming.replaying import Counted, ReplayRefused, Span
from tests.entries import NOON, make_entry
from tests.replays import record_entries, start
from tests.streams import ANA, MakeStream


@pytest.fixture
def stream(acme: Tenant, make_stream: MakeStream) -> Stream:
    """Entries 1 to 5 were recorded at noon and each a minute later; 6 says that streaming was switched on."""
    for minute in range(5):
        event = "cases.case_shared" if minute < 2 else "workflows.workflow_published"
        make_entry(acme, event, at=NOON - timedelta(days=1), now=NOON - timedelta(days=1, minutes=-minute))
    return make_stream()


def test_moments_are_turned_into_numbers(stream: Stream) -> None:
    since = NOON - timedelta(days=1, minutes=-1)

    assert replaying.span_of_moments(stream, since=since) == Span(2, 6)
    assert replaying.span_of_moments(stream, since=since, until=since + timedelta(minutes=2)) == Span(2, 3)


def test_a_range_beyond_the_log_is_cut_or_refused(stream: Stream) -> None:
    assert replaying.span_of_numbers(stream, first=-3, last=900) == Span(1, 6)
    with pytest.raises(ReplayRefused, match="The log ends at entry 6"):
        replaying.span_of_numbers(stream, first=7)


def test_what_would_go_is_counted_beforehand(stream: Stream) -> None:
    assert replaying.count(stream, Span(1, 5)) == Counted(Span(1, 5), 5, 0, 0)

    stream.entry_filter = "action=cases.case_shared"
    assert replaying.count(stream, Span(1, 5)) == Counted(Span(1, 5), 2, 3, 0)
    with pytest.raises(ReplayRefused, match="None of these"):
        replaying.count(stream, Span(4, 5))
    stream.entry_filter = "action=no.such_event"
    with pytest.raises(ReplayRefused, match="cannot be applied"):
        replaying.count(stream, Span(1, 5))


def test_a_count_that_takes_too_long_is_stopped(stream: Stream, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replaying, "LONGEST_COUNT", 0.001)
    record_entries(stream.tenant, 5_000)
    stream.entry_filter = "not.by=bea@acme.example&q=workflow"

    with pytest.raises(ReplayRefused, match="Choose a shorter range"):
        replaying.count(stream, Span(1, 5_000))


def test_one_replay_at_a_time_and_only_while_streaming_is_on(stream: Stream, acme: Tenant) -> None:
    start(stream)

    with pytest.raises(ReplayRefused, match="has not ended yet"):
        start(stream)
    assert Replay.objects.count() == 1
    assert AuditEntry.objects.of(acme).filter(event__endswith="audit_log_replayed").count() == 1
    Stream.objects.filter(pk=stream.pk).update(enabled=False)
    stream.refresh_from_db()
    with pytest.raises(ReplayRefused, match="Streaming is off"):
        start(stream)


def test_it_is_paused_resumed_and_cancelled_once_each(stream: Stream, acme: Tenant) -> None:
    replay = start(stream)
    now = datetime.now(UTC)

    assert [replaying.pause(replay), replaying.pause(replay)] == [True, False]
    assert [replaying.resume(replay), replaying.resume(replay)] == [True, False]
    assert replaying.cancel(replay, change=ANA, now=now)
    assert not replaying.cancel(replay, change=ANA, now=now)

    replay.refresh_from_db()
    assert (replay.state, replay.finished_at) == (ReplayState.CANCELLED, now)
    told = AuditEntry.objects.of(acme).filter(event__endswith="audit_log_replayed").order_by("sequence")
    assert [entry.parameters["result"] for entry in told] == ["started", "cancelled"]


def test_the_latest_is_what_the_page_shows(stream: Stream) -> None:
    assert replaying.latest(stream) is None

    replay = start(stream)

    assert replaying.latest(stream) == replay
