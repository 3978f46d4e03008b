"""What became of each entry, held against what really arrived."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from pytest_django import DjangoAssertNumQueries

from audit import deliveries, queries
from audit.models import AuditEntry, Tenant
from audit.people import By
from auditsite.demo.intake import Behaviour, Intake, Refusal
from streaming import delivered
from streaming.configuring import BEGINNING, NOW, Settings, add_stream, save_settings
from streaming.encryption import Secret
from streaming.models import Cursor, DeliveryAttempt, Stream
from streaming.setting_aside import dismiss, send_again
from tests.entries import make_entry
from tests.replays import catch_up, send_all, start
from tests.streams import ANA, MakeStream, deliver_all

POISON = Behaviour(refusals=(Refusal(containing="poison"),))
MOMENT = datetime.now(UTC)


def told(tenant: Tenant, sequence: int) -> deliveries.Delivery:
    """What the log's pages are told of this entry on the tenant's only stream."""
    entries = delivered.asked(queries.readable(tenant))
    (one,) = delivered.told(entries.get(sequence=sequence), tenant=tenant)
    return one


def states(tenant: Tenant) -> list[str]:
    """Of all entries in order, as `arrived` can be held against it."""
    numbers = AuditEntry.objects.of(tenant).order_by("sequence").values_list("sequence", flat=True)
    return [told(tenant, number).state for number in numbers]


def arrived(intake: Intake) -> set[int]:
    return {arrival.sequence or 0 for arrival in intake.received("http_bearer")}


def make_entries(tenant: Tenant, *details: str) -> None:
    for text in details:
        make_entry(tenant, at=datetime.now(UTC), details=text)


def further(
    tenant: Tenant, intake: Intake, name: str, *, start_from: str = BEGINNING, entry_filter: str = ""
) -> Stream:
    """One more stream to the same intake."""
    settings = Settings(
        enabled=True,
        name=name,
        destination_kind="http_bearer",
        url=intake.url("http_bearer"),
        token=Secret(intake.token("http_bearer")),
        start_from=start_from,
        entry_filter=entry_filter,
    )
    return add_stream(tenant=tenant, settings=settings, change=ANA, now=MOMENT)


def test_what_arrived_is_delivered_and_the_time_is_that_of_its_batch(
    acme: Tenant, make_stream: MakeStream, loopback: Intake
) -> None:
    make_entries(acme, "one", "two", "three")
    stream = make_stream()
    deliver_all(stream)

    one = told(acme, 2)

    attempt = DeliveryAttempt.objects.get()
    assert arrived(loopback) == {1, 2, 3, 4}
    assert states(acme) == ["Delivered"] * 4
    assert one.at == attempt.at + timedelta(milliseconds=attempt.milliseconds)
    assert (one.to, one.when, one.about) == (stream.name, "Delivered", False)
    assert "after it was recorded, in a batch of 4. HTTP 200." in one.words
    assert one.href == ""


def test_what_waits_says_how_much_is_before_it(acme: Tenant, make_stream: MakeStream) -> None:
    make_stream()
    make_entries(acme, "one", "two")

    assert (told(acme, 1).state, told(acme, 1).words) == ("Waiting", "It is the next to go.")
    assert (told(acme, 3).state, told(acme, 3).words) == ("Waiting", "2 before it.")


def test_a_destination_in_trouble_is_tried_again(
    acme: Tenant, make_stream: MakeStream, loopback: Intake
) -> None:
    stream = make_stream()
    loopback.behave("http_bearer", Behaviour(status=503))
    deliver_all(stream)

    one = told(acme, 1)

    assert (one.state, one.tone, one.when) == ("Trying again", "warn", "Next attempt")
    assert one.at == Cursor.objects.get().next_attempt_at
    assert "Attempt 2 comes next." in one.words
    assert one.href == f"/t/acme/audit-log/settings/streams/{stream.pk}/"


def test_a_held_stream_an_unset_one_and_one_that_is_off_say_so(
    acme: Tenant, make_stream: MakeStream, loopback: Intake
) -> None:
    stream = make_stream()
    loopback.behave("http_bearer", Behaviour(status=401))
    deliver_all(stream)
    assert (told(acme, 1).state, told(acme, 1).tone) == ("Waiting", "danger")
    assert "Held: the token is not accepted" in told(acme, 1).words

    save_settings(tenant=acme, settings=Settings(enabled=False), change=ANA, now=MOMENT)
    assert "switched off" in told(acme, 1).words

    Cursor.objects.update(started_after=None)
    assert (told(acme, 1).state, told(acme, 1).words) == ("Not sent", "This stream was never switched on.")


def test_before_the_stream_began_nothing_went(acme: Tenant, make_stream: MakeStream) -> None:
    make_entries(acme, "before")
    deliver_all(make_stream(start_from="now"))

    one = told(acme, 1)

    assert (one.state, one.tone) == ("Before the stream began", "off")
    assert "begins with entry 2." in one.words


def test_a_refused_entry_is_set_aside_then_delivered_or_given_up(
    acme: Tenant, make_stream: MakeStream, loopback: Intake
) -> None:
    make_entries(acme, "one", "poison", "poison", "four")
    stream = make_stream()
    loopback.behave("http_bearer", POISON)
    deliver_all(stream)

    assert states(acme) == ["Delivered", "Set aside", "Set aside", "Delivered", "Delivered"]
    assert told(acme, 2).href == f"/t/acme/audit-log/settings/streams/{stream.pk}/set-asides/"
    assert told(acme, 2).words.startswith("The destination refused it: ")

    send_again(stream, [2], by=By(ANA.by, MOMENT))
    dismiss(stream, [3], because="a test", by=By(ANA.by, MOMENT))
    assert "goes out again" in told(acme, 2).words
    loopback.heal()
    catch_up(stream)

    assert [told(acme, number).state for number in (2, 3)] == ["Delivered", "Not sent"]
    assert "set aside" in told(acme, 2).words
    assert told(acme, 3).words.endswith("it was given up: a test")


def test_a_filter_takes_some_and_says_so_of_the_others(
    acme: Tenant, make_stream: MakeStream, loopback: Intake
) -> None:
    make_entry(acme, at=MOMENT, by="kim@acme.example")
    make_entries(acme, "two", "three")
    make_entry(acme, at=MOMENT, by="kim@acme.example")
    deliver_all(make_stream(entry_filter="by=ana%40acme.example"))
    make_entry(acme, at=MOMENT, by="kim@acme.example")

    assert arrived(loopback) == {2, 3, 5}
    assert states(acme) == ["Not taken", "Delivered", "Delivered", "Not taken", "Delivered", "Not taken"]
    assert "as it stands today" not in told(acme, 2).words
    assert "as it stands today" in told(acme, 3).words


def test_what_somebody_chose_to_leave_out_was_left_out(
    acme: Tenant, make_stream: MakeStream, loopback: Intake
) -> None:
    make_entries(acme, "one")
    stream = make_stream()
    deliver_all(stream)
    save_settings(tenant=acme, settings=Settings(enabled=False), change=ANA, now=MOMENT)
    make_entries(acme, "left", "out")
    deliver_all(make_stream(catch_up=NOW))
    make_entries(acme, "after")
    deliver_all(stream)

    went = arrived(loopback)

    assert states(acme) == ["Delivered" if n in went else "Left out" for n in range(1, 1 + len(states(acme)))]
    assert "Left out" in states(acme)


def test_a_replay_is_told_of_without_a_time_that_nobody_knows(
    acme: Tenant, make_stream: MakeStream, loopback: Intake
) -> None:
    make_entries(acme, "before", "before")
    stream = make_stream(start_from="now")
    deliver_all(stream)
    replay = start(stream, first=1, last=2)
    assert (told(acme, 1).state, told(acme, 1).words) == ("Waiting", "A replay is to send it.")
    replay = send_all(replay)

    one = told(acme, 1)

    assert 1 in arrived(loopback)
    assert (one.state, one.about, one.at, one.words) == (
        "Delivered", True, replay.finished_at, "By a replay."
    )  # fmt: skip
    send_all(start(stream, first=1, last=3))
    assert "A replay sent it again." in told(acme, 3).words


def test_when_attempts_are_gone_the_time_is_not_made_up(acme: Tenant, make_stream: MakeStream) -> None:
    make_entries(acme, "one", "two")
    stream = make_stream()
    deliver_all(stream)
    DeliveryAttempt.objects.all().delete()

    assert (told(acme, 1).state, told(acme, 1).at) == ("Delivered", None)
    assert "More than 7 days ago" in told(acme, 1).words

    Cursor.objects.filter(pk=stream.pk).update(left_out=1, delivered=2)
    assert (told(acme, 1).state, told(acme, 1).tone) == ("Passed", "off")
    assert "or left out" in told(acme, 1).words


def test_each_stream_tells_for_itself_and_none_of_another_tenant(
    acme: Tenant, globex: Tenant, make_stream: MakeStream, loopback: Intake
) -> None:
    make_entries(acme, "one")
    deliver_all(make_stream(name="First"))
    further(acme, loopback, "Second", start_from="now")
    make_entry(globex)

    found = delivered.asked(queries.readable(acme)).get(sequence=1)

    assert [(one.to, one.state) for one in delivered.told(found, tenant=acme)] == [
        ("First", "Delivered"),
        ("Second", "Before the stream began"),
    ]
    other = delivered.asked(queries.readable(globex)).get(sequence=1)
    assert delivered.told(other, tenant=globex) == []


def test_a_filter_that_is_no_longer_valid_promises_nothing(acme: Tenant, make_stream: MakeStream) -> None:
    make_entries(acme, "one", "two", "three")
    stream = make_stream(entry_filter="by=ana%40acme.example")
    deliver_all(stream)
    Stream.objects.filter(pk=stream.pk).update(entry_filter="action=gone.gone")
    Cursor.objects.filter(pk=stream.pk).update(not_matching=1, delivered=3)
    DeliveryAttempt.objects.update(delivered=2)

    assert told(acme, 2).state == "Passed"


def test_it_costs_one_question_with_the_entry_and_one_for_filters(
    acme: Tenant,
    make_stream: MakeStream,
    loopback: Intake,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    make_entries(acme, "one")
    deliver_all(make_stream())
    for name, entry_filter in (("Second", "by=ana%40acme.example"), ("Third", "q=one"), ("Fourth", "q=two")):
        deliver_all(further(acme, loopback, name, entry_filter=entry_filter))

    with django_assert_num_queries(2):
        found = delivered.asked(queries.readable(acme)).get(sequence=1)
        told = delivered.told(found, tenant=acme)

    assert [one.state for one in told] == ["Delivered", "Delivered", "Delivered", "Not taken"]


@pytest.mark.parametrize("kind", ["splunk_hec", "elasticsearch"])
def test_it_is_the_same_for_every_kind(kind: str, acme: Tenant, make_stream: MakeStream) -> None:
    make_entries(acme, "one", "two")
    deliver_all(make_stream(kind))

    assert set(states(acme)) <= {"Delivered", "Sent"}
