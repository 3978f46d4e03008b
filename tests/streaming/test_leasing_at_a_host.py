"""How many streams may be at work on one host and port, over all workers."""

from __future__ import annotations

import pytest
from pytest_django.fixtures import Settings as DjangoSettings

from audit.models import Tenant
from streaming import leasing
from streaming.leasing import Lease
from streaming.models import Cursor, Stream
from tests.committing import workers
from tests.entries import make_entry
from tests.streams import MakeStream


@pytest.fixture
def five(acme: Tenant, make_stream: MakeStream, settings: DjangoSettings) -> list[Stream]:
    """Streams of one host, all of them due, of which two may be at work."""
    settings.STREAMS_PER_HOST = 2
    first = make_stream()
    host = Cursor.objects.get(pk=first.pk).host
    others = [Stream.objects.create(tenant=acme, name=f"{n}", url=first.url, enabled=True) for n in range(4)]
    Cursor.objects.bulk_create(Cursor(stream=stream, started_after=0, host=host) for stream in others)
    make_entry(acme)
    return [first, *others]


def claimed(streams: list[Stream]) -> list[Lease | None]:
    return [leasing.claim(stream.pk, owner="test") for stream in streams]


def test_a_streams_host_is_known_from_its_settings(make_stream: MakeStream) -> None:
    stream = make_stream()

    assert Cursor.objects.get(pk=stream.pk).host == stream.url.split("/")[2]


def test_a_host_has_so_many_at_a_time_and_the_last_knows_that_it_is(five: list[Stream]) -> None:
    leases = claimed(five)

    assert [lease is not None for lease in leases] == [True, True, False, False, False]
    assert [lease.crowded for lease in leases if lease] == [False, True]


def test_another_host_is_another_matter(five: list[Stream]) -> None:
    Cursor.objects.filter(pk=five[4].pk).update(host="other.example")

    assert [lease is not None for lease in claimed(five)] == [True, True, False, False, True]


def test_a_place_at_the_host_that_is_given_back_is_free(five: list[Stream]) -> None:
    lease = claimed(five)[0]
    assert lease is not None

    leasing.release(lease)

    assert leasing.claim(five[3].pk, owner="test") is not None


def test_of_those_in_trouble_a_quarter_is_at_work_and_the_others_go_on(
    five: list[Stream], settings: DjangoSettings
) -> None:
    settings.STREAMS_PER_HOST = 8
    Cursor.objects.filter(pk__in=[stream.pk for stream in five[:4]]).update(failures=3)

    assert [lease is not None for lease in claimed(five)] == [True, True, False, False, True]


def test_who_waits_for_a_host_is_found_and_those_in_trouble_come_last(five: list[Stream]) -> None:
    claimed(five)
    Cursor.objects.filter(pk__in=[five[2].pk, five[3].pk]).update(failures=1)

    assert leasing.waiting_for_host_of(five[0].pk) == five[4].pk


def test_nobody_waits_for_a_host_that_nobody_knows(five: list[Stream]) -> None:
    Cursor.objects.update(host="")

    assert leasing.waiting_for_host_of(five[0].pk) is None


@pytest.mark.usefixtures("committing_db")
def test_workers_that_claim_at_the_same_moment_do_not_count_past_each_other(settings: DjangoSettings) -> None:
    settings.STREAMS_PER_HOST = 2
    tenant = Tenant.objects.create(slug="acme", name="Acme")
    make_entry(tenant)
    streams = [Stream.objects.create(tenant=tenant, name=f"{n}", url="", enabled=True) for n in range(5)]
    Cursor.objects.bulk_create(
        Cursor(stream=stream, started_after=0, host="siem.example") for stream in streams
    )

    for _ in range(5):
        with workers(5) as work:
            claims = [work(leasing.claim, stream.pk, owner="test") for stream in streams]
        assert sum(claim.result() is not None for claim in claims) == 2
        Cursor.objects.update(leased_until=None)
