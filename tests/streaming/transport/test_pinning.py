"""The corpus at the last door: what a socket is really opened to."""

from __future__ import annotations

import socket
from ipaddress import ip_address
from pathlib import Path

import pytest

from streaming.transport.addresses import Policy, is_public
from streaming.transport.client import Client
from streaming.wire.messages import Request, TransportError
from tests.streaming.transport.conftest import HOST, MakeServer
from tests.streaming.transport.corpus import Case, FakeDns, cases
from tests.streaming.transport.https_server import Server, answer, answering


@pytest.fixture
def dialled(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The addresses of all sockets that are opened; none of them answers."""
    opened: list[str] = []

    def spy(_socket: socket.socket, address: tuple[str, int]) -> None:
        opened.append(address[0])
        raise ConnectionRefusedError

    monkeypatch.setattr(socket.socket, "connect", spy)
    return opened


@pytest.mark.parametrize("case", cases(), ids=str)
def test_no_socket_is_ever_opened_to_a_forbidden_address(case: Case, dialled: list[str]) -> None:
    with Client(Policy(), resolver=FakeDns(case), timeout=0.5) as client:
        client.send(Request(method="POST", url=case.url, headers={}, body=b"[]"))

    assert all(is_public(ip_address(address)) for address in dialled)
    # Those that fail later (certificate, answer, redirect) do get as far as their own address.
    assert dialled[:1] == ([case.connect] if case.connect else [])


def test_a_name_is_looked_up_once_for_a_connection(dialled: list[str]) -> None:
    asked: list[str] = []

    def resolver(host: str) -> list[str]:
        asked.append(host)
        return ["93.184.216.34"] if len(asked) == 1 else ["169.254.169.254"]

    with Client(Policy(), resolver=resolver) as client:
        client.send(Request(method="GET", url="https://siem.example.com/", headers={}))
        client.send(Request(method="GET", url="https://siem.example.com/", headers={}))

    assert asked == ["siem.example.com"] * 2
    assert dialled == ["93.184.216.34"]


def test_the_next_address_is_tried_when_one_is_dead(start: MakeServer, ca_file: Path) -> None:
    server = start(answering(answer()))
    policy = Policy.parse("127.0.0.0/8, ::1", ca_file=ca_file)

    with Client(policy, resolver=lambda _: ["::1", "127.0.0.1"]) as client:
        client.send(Request(method="GET", url=f"https://{HOST}:{server.port}/", headers={}))

    assert len(server.requests) == 1


def test_a_socket_that_ended_up_elsewhere_is_not_used(
    start: MakeServer, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    server: Server = start(answering(answer()))
    monkeypatch.setattr(socket.socket, "getpeername", lambda _: ("10.0.0.1", server.port))

    error = client.send(Request(method="GET", url=f"https://{HOST}:{server.port}/", headers={}))

    assert isinstance(error, TransportError)
    assert error.code == "tcp_unreachable"
    assert server.requests == []
