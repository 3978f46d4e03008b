"""Entries that a destination refuses for their own content: found, tried alone, and set aside; the others flow."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from audit.drafts import Actor
from audit.models import LogHead, Tenant
from audit.people import By
from auditsite.demo.intake import KINDS, Behaviour, Intake, Refusal, Rules
from streaming.destinations.http_bearer import HttpBearer
from streaming.health import health_of
from streaming.models import Cursor, DeliveryAttempt, SetAside, State, Stream
from streaming.setting_aside import send_again
from tests.entries import make_entry
from tests.fakes.intake import MakeIntake
from tests.streaming.test_delivery import record_entries
from tests.streams import MakeStream, deliver_all, deliver_once, make_due

every_kind = pytest.mark.parametrize("kind", KINDS)
POISON = Behaviour(refusals=(Refusal(containing="poison"),))


def arrived(intake: Intake, kind: str) -> list[int]:
    return [arrival.sequence or 0 for arrival in intake.received(kind)]


def aside() -> list[int]:
    return list(SetAside.objects.filter(resolution="").values_list("sequence", flat=True))


def checked(stream: Stream) -> Cursor:
    """The cursor, after the sums were checked."""
    health = health_of(Stream.objects.get(pk=stream.pk), now=datetime.now(UTC))
    assert health.recorded == health.delivered + health.waiting + health.set_aside + health.not_streamed
    assert health.set_aside == len(aside())
    return Cursor.objects.get(pk=stream.pk)


def step_by_step(stream: Stream, *, most: int = 100) -> Cursor:
    """Batch by batch, each by a worker of its own, the sums checked after each."""
    for _ in range(most):
        report = deliver_once(stream)
        cursor = checked(stream)
        if not report.more:
            break
    return cursor


@every_kind
def test_a_poisonous_entry_is_set_aside_and_all_others_arrive_in_order(
    kind: str, acme: Tenant, make_stream: MakeStream, loopback: Intake
) -> None:
    stream = make_stream(kind)
    record_entries(acme, 6)
    make_entry(acme, details="poison")
    record_entries(acme, 6)
    loopback.behave(kind, POISON)

    cursor = step_by_step(stream)

    assert (cursor.place, cursor.delivered, cursor.set_aside) == (14, 13, 1)
    assert (cursor.state, cursor.batch_limit, cursor.window_end) == (State.HEALTHY, None, None)
    assert aside() == [8]
    assert sorted(arrived(loopback, kind)) == [n for n in range(1, 15) if n != 8]
    # Elasticsearch takes what stands behind a refused document at once, the others stop before it.
    assert kind == "elasticsearch" or arrived(loopback, kind) == sorted(arrived(loopback, kind))
    assert loopback.duplicates(kind) == [] or kind == "elasticsearch"


@every_kind
@pytest.mark.parametrize("where", [[1], [14], [7, 8, 9], [2, 13], [1, 5, 9, 14]])
def test_poison_anywhere_is_found(
    where: list[int], kind: str, acme: Tenant, make_stream: MakeStream, loopback: Intake
) -> None:
    stream = make_stream(kind)
    for number in range(1, 15):
        make_entry(acme, details="poison" if number in where else "")
    loopback.behave(kind, POISON)

    cursor = step_by_step(stream)

    assert aside() == [number + 1 for number in where]
    assert (cursor.place, cursor.state) == (LogHead.objects.get(tenant=acme).last_sequence, State.HEALTHY)


def test_halving_takes_few_requests_and_goes_on_with_full_batches_at_once(
    acme: Tenant, make_stream: MakeStream, loopback: Intake, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(HttpBearer, "most_payloads", 200)
    stream = make_stream("http_bearer")
    record_entries(acme, 149)
    make_entry(acme, details="poison")
    record_entries(acme, 249)
    loopback.behave("http_bearer", POISON)

    step_by_step(stream)

    tries = DeliveryAttempt.objects.order_by("pk").values_list("first_sequence", "last_sequence")
    sizes = [last - first + 1 for first, last in tries]
    assert sizes[:3] == [200, 100, 50]
    assert (aside(), len(sizes) <= 12, sizes[-2:]) == ([151], True, [200, 49])


@every_kind
def test_a_worker_that_takes_over_goes_on_halving_where_the_other_was(
    kind: str, acme: Tenant, make_stream: MakeStream, loopback: Intake
) -> None:
    stream = make_stream(kind)
    record_entries(acme, 40)
    make_entry(acme, details="poison")
    loopback.behave(kind, POISON)

    deliver_once(stream)
    first = checked(stream)
    deliver_once(stream)

    assert first.window_end == 42
    last = DeliveryAttempt.objects.order_by("pk").last()
    assert last is not None
    assert last.last_sequence - last.first_sequence + 1 == (21 if kind == "http_bearer" else 1)


def test_splunk_gets_an_entry_without_its_fields_where_it_refuses_those(
    acme: Tenant, make_stream: MakeStream, loopback: Intake
) -> None:
    stream = make_stream("splunk_hec")
    record_entries(acme, 3)
    loopback.behave("splunk_hec", Behaviour(refusals=(Refusal(containing='"fields"', code=15),)))

    cursor = step_by_step(stream)

    assert (aside(), cursor.delivered) == ([], 4)
    assert all("fields" not in (arrival.envelope or {}) for arrival in loopback.received("splunk_hec"))


@pytest.mark.parametrize("kind", ["http_bearer", "elasticsearch"])
def test_an_entry_that_is_too_large_alone_goes_shortened_and_says_so(
    kind: str, acme: Tenant, make_stream: MakeStream, make_intake: MakeIntake
) -> None:
    small = make_intake(Rules(http_max_bytes=9_000, elasticsearch_max_bytes=18_000))
    stream = make_stream(kind, url=small.url(kind))
    record_entries(acme, 2)
    make_entry(acme, details="x" * 9_000, parameters={"workflow_name": "Triage", "notes": "y" * 9_000})
    record_entries(acme, 2)

    cursor = step_by_step(stream)

    assert (aside(), cursor.delivered) == ([], 6)
    entry = json.dumps(next(a.entry for a in small.received(kind) if a.sequence == 4))
    assert '"_truncated"' in entry or '\\"_truncated\\"' in entry
    assert "Triage" in entry
    assert len(entry) < 10_000


@every_kind
def test_one_that_is_too_large_even_so_is_set_aside(
    kind: str, acme: Tenant, make_stream: MakeStream, loopback: Intake
) -> None:
    stream = make_stream(kind)
    record_entries(acme, 3)
    loopback.behave(kind, Behaviour(status=413), times=3)

    deliver_once(stream)
    Cursor.objects.filter(pk=stream.pk).update(batch_limit=1)
    deliver_once(stream)
    loopback.heal()
    loopback.behave(kind, Behaviour(status=413), times=2)
    cursor = step_by_step(stream)

    assert (aside(), cursor.place, cursor.delivered, cursor.state) == ([1], 4, 3, State.HEALTHY)
    row = SetAside.objects.get()
    assert (row.code, row.http_status) == ("http_413", 413)


@every_kind
def test_a_destination_that_refuses_everything_holds_the_stream_and_gets_all_of_it_in_the_end(
    kind: str, acme: Tenant, make_stream: MakeStream, loopback: Intake
) -> None:
    stream = make_stream(kind)
    deliver_all(stream)
    record_entries(acme, 300)
    loopback.behave(kind, Behaviour(refusals=(Refusal(),)))

    for _ in range(4):
        cursor = step_by_step(stream)
        make_due(stream)

    assert (cursor.state, cursor.set_aside) == (State.HELD_FOR_SETTINGS, 5)
    assert cursor.last_error.startswith("The destination refuses everything: ")

    loopback.heal()
    make_due(stream)
    step_by_step(stream)
    cursor = step_by_step(stream)

    assert (cursor.state, cursor.set_aside, aside()) == (State.HEALTHY, 0, [])
    assert set(arrived(loopback, kind)) == set(range(1, cursor.place + 1))
    assert cursor.delivered == cursor.place == LogHead.objects.get(tenant=acme).last_sequence


@pytest.mark.parametrize("status", [401, 403, 404, 429, 500, 503])
@every_kind
def test_no_other_answer_ever_sets_an_entry_aside(
    kind: str, status: int, make_stream: MakeStream, loopback: Intake
) -> None:
    stream = make_stream(kind)
    loopback.behave(kind, Behaviour(status=status, body="{}"))

    for _ in range(8):
        deliver_all(stream)
        make_due(stream)

    assert (checked(stream).place, aside()) == (0, [])


@every_kind
def test_set_asides_and_new_entries_take_turns(
    kind: str, acme: Tenant, make_stream: MakeStream, loopback: Intake
) -> None:
    stream = make_stream(kind)
    deliver_all(stream)
    for number in range(6):
        make_entry(acme, details="poison" if number % 2 else "")
    loopback.behave(kind, POISON)
    step_by_step(stream)
    loopback.heal()
    loopback.forget()
    record_entries(acme, 3)
    Cursor.objects.filter(pk=stream.pk).update(batch_limit=1)
    send_again(stream, None, by=By(Actor(email="ana@acme.example"), datetime.now(UTC)))

    while Cursor.objects.due().exists():
        deliver_all(stream)

    assert arrived(loopback, kind) == [8, 3, 9, 10, 5, 11, 7]
    assert (checked(stream).set_aside, aside()) == (0, [])


def test_a_set_aside_that_is_sent_again_needs_no_new_entry(
    acme: Tenant, make_stream: MakeStream, loopback: Intake
) -> None:
    stream = make_stream("http_bearer")
    deliver_all(stream)
    make_entry(acme, details="poison")
    record_entries(acme, 1)
    loopback.behave("http_bearer", POISON)
    step_by_step(stream)
    assert not Cursor.objects.due().exists()

    send_again(stream, None, by=By(Actor(email="ana@acme.example"), datetime.now(UTC)))
    deliver_all(stream)  # the entry that tells of it
    assert deliver_all(stream).set_aside == 1

    loopback.heal()
    SetAside.objects.update(send_again=True)
    assert Cursor.objects.due().exists()
    assert deliver_all(stream).set_aside == 0
