from __future__ import annotations

import gzip
import socket
import time
from pathlib import Path

import pytest

from streaming.transport.addresses import Policy
from streaming.transport.client import Client
from streaming.wire.messages import AddressRefused, Request, Response, TransportError
from tests.streaming.transport.conftest import HOST, MakeServer
from tests.streaming.transport.https_server import Server, answer, answering, read_request


def request(server: Server, path: str = "/intake", **more: object) -> Request:
    given: dict[str, object] = {"method": "POST", "headers": {"Authorization": "Bearer t0k"}, "body": b"[]"}
    return Request(url=f"https://{HOST}:{server.port}{path}", **(given | more))  # type: ignore[arg-type]  # by name


def received(answer: Response | TransportError) -> Response:
    assert isinstance(answer, Response), answer
    return answer


def failure(answer: Response | TransportError) -> TransportError:
    assert isinstance(answer, TransportError), answer
    return answer


def test_a_request_arrives_as_it_was_meant(start: MakeServer, client: Client) -> None:
    server = start(answering(answer(body=b'{"ok":1}', headers="X-Kind: good\r\n")))

    response = received(client.send(request(server, path="/a/%0d%0aX-Injected:1", body=b"[1]")))

    assert (response.status, response.body, response.headers["x-kind"]) == (200, b'{"ok":1}', "good")
    head, _, body = server.requests[0].partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    headers = dict(line.split(": ") for line in lines)
    assert first.lower() == "post /a/%0d%0ax-injected:1 http/1.1"
    assert body == b"[1]"
    assert headers.pop("X-Request-Id")
    assert headers == {
        "Host": f"{HOST}:{server.port}",
        "Authorization": "Bearer t0k",
        "User-Agent": "auditsite-audit-stream/1.2.3",
        "Accept-Encoding": "identity",
        "Content-Length": "3",
    }


def test_a_run_reuses_its_connection_and_the_next_run_does_not(start: MakeServer, policy: Policy) -> None:
    server = start(answering(answer()))

    for _ in range(2):
        with Client(policy, resolver=lambda _: ["127.0.0.1"]) as client:
            received(client.send(request(server)))
            received(client.send(request(server)))

    assert len(server.requests) == 4
    assert server.connections == 2


def test_each_attempt_has_an_id_of_its_own(start: MakeServer, client: Client) -> None:
    server = start(answering(answer()))

    client.send(request(server))
    client.send(request(server))

    ids = [
        line for data in server.requests for line in data.split(b"\r\n") if line.startswith(b"X-Request-Id")
    ]
    assert len(set(ids)) == 2


def test_a_body_is_compressed_when_asked(start: MakeServer, client: Client) -> None:
    server = start(answering(answer()))

    client.send(request(server, body=b"a" * 5000, gzip=True))

    head, _, body = server.requests[0].partition(b"\r\n\r\n")
    assert b"Content-Encoding: gzip" in head
    assert gzip.decompress(body) == b"a" * 5000


@pytest.mark.parametrize("status", [300, 301, 302, 303, 307, 308])
def test_a_redirect_is_an_answer_and_not_a_way(start: MakeServer, client: Client, status: int) -> None:
    elsewhere = start(answering(answer()))
    location = f"Location: https://{HOST}:{elsewhere.port}/\r\n"
    server = start(answering(answer(f"{status} Elsewhere", headers=location)))

    assert received(client.send(request(server))).status == status
    assert elsewhere.connections == 0


def test_cookies_are_not_sent_back(start: MakeServer, client: Client) -> None:
    server = start(answering(answer(headers="Set-Cookie: id=1; Path=/\r\n")))

    client.send(request(server))
    client.send(request(server))

    assert not [data for data in server.requests if b"cookie" in data.lower()]


def test_the_environment_has_no_say(
    start: MakeServer, client: Client, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    server = start(answering(answer()))
    netrc = tmp_path / "netrc"
    netrc.write_text(f"machine {HOST} login mallory password wrong\n")
    monkeypatch.setenv("NETRC", str(netrc))
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")

    received(client.send(request(server)))

    assert b"Authorization: Bearer t0k\r\n" in server.requests[0]


def test_a_large_answer_is_cut_and_its_status_kept(start: MakeServer, client: Client) -> None:
    server = start(answering(answer("503 Busy", body=b"x" * 1_000_000)))

    response = received(client.send(request(server)))

    assert (response.status, len(response.body), response.truncated) == (503, 64 * 1024, True)
    assert received(client.send(request(server))).status == 503


def test_a_request_may_allow_a_larger_answer(start: MakeServer, client: Client) -> None:
    server = start(answering(answer(body=b"x" * 1_000_000)))

    response = received(client.send(request(server, largest_answer=2_000_000)))

    assert (len(response.body), response.truncated) == (1_000_000, False)


def test_a_server_that_drips_its_answer_is_left_at_the_deadline(start: MakeServer, client: Client) -> None:
    def drip(_server: Server, connection: socket.socket) -> None:
        read_request(connection)
        for byte in answer(body=b"x" * 1000):
            connection.sendall(bytes([byte]))
            time.sleep(0.05)

    server = start(drip)
    began = time.monotonic()

    error = failure(client.send(request(server), timeout=0.6))

    assert error.code == "timeout"
    assert time.monotonic() - began < 1.5


def test_endless_interim_answers_end_at_the_deadline(start: MakeServer, client: Client) -> None:
    def flood(_server: Server, connection: socket.socket) -> None:
        read_request(connection)
        while True:
            connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n" * 100)

    began = time.monotonic()

    assert failure(client.send(request(start(flood)), timeout=0.6)).code == "timeout"
    assert time.monotonic() - began < 1.5


def test_a_silent_server_is_left_at_the_deadline(start: MakeServer, client: Client) -> None:
    def silent(_server: Server, connection: socket.socket) -> None:
        read_request(connection)
        connection.recv(1)

    assert failure(client.send(request(start(silent)), timeout=0.4)).code == "timeout"


@pytest.mark.parametrize(
    ("written", "code"),
    [
        (b"", "reset"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf", "reset"),
        (b"SSH-2.0-OpenSSH_9.2\r\n\r\n", "bad_answer"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nx", "bad_answer"),
    ],
)
def test_a_broken_answer_is_told_apart(start: MakeServer, client: Client, written: bytes, code: str) -> None:
    def broken(_server: Server, connection: socket.socket) -> None:
        read_request(connection)
        connection.sendall(written)

    assert failure(client.send(request(start(broken)))).code == code


def test_a_protocol_switch_is_a_plain_answer(start: MakeServer, client: Client) -> None:
    server = start(answering(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n", answer()))

    assert received(client.send(request(server))).status == 101
    assert received(client.send(request(server))).status == 200
    assert server.connections == 2


@pytest.mark.parametrize("value", ["Bearer a\r\nX: y", "Bearer a\n", "Bearer ü", "", "Bearer \x00"])
def test_a_header_that_could_forge_another_is_never_sent(
    start: MakeServer, client: Client, value: str
) -> None:
    server = start(answering(answer()))

    error = failure(client.send(request(server, headers={"Authorization": value})))

    assert error.code == "header_invalid"
    assert "Bearer" not in str(error)
    assert server.connections == 0


def test_a_refused_address_is_returned_like_any_failure(client: Client) -> None:
    url = "https://10.0.0.1/"

    assert isinstance(client.send(Request(method="GET", url=url, headers={})), AddressRefused)
    assert (
        failure(client.send(Request(method="GET", url="http://x.example", headers={}))).code
        == "url_not_https"
    )


def test_nobody_listening_is_told_with_the_port(client: Client) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        error = failure(client.send(Request(method="GET", url=f"https://{HOST}:{port}/", headers={})))

    assert (error.code, error.reason) == ("tcp_refused", f"{HOST} refused the connection on port {port}.")
