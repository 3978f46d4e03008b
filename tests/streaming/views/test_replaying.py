from __future__ import annotations

import re

import pytest
from django.test import Client

from audit.models import Person, Tenant
from streaming import replaying
from streaming.models import Replay, ReplayState, Stream
from tests.replays import catch_up, record_entries, send_all, start
from tests.streams import MakeStream


@pytest.fixture
def admin(client: Client, ana: Person) -> Client:
    client.force_login(ana)
    return client


@pytest.fixture
def stream(acme: Tenant, make_stream: MakeStream) -> Stream:
    """Twenty entries, all delivered; with one that says that streaming was switched on."""
    record_entries(acme, 20)
    made = make_stream()
    catch_up(made)
    return made


def page_of(stream: Stream) -> str:
    return f"/t/acme/audit-log/settings/streams/{stream.pk}/replay/"


def shown(client: Client, stream: Stream, **posted: object) -> str:
    page = page_of(stream)
    answer = client.post(page, posted, follow=True) if posted else client.get(page)
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


def test_entries_are_counted_before_anything_starts(admin: Client, stream: Stream) -> None:
    text = shown(admin, stream, by="numbers", first="3", last="12", do="count")

    assert "10 entries will be sent again" in text
    assert not Replay.objects.exists()


def test_what_was_counted_is_what_starts(admin: Client, stream: Stream, ana: Person) -> None:
    text = shown(admin, stream, by="numbers", first="3", last="12", do="start")

    replay = Replay.objects.get()
    assert (replay.first_sequence, replay.last_sequence, replay.counted) == (3, 12, 10)
    assert replay.asked_by == ana
    assert "10 entries are sent again" in text
    assert "One replay of a stream runs at a time" in text


def test_a_moment_is_read_in_the_readers_zone(admin: Client, stream: Stream) -> None:
    admin.cookies["time_zone"] = "Asia/Kathmandu"

    text = shown(admin, stream, by="moments", since="2020-01-01T00:00", do="count")

    assert "21 entries will be sent again" in text


@pytest.mark.parametrize(
    ("posted", "words"),
    [
        ({"by": "moments"}, "Enter since when."),
        ({"by": "moments", "since": "soon"}, "Enter a date and a time."),
        ({"by": "moments", "since": "2026-11-24T10:00", "until": "2026-11-24T09:00"}, "before the beginning"),
        ({"by": "numbers"}, "Enter a number."),
        ({"by": "numbers", "first": "9", "last": "3"}, "less than the first"),
        ({"by": "numbers", "first": "900"}, "The log ends at entry 21"),
        ({"by": "moments", "since": "2099-01-01T00:00"}, "no entry in this range"),
    ],
)
def test_what_cannot_be_is_said_beside_its_field(
    posted: dict[str, str], words: str, admin: Client, stream: Stream
) -> None:
    answer = admin.post(page_of(stream), {**posted, "do": "count"})

    assert answer.status_code == 422
    assert words in answer.content.decode()


def test_a_replay_is_paused_resumed_and_cancelled(admin: Client, stream: Stream) -> None:
    replay = start(stream)

    for do, state, words in (
        ("pause", ReplayState.PAUSED, "The replay pauses"),
        ("resume", ReplayState.RUNNING, "The replay goes on"),
        ("cancel", ReplayState.CANCELLED, "was cancelled"),
        ("pause", ReplayState.CANCELLED, "in another state by now"),
    ):
        text = shown(admin, stream, do=do, replay=str(replay.pk))

        assert words in text
        assert Replay.objects.get().state == state


def test_another_streams_replay_is_not_found(admin: Client, stream: Stream, globex: Tenant) -> None:
    theirs = Stream.objects.create(tenant=globex, url="")
    other = Replay.objects.create(
        stream=theirs, asked_at=stream.created_at, first_sequence=1, last_sequence=1, counted=1, place=0
    )

    assert admin.post(page_of(stream), {"do": "cancel", "replay": str(other.pk)}).status_code == 404
    assert admin.post(page_of(stream), {"do": "cancel", "replay": "x"}).status_code == 404
    assert admin.get(page_of(theirs)).status_code == 404
    assert Replay.objects.get(pk=other.pk).state == ReplayState.RUNNING


def test_the_page_shows_how_far_it_has_come_and_what_was_before(admin: Client, stream: Stream) -> None:
    send_all(start(stream, last=5))
    replay = start(stream, last=20)
    text = shown(admin, stream)
    assert "0 of 20 sent, up to entry 0" in text
    assert "1 to 5" in text

    running = admin.get(page_of(stream), headers={"HX-Request": "true"})
    assert "HX-Refresh" not in running

    send_all(replay)

    answer = admin.get(page_of(stream), headers={"HX-Request": "true"})
    assert answer["HX-Refresh"] == "true"
    assert "20</span> of 20 sent" in answer.content.decode()
    assert "hx-trigger" not in answer.content.decode()


def test_nothing_can_be_sent_again_while_streaming_is_off(admin: Client, stream: Stream) -> None:
    Stream.objects.filter(pk=stream.pk).update(enabled=False)

    assert "Streaming is off" in shown(admin, stream)
    assert "Streaming is off" in shown(admin, stream, by="numbers", first="1", do="start")
    assert replaying.latest(stream) is None


@pytest.mark.parametrize("who", ["aud", "vic"])
def test_only_admins_come_in(
    who: str, client: Client, stream: Stream, request: pytest.FixtureRequest
) -> None:
    client.force_login(request.getfixturevalue(who))

    assert client.get(page_of(stream)).status_code == 403
    assert client.post(page_of(stream), {"do": "start"}).status_code == 403


def test_the_settings_page_leads_here_and_has_all_figures(admin: Client, stream: Stream) -> None:
    start(stream, last=4)

    page = admin.get("/t/acme/audit-log/settings/").content.decode()

    assert page_of(stream) in page
    text = " ".join(re.sub(r"<[^>]+>", " ", page).split())
    assert "0 of 4 entries sent again" in text
    assert "Done up to entry 22" in text
    assert "95 of 100" in text
