"""What becomes of set-asides: in the tables, without a destination."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from audit.drafts import Actor
from audit.models import AuditEntry, Person, Tenant
from audit.people import By
from streaming import leasing, settling
from streaming.attempting import ENOUGH_ALIKE, Attempt
from streaming.models import Cursor, Replay, SetAside, State, Stream
from streaming.reading import payloads_of
from streaming.setting_aside import MOST_IN_AN_HOUR, ReasonMissing, dismiss, next_to_send, send_again
from streaming.wire.outcome import Outcome, Verdict
from tests.entries import make_entry
from tests.streams import MakeStream

NOW = datetime.now(UTC)
BY = By(Actor(email="ana@acme.example"), NOW)
REFUSED = Verdict(
    outcome=Outcome.REJECTED, reason="No such field.", code="http_400", http_status=400, rejected=0
)
OK = Verdict(outcome=Outcome.DELIVERED, reason="", code="ok", delivered=1)
BUSY = Verdict(outcome=Outcome.RETRY, reason="Busy.", code="http_503")


@pytest.fixture
def stream(acme: Tenant, make_stream: MakeStream) -> Stream:
    """Fifty entries, of which two are delivered."""
    made = make_stream()
    for _ in range(49):
        make_entry(acme)
    Cursor.objects.filter(pk=made.pk).update(place=2, delivered=2)
    return made


def settled(stream: Stream, verdict: Verdict, *, again: SetAside | None = None) -> Cursor:
    """The cursor after the next entry, or that set-aside, was tried alone for the second time."""
    fresh = Stream.objects.select_related("cursor", "tenant").get(pk=stream.pk)
    number = again.sequence if again else fresh.cursor.place + 1
    if again is None:
        Cursor.objects.filter(pk=stream.pk).update(window_end=number)
        fresh.cursor.window_end = number
    Cursor.objects.filter(pk=stream.pk).update(next_attempt_at=None)
    lease = leasing.claim(stream.pk, owner="test")
    assert lease is not None
    attempt = Attempt(fresh, payloads_of(stream.tenant_id, [number]), verdict, at=NOW, again=again)
    assert settling.settle(attempt, lease, now=NOW)
    leasing.release(lease)
    return Cursor.objects.get(pk=stream.pk)


def set_aside(stream: Stream, count: int = 1) -> list[SetAside]:
    """So many entries set aside, each for another reason, an entry delivered between."""
    for number in range(count):
        settled(stream, replace(REFUSED, code=f"es_{number}"))
        settled(stream, OK)
    return list(SetAside.objects.order_by("sequence"))


def events(tenant: Tenant) -> list[tuple[str, object]]:
    entries = AuditEntry.objects.of(tenant).filter(event__contains="audit_log").order_by("sequence")
    return [(entry.event.rpartition(".")[2], entry.parameters) for entry in entries][1:]


def test_a_set_aside_holds_where_the_entry_is_and_the_answer_it_got(stream: Stream) -> None:
    cursor = settled(stream, REFUSED)

    row = SetAside.objects.get()
    assert (row.sequence, row.entry_id) == (3, AuditEntry.objects.get(sequence=3).pk)
    assert (row.code, row.http_status, row.reason, row.tries) == ("http_400", 400, "No such field.", 1)
    assert (row.at, row.send_again, row.resolution) == (NOW, False, "")
    assert (cursor.alike_refusals, cursor.alike_code) == (1, "http_400")


def test_refusals_in_a_row_for_one_reason_are_the_settings_fault(stream: Stream, acme: Tenant) -> None:
    for _ in range(ENOUGH_ALIKE - 1):
        assert settled(stream, REFUSED).state == State.HEALTHY

    cursor = settled(stream, REFUSED)

    assert (cursor.state, cursor.place, cursor.set_aside) == (State.HELD_FOR_SETTINGS, 7, 5)
    assert cursor.last_error == "The destination refuses everything: No such field."
    assert list(SetAside.objects.values_list("send_again", flat=True)) == [True] * 5
    assert events(acme)[-1][0] == "audit_log_streaming_held"


def test_nothing_more_is_set_aside_then(stream: Stream) -> None:
    for _ in range(ENOUGH_ALIKE):
        settled(stream, REFUSED)

    cursor = settled(stream, REFUSED)

    assert (cursor.state, cursor.place, cursor.set_aside) == (State.HELD_FOR_SETTINGS, 7, 5)
    assert cursor.next_attempt_at is not None


def test_refusals_for_different_reasons_or_with_a_delivery_between_are_not_alike(stream: Stream) -> None:
    for number in range(ENOUGH_ALIKE):
        settled(stream, REFUSED)
        assert settled(stream, replace(REFUSED, code=f"es_{number}")).alike_refusals == 1
    for _ in range(ENOUGH_ALIKE):
        settled(stream, REFUSED)
        cursor = settled(stream, OK)

    assert (cursor.state, cursor.alike_refusals) == (State.HEALTHY, 0)


def test_too_many_in_an_hour_are_the_settings_fault_too(stream: Stream) -> None:
    rows = set_aside(stream, MOST_IN_AN_HOUR)
    SetAside.objects.filter(pk=rows[0].pk).update(at=NOW - timedelta(minutes=61))

    assert settled(stream, REFUSED).state == State.HEALTHY

    settled(stream, OK)
    cursor = settled(stream, REFUSED)
    assert (cursor.state, cursor.set_aside) == (State.HELD_FOR_SETTINGS, MOST_IN_AN_HOUR + 2)
    assert SetAside.objects.filter(send_again=True).count() == MOST_IN_AN_HOUR + 1


def test_a_first_batch_that_is_refused_as_a_whole_holds_the_stream(
    acme: Tenant, make_stream: MakeStream
) -> None:
    fresh = make_stream()
    make_entry(acme)

    assert settled(fresh, REFUSED).state == State.HEALTHY
    cursor = settled(fresh, replace(REFUSED, code="es_other"))

    assert (cursor.place, cursor.set_aside, cursor.state) == (2, 2, State.HELD_FOR_SETTINGS)
    assert SetAside.objects.filter(send_again=True).count() == 2


def test_what_is_delivered_when_sent_again_counts_as_delivered(stream: Stream) -> None:
    (row,) = set_aside(stream)
    send_again(stream, None, by=BY)

    cursor = settled(stream, OK, again=row)

    row.refresh_from_db()
    assert (cursor.set_aside, cursor.delivered, cursor.place) == (0, 4, 4)
    assert (row.resolution, row.resolved_at, row.send_again, row.tries) == ("sent", NOW, False, 2)


def test_what_is_refused_again_stays_with_the_new_answer_and_troubles_nobody(stream: Stream) -> None:
    (row,) = set_aside(stream)
    send_again(stream, None, by=BY)

    cursor = settled(stream, replace(REFUSED, reason="Still no.", code="http_422"), again=row)

    row.refresh_from_db()
    assert (row.tries, row.send_again, row.reason, row.code) == (2, False, "Still no.", "http_422")
    assert (cursor.set_aside, cursor.state, cursor.next_attempt_at) == (1, State.HEALTHY, None)


def test_what_cannot_be_sent_just_now_waits_with_the_stream(stream: Stream) -> None:
    (row,) = set_aside(stream)
    send_again(stream, None, by=BY)

    cursor = settled(stream, BUSY, again=row)

    row.refresh_from_db()
    assert (row.tries, row.send_again) == (1, True)
    assert (cursor.set_aside, cursor.state, cursor.failures) == (1, State.RETRYING, 1)


def test_while_everything_is_refused_set_asides_go_on_waiting_until_one_is_taken(
    stream: Stream, acme: Tenant
) -> None:
    for _ in range(ENOUGH_ALIKE):
        settled(stream, REFUSED)
    first, second, *_ = SetAside.objects.order_by("sequence")

    assert settled(stream, REFUSED, again=first).state == State.HELD_FOR_SETTINGS
    first.refresh_from_db()
    assert (first.send_again, first.tries) == (True, 2)

    cursor = settled(stream, OK, again=second)
    assert (cursor.state, cursor.alike_refusals, cursor.set_aside) == (State.HEALTHY, 0, 4)
    assert [name for name, _ in events(acme)][-2:] == [
        "audit_log_streaming_held",
        "audit_log_streaming_recovered",
    ]


def test_people_choose_what_is_sent_again_and_it_is_recorded(stream: Stream, acme: Tenant) -> None:
    rows = set_aside(stream, 3)

    assert send_again(stream, [rows[1].sequence, 999], by=BY) == 1
    assert next_to_send(stream) == rows[1]
    assert send_again(stream, None, by=BY) == 2
    assert send_again(stream, None, by=BY) == 0

    told = {"stream_name": "SIEM", "from_sequence": 3, "to_sequence": 7, "entries": 2}
    assert events(acme)[-1] == ("audit_log_replayed", told)


def test_what_is_dismissed_counts_as_left_out_and_is_recorded_with_the_reason(
    stream: Stream, acme: Tenant, ana: Person
) -> None:
    rows = set_aside(stream, 2)

    assert dismiss(stream, [rows[0].sequence], because=" A test entry. ", by=BY, person=ana) == 1
    assert dismiss(stream, [rows[0].sequence], because="Once more.", by=BY) == 0

    row, cursor = SetAside.objects.get(pk=rows[0].pk), Cursor.objects.get(pk=stream.pk)
    assert (row.resolution, row.dismissed_because, row.resolved_by) == ("dismissed", "A test entry.", ana)
    assert (cursor.set_aside, cursor.left_out) == (1, 1)
    name, told = events(acme)[-1]
    assert name == "audit_log_set_asides_dismissed"
    assert told == {
        "stream_name": "SIEM", "from_sequence": 3, "to_sequence": 3, "entries": 1, "reason": "A test entry.",
    }  # fmt: skip


def test_nothing_is_dismissed_without_a_reason(stream: Stream) -> None:
    set_aside(stream)

    with pytest.raises(ReasonMissing, match="Say why"):
        dismiss(stream, None, because="  ", by=BY)


def test_what_is_dismissed_while_it_is_on_its_way_is_counted_once(stream: Stream) -> None:
    (row,) = set_aside(stream)
    send_again(stream, None, by=BY)
    dismiss(stream, None, because="No need.", by=BY)

    cursor = settled(stream, OK, again=row)

    assert (cursor.set_aside, cursor.left_out, cursor.delivered) == (0, 1, 3)


def test_what_a_replay_was_refused_moves_no_count(stream: Stream) -> None:
    replay = Replay.objects.create(
        stream=stream, asked_at=NOW, first_sequence=1, last_sequence=2, counted=2, place=0
    )
    rows = [
        SetAside.objects.create(
            stream=stream, replay=replay, sequence=n, entry_id=replay.pk, at=NOW, last_tried_at=NOW
        )
        for n in (1, 2)
    ]
    send_again(stream, [1], by=BY)

    settled(stream, OK, again=rows[0])
    dismiss(stream, [2], because="No need.", by=BY)

    cursor = Cursor.objects.get(pk=stream.pk)
    assert (cursor.set_aside, cursor.left_out, cursor.delivered) == (0, 0, 2)
    assert sorted(SetAside.objects.values_list("resolution", flat=True)) == ["dismissed", "sent"]


def test_nothing_is_set_aside_for_a_lease_that_is_gone(stream: Stream) -> None:
    Cursor.objects.filter(pk=stream.pk).update(window_end=3)
    fresh = Stream.objects.select_related("cursor", "tenant").get(pk=stream.pk)
    lease = leasing.claim(stream.pk, owner="slow")
    assert lease is not None
    leasing.fence_off(stream.pk)

    late = Attempt(fresh, payloads_of(stream.tenant_id, [3]), REFUSED, at=NOW)

    assert not settling.settle(late, lease, now=NOW)
    assert not SetAside.objects.exists()
