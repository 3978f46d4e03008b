from __future__ import annotations

import os
import subprocess
from datetime import timedelta

import pytest
from django.db.models import F
from django.db.models.functions import Now

from streaming import leasing
from streaming.models import Cursor, Stream
from tests.streams import MakeStream


@pytest.fixture
def stream(make_stream: MakeStream) -> Stream:
    """Behind by the entry that tells of its own enabling."""
    return make_stream()


def test_only_one_worker_gets_a_stream(stream: Stream) -> None:
    assert leasing.claim(stream.pk, owner="first") is not None
    assert leasing.claim(stream.pk, owner="second") is None


def test_a_released_stream_can_be_claimed_again(stream: Stream) -> None:
    lease = leasing.claim(stream.pk, owner="first")
    assert lease is not None

    leasing.release(lease)

    assert leasing.claim(stream.pk, owner="second") is not None


def test_a_lease_that_ran_out_is_lost_to_whoever_claims_next(stream: Stream) -> None:
    first = leasing.claim(stream.pk, owner="first")
    assert first is not None
    Cursor.objects.filter(pk=stream.pk).update(leased_until=Now() - timedelta(seconds=1))

    second = leasing.claim(stream.pk, owner="second")

    assert second is not None
    assert not leasing.renew(first)
    assert leasing.renew(second)


def test_the_late_release_of_an_old_lease_frees_nothing(stream: Stream) -> None:
    first = leasing.claim(stream.pk, owner="first")
    assert first is not None
    leasing.fence_off(stream.pk)
    second = leasing.claim(stream.pk, owner="second")

    leasing.release(first)

    assert second is not None
    assert leasing.claim(stream.pk, owner="third") is None


@pytest.mark.parametrize(
    "why_not",
    [
        {"next_attempt_at": Now() + timedelta(seconds=30)},
        {"place": F("place") + 1, "delivered": F("delivered") + 1},
    ],
    ids=["its next attempt is later", "nothing waits"],
)
def test_a_stream_that_is_not_due_is_not_claimed(stream: Stream, why_not: dict[str, object]) -> None:
    Cursor.objects.filter(pk=stream.pk).update(**why_not)

    assert leasing.claim(stream.pk, owner="first") is None


def test_a_stream_that_is_switched_off_is_neither_claimed_nor_renewed(stream: Stream) -> None:
    lease = leasing.claim(stream.pk, owner="first")
    assert lease is not None

    Stream.objects.filter(pk=stream.pk).update(enabled=False)

    assert not leasing.renew(lease)
    leasing.release(lease)
    assert leasing.claim(stream.pk, owner="first") is None


def test_what_a_killed_worker_of_this_host_held_is_free_again(stream: Stream) -> None:
    ended = subprocess.Popen(["/bin/true"])
    ended.wait()
    name = leasing.owner_name().replace(f"|{os.getpid()}|", f"|{ended.pid}|")
    assert leasing.claim(stream.pk, owner=name) is not None

    assert leasing.free_the_dead() == 1

    assert leasing.claim(stream.pk, owner="next") is not None


def test_what_a_run_of_this_process_could_not_release_is_free_again(stream: Stream) -> None:
    lease = leasing.claim(stream.pk, owner=leasing.owner_name())
    assert lease is not None
    held = Cursor.objects.filter(pk=stream.pk).values("lease_owner", "leased_until").get()
    leasing.release(lease)
    Cursor.objects.filter(pk=stream.pk).update(**held)  # as if the database had not heard of it

    assert leasing.free_the_dead() == 1

    assert leasing.claim(stream.pk, owner="next") is not None


@pytest.mark.parametrize("owner", [leasing.owner_name(), "another-host/pid:[1]|1|abc"])
def test_what_a_living_or_unseen_worker_holds_is_left_alone(stream: Stream, owner: str) -> None:
    leasing.claim(stream.pk, owner=owner)

    assert leasing.free_the_dead() == 0
