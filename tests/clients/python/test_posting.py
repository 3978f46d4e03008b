from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from auditsite_client.judging import Answer, NoAnswer
from auditsite_client.posting import Poster

from tests.clients.python.server import Listening, Reply, Server

ENTRY = b'{"external_id":"a"}'


def poster(url: str, **given: Any) -> Poster:
    return Poster(url, **{"key": "alk_1", "timeout": 5.0, "ca_file": None, "plain_http": False, **given})


def test_entries_go_out_as_one_packed_array_under_the_key(server: Server) -> None:
    sending = poster(server.url)

    answer = sending.post([ENTRY, b'{"external_id":"b"}'])

    assert isinstance(answer, Answer)
    assert (answer.status, json.loads(answer.body)) == (201, {"accepted": 2, "duplicates": 0})
    assert server.requests == [[{"external_id": "a"}, {"external_id": "b"}]]
    assert server.headers[0]["Authorization"] == "Bearer alk_1"
    assert server.headers[0]["Content-Encoding"] == "gzip"
    sending.close()


def test_the_key_is_asked_for_each_time(server: Server) -> None:
    keys = iter(["old", "new"])
    sending = poster(server.url, key=lambda: next(keys))

    sending.post([ENTRY])
    sending.post([ENTRY])

    assert [headers["Authorization"] for headers in server.headers] == ["Bearer old", "Bearer new"]
    sending.close()


def test_a_connection_that_the_server_has_closed_meanwhile_is_opened_again(listening: Listening) -> None:
    server = listening.state
    sending = poster(server.url)
    sending.post([ENTRY])
    assert sending._connection is not None
    assert sending._connection.sock is not None
    sending._connection.sock.shutdown(2)

    assert isinstance(sending.post([ENTRY]), Answer)
    sending.close()


def test_a_failure_on_the_road_is_no_answer(listening: Listening) -> None:
    server = listening.state
    server.decide = lambda _: Reply(cut=True)
    sending = poster(server.url)
    assert isinstance(sending.post([ENTRY]), NoAnswer)

    listening.stop()

    answer = sending.post([ENTRY])
    assert isinstance(answer, NoAnswer)
    assert "refused" in answer.reason


def test_a_key_that_cannot_be_read_is_no_answer(server: Server) -> None:
    answer = poster(server.url, key=Path("nowhere").read_text).post([ENTRY])

    assert isinstance(answer, NoAnswer)
    assert "nowhere" in answer.reason
    assert server.requests == []


@pytest.mark.parametrize("key", ["alk_secret\nwith more", "alk_sécret", " "])
def test_a_key_that_cannot_be_sent_is_not_repeated_in_the_complaint(server: Server, key: str) -> None:
    answer = poster(server.url, key=key).post([ENTRY])

    assert answer == NoAnswer("ValueError: The key is empty, or holds characters that no key has.")
    assert server.requests == []


def test_a_redirect_is_not_followed(server: Server) -> None:
    server.decide = lambda _: Reply(307, b"", {"Location": "https://elsewhere.example/"})
    sending = poster(server.url)

    answer = sending.post([ENTRY])

    assert isinstance(answer, Answer)
    assert (answer.status, len(server.requests)) == (307, 1)
    sending.close()


@pytest.mark.parametrize("address", ["https://audit.example/", "https://audit.example/api/v1/entries"])
def test_a_base_address_and_a_full_one_lead_to_the_same_place(address: str) -> None:
    assert poster(address)._url.geturl() == "https://audit.example"


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("audit.example", "give one like"),
        ("ftp://audit.example", "give one like"),
        ("https://ana:secret@audit.example", "holds no user"),
        ("https://audit.example/?key=alk_1", "holds no user, query"),
        ("http://audit.example", "in the clear"),
    ],
)
def test_an_address_that_will_not_do_says_what_to_give(url: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        poster(url)


@pytest.mark.parametrize(
    ("url", "given"),
    [
        ("http://localhost:8000", {}),
        ("http://[::1]:8000", {}),
        ("http://audit.example", {"plain_http": True}),
    ],
)
def test_plain_http_is_for_this_machine_and_for_who_asks_for_it(url: str, given: dict[str, bool]) -> None:
    assert poster(url, **given)._url.geturl() == url
