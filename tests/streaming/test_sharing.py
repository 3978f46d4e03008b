from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest

from audit.models import Tenant
from audit.recording import record_many
from streaming import sharing
from streaming.models import Cursor
from streaming.sharing import Standing, Threads, standing_of
from tests.entries import draft
from tests.streams import MakeStream

ACME, GLOBEX = uuid4(), uuid4()


def admitted(threads: Threads, *standings: Standing) -> list[bool]:
    return [threads.enter(uuid4(), standing) for standing in standings]


def slow(tenant_id: UUID | None = None) -> Standing:
    return Standing(tenant_id or uuid4(), slow=True)


def quick(tenant_id: UUID | None = None) -> Standing:
    return Standing(tenant_id or uuid4(), slow=False)


def test_streams_in_trouble_have_half_of_the_threads_at_most() -> None:
    threads = Threads(8)

    assert admitted(threads, *[slow() for _ in range(6)]) == [True] * 4 + [False] * 2
    assert admitted(threads, quick()) == [True]


def test_a_tenant_has_a_quarter_of_the_threads_at_most() -> None:
    threads = Threads(8)

    assert admitted(threads, *[quick(ACME)] * 4) == [True] * 2 + [False] * 2
    assert admitted(threads, quick(GLOBEX)) == [True]


@pytest.mark.parametrize("number", [1, 2, 3])
def test_with_few_threads_everybody_may_still_have_one(number: int) -> None:
    assert admitted(Threads(number), slow(ACME)) == [True]
    assert admitted(Threads(number), quick(ACME)) == [True]


def test_a_thread_that_is_given_back_is_free_again() -> None:
    threads = Threads(4)
    assert admitted(threads, slow(ACME), slow(ACME)) == [True, False]

    threads.leave(slow(ACME))

    assert admitted(threads, quick(ACME)) == [True]


def test_who_found_no_room_is_called_when_there_is_some() -> None:
    threads, first, second = Threads(4), uuid4(), uuid4()
    threads.enter(uuid4(), quick(ACME))
    assert [threads.enter(first, quick(ACME)), threads.enter(second, quick(ACME))] == [False, False]

    assert threads.leave(quick(ACME)) == first
    assert threads.enter(first, quick(ACME))
    assert threads.leave(quick(ACME)) == second
    threads.enter(second, quick(ACME))
    assert threads.leave(quick(ACME)) is None


def test_nobody_is_called_for_whom_there_is_no_room_still() -> None:
    threads = Threads(4)
    admitted(threads, slow(), slow(), quick(ACME))
    assert not threads.enter(uuid4(), slow())

    assert threads.leave(quick(ACME)) is None


def test_the_number_of_those_who_wait_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sharing, "MOST_WAITING", 1)
    threads, waits = Threads(1), uuid4()
    threads.enter(uuid4(), quick(ACME))
    threads.enter(waits, quick(ACME))
    threads.enter(uuid4(), quick(ACME))

    assert threads.leave(quick(ACME)) == waits
    threads.enter(waits, quick(ACME))
    assert threads.leave(quick(ACME)) is None


def test_a_stream_is_slow_while_it_is_in_trouble(acme: Tenant, make_stream: MakeStream) -> None:
    stream = make_stream()
    assert standing_of(stream.pk) == quick(acme.pk)

    Cursor.objects.filter(pk=stream.pk).update(failures=1)

    assert standing_of(stream.pk) == slow(acme.pk)


def test_a_stream_is_slow_while_much_is_before_it(
    acme: Tenant, make_stream: MakeStream, monkeypatch: pytest.MonkeyPatch
) -> None:
    stream = make_stream()
    monkeypatch.setattr(sharing, "FAR_BEHIND", 9)
    record_many(tenant=acme, drafts=[draft() for _ in range(10)], now=datetime.now(UTC))

    assert standing_of(stream.pk) == slow(acme.pk)


@pytest.mark.django_db
def test_a_stream_that_is_gone_stands_nowhere() -> None:
    assert standing_of(uuid4()) is None
