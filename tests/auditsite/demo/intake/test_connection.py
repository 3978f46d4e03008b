from __future__ import annotations

import http.client
import socket
import ssl
import time

import pytest
import requests

from auditsite.demo.intake import HTTP_BEARER, KINDS, Behaviour, Flavour, Intake
from tests.auditsite.demo.intake.sender import Sender, body_of


def connect(intake: Intake) -> ssl.SSLSocket:
    context = ssl.create_default_context(cafile=intake.ca_file)
    plain = socket.create_connection(("127.0.0.1", intake.port), timeout=5)
    return context.wrap_socket(plain, server_hostname="127.0.0.1")


def connect_plainly(intake: Intake) -> socket.socket:
    port = int(intake.also_on(Flavour.PLAIN).rpartition(":")[2])
    return socket.create_connection(("127.0.0.1", port), timeout=5)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("connection", ["close_before_reading", "close_after_reading", "reset"])
def test_a_dropped_connection_takes_nothing_and_is_no_answer(
    sender: Sender, kind: str, connection: str
) -> None:
    behaviour = Behaviour(connection=connection)  # type: ignore[arg-type]  # the parameter's three words
    sender.intake.behave(kind, behaviour, times=1)

    with pytest.raises(requests.ConnectionError):
        sender.send(kind, body_of(kind, 1))

    assert sender.intake.received(kind) == []
    assert [seen.status for seen in sender.intake.requests] == [None]
    assert sender.send(kind, body_of(kind, 1)).status_code == 200


@pytest.mark.parametrize("kind", KINDS)
def test_a_batch_may_be_taken_and_its_answer_lost(sender: Sender, kind: str) -> None:
    sender.intake.behave(kind, Behaviour(connection="take_then_drop"), times=1)

    with pytest.raises(requests.ConnectionError):
        sender.send(kind, body_of(kind, 1, 2))
    sender.send(kind, body_of(kind, 1, 2))

    assert [arrival.id for arrival in sender.intake.received(kind)] == ["id-1", "id-2"]
    assert sender.intake.duplicates(kind) == ["id-1", "id-2"]


@pytest.mark.parametrize("kind", KINDS)
def test_a_batch_may_be_taken_and_half_of_its_answer_lost(sender: Sender, kind: str) -> None:
    sender.intake.behave(kind, Behaviour(connection="half_an_answer"), times=1)

    with pytest.raises(requests.RequestException):
        sender.send(kind, body_of(kind, 1, 2))

    assert [arrival.id for arrival in sender.intake.received(kind)] == ["id-1", "id-2"]
    assert [seen.status for seen in sender.intake.requests] == [None]


def test_a_reset_is_a_reset(intake: Intake) -> None:
    # Over plain TCP: some Pythons report a reset under TLS as an end of file.
    intake.behave(HTTP_BEARER, Behaviour(connection="reset"))

    with connect_plainly(intake) as client:
        client.sendall(b"POST /ingest HTTP/1.1\r\nContent-Length: 0\r\n\r\n")
        with pytest.raises(ConnectionResetError):
            client.recv(100)


def test_a_slow_answer_comes_late(sender: Sender) -> None:
    sender.intake.behave(HTTP_BEARER, Behaviour(delay=0.2), times=1)
    before = time.monotonic()

    assert sender.send(HTTP_BEARER, body_of(HTTP_BEARER, 1)).status_code == 200

    assert time.monotonic() - before >= 0.2


def test_a_dripping_answer_comes_byte_by_byte(intake: Intake) -> None:
    intake.behave(HTTP_BEARER, Behaviour(status=200, drip=0.001))

    with connect(intake) as client:
        client.sendall(b"POST /ingest HTTP/1.1\r\nContent-Length: 0\r\n\r\n")
        pieces = [client.recv(1000) for _ in range(17)]

    assert b"".join(pieces) == b"HTTP/1.1 200 OK\r\n"


@pytest.mark.parametrize("behaviour", [Behaviour(delay=60), Behaviour(status=200, drip=60)])
def test_stopping_waits_for_no_misbehaviour(intake: Intake, behaviour: Behaviour) -> None:
    intake.behave(HTTP_BEARER, behaviour)
    with connect(intake) as client, connect(intake):
        client.sendall(b"POST /ingest HTTP/1.1\r\nContent-Length: 0\r\n\r\n")
        time.sleep(0.1)
        before = time.monotonic()

        intake.stop()

        assert time.monotonic() - before < 2


def test_one_connection_carries_many_requests(intake: Intake) -> None:
    context = ssl.create_default_context(cafile=intake.ca_file)
    client = http.client.HTTPSConnection("127.0.0.1", intake.port, timeout=5, context=context)
    headers = {
        "Authorization": f"Bearer {intake.token(HTTP_BEARER)}",
        "Content-Type": "application/json",
        "Transfer-Encoding": "chunked",
    }

    statuses = []
    for number in range(3):
        chunks = iter([b"[{", f'"id": "{number}"'.encode(), b"}]"])
        client.request("POST", "/ingest", body=chunks, headers=headers, encode_chunked=True)
        kept = client.sock
        response = client.getresponse()
        response.read()
        statuses.append((response.status, client.sock is kept))
    client.close()

    assert statuses == [(200, True)] * 3
    assert len(intake.received(HTTP_BEARER)) == 3


@pytest.mark.parametrize(
    ("head", "status"),
    [
        (b"POST /ingest HTTP/1.1\r\nContent-Length: much\r\n\r\n", b"400"),
        (b"POST /ingest HTTP/1.1\r\nContent-Length: 999999999999\r\n\r\n", b"413"),
        (b"POST /ingest HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n", b"400"),
        (b"POST /ingest HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nfffffffff\r\n", b"413"),
        (b"POST /ingest\r\n\r\n", b"400"),
    ],
)
def test_a_length_that_can_not_be_is_refused(intake: Intake, head: bytes, status: bytes) -> None:
    with connect(intake) as client:
        client.sendall(head)

        assert status in client.recv(1000)


def test_a_body_that_stops_half_way_is_not_taken(intake: Intake) -> None:
    with connect_plainly(intake) as client:
        client.sendall(b"POST /ingest HTTP/1.1\r\nContent-Length: 10\r\n\r\n[{}]")
        client.shutdown(socket.SHUT_WR)
        assert client.recv(100) == b""

    assert [seen.status for seen in intake.requests] == [None]
