from __future__ import annotations

from datetime import timedelta

from audit.models import Tenant
from streaming.coverage import taken_by_none
from streaming.models import Cursor, Stream
from tests.entries import NOON, make_entry


def stream(tenant: Tenant, name: str, entry_filter: str, *, after: int = 0, enabled: bool = True) -> Stream:
    made = Stream.objects.create(
        tenant=tenant, name=name, entry_filter=entry_filter, enabled=enabled, destination_kind="splunk_hec"
    )
    Cursor.objects.create(stream=made, started_after=after, place=after)
    return made


def number(tenant: Tenant) -> int | None:
    found = taken_by_none(tenant, now=NOON)
    return None if found is None else found.number


def test_what_passes_every_filter_by_is_counted(acme: Tenant) -> None:
    for by in ("ana@acme.example", "bob@acme.example", "cat@acme.example", "dan@acme.example"):
        make_entry(acme, by=by)
    stream(acme, "one", "by=ana%40acme.example")
    stream(acme, "two", "by=bob%40acme.example")

    assert number(acme) == 2


def test_a_stream_that_is_off_takes_nothing_and_one_without_a_filter_everything(acme: Tenant) -> None:
    make_entry(acme)
    stream(acme, "one", "by=nobody")
    off = stream(acme, "two", "", enabled=False)
    assert number(acme) == 1

    Stream.objects.filter(pk=off.pk).update(enabled=True)

    assert number(acme) == 0


def test_a_paused_stream_takes_what_it_will_send_once_it_is_resumed(acme: Tenant) -> None:
    make_entry(acme)
    paused = stream(acme, "one", "by=bob%40acme.example", enabled=False)
    Stream.objects.filter(pk=paused.pk).update(paused_at=NOON)
    assert number(acme) == 1

    Stream.objects.filter(pk=paused.pk).update(entry_filter="")

    assert number(acme) == 0


def test_without_a_stream_there_is_nothing_to_say(acme: Tenant) -> None:
    make_entry(acme)

    assert taken_by_none(acme, now=NOON) is None


def test_entries_before_the_first_start_and_of_earlier_weeks_are_not_counted(acme: Tenant) -> None:
    make_entry(acme, at=NOON - timedelta(days=8))
    make_entry(acme)
    make_entry(acme)
    stream(acme, "one", "by=nobody", after=2)

    assert number(acme) == 1


def test_an_exclusion_leaves_exactly_what_it_excludes(acme: Tenant) -> None:
    make_entry(acme)
    make_entry(acme, by="svc deploy")
    stream(acme, "one", "not.by=svc+deploy&not.ip=10.0.0.0%2F8&not.p.key=1")

    assert number(acme) == 1


def test_a_filter_that_cannot_be_used_waits_for_a_person_and_passes_nothing_by(acme: Tenant) -> None:
    make_entry(acme)
    stream(acme, "one", "action=gone.event")

    assert number(acme) == 0
