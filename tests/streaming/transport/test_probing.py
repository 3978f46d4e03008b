from __future__ import annotations

import datetime
import json
import socket
from collections.abc import Iterator

import trustme

from streaming.transport.addresses import Policy
from streaming.transport.phases import PhaseResult, PhaseStatus
from streaming.transport.probing import connect_phases
from tests.streaming.transport.conftest import HOST, MakeServer, server_context
from tests.streaming.transport.https_server import answer, answering

NOW = datetime.datetime.now(datetime.UTC)


def run(url: str, policy: Policy, *, now: datetime.datetime = NOW) -> list[PhaseResult]:
    return list(connect_phases(url, policy, now=now, resolver=lambda _: ["127.0.0.1"], seconds=3))


def told(results: list[PhaseResult]) -> list[tuple[str, str, str]]:
    return [(result.name, str(result.status), result.code) for result in results]


def test_a_good_address_passes_every_step(start: MakeServer, policy: Policy) -> None:
    server = start(answering(answer()))

    results = run(f"https://{HOST}:{server.port}/x", policy)

    assert [result.name for result in results] == ["address", "dns", "tcp", "tls"]
    assert {result.status for result in results} == {PhaseStatus.OK}
    assert results[1].message == "127.0.0.1"
    assert results[3].message.startswith("TLS 1.3, certificate valid to ")
    assert server.requests == []
    assert all(isinstance(result.milliseconds, int) for result in results)


def test_steps_are_told_one_by_one(start: MakeServer, policy: Policy) -> None:
    server = start(answering(answer()))

    steps: Iterator[PhaseResult] = connect_phases(
        f"https://{HOST}:{server.port}/", policy, now=NOW, resolver=lambda _: ["127.0.0.1"]
    )

    assert next(steps).name == "address"
    assert next(steps).name == "dns"
    assert server.connections == 0


def test_a_forbidden_address_ends_the_test_before_any_look_up(policy: Policy) -> None:
    assert told(run("https://10.0.0.1/", policy)) == [("address", "fail", "addr_forbidden")]


def test_a_name_with_a_private_address_is_refused_without_naming_it() -> None:
    results = run(f"https://{HOST}/", Policy())

    assert told(results)[1:] == [("dns", "fail", "addr_forbidden")]
    assert "127.0.0.1" not in json.dumps([result.as_json() for result in results])


def test_a_closed_port_fails_at_tcp(policy: Policy) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        results = run(f"https://{HOST}:{free.getsockname()[1]}/", policy)

    assert told(results)[2:] == [("tcp", "fail", "tcp_refused")]


def test_a_refused_certificate_is_described(start: MakeServer, policy: Policy, authority: trustme.CA) -> None:
    past = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)
    expired = authority.issue_cert(HOST, common_name=HOST, not_before=past, not_after=past)
    server = start(answering(answer()), context=server_context(expired))

    last = run(f"https://{HOST}:{server.port}/", policy)[-1]

    assert (last.name, last.status, last.code) == ("tls", PhaseStatus.FAIL, "tls_expired")
    assert last.detail.startswith(f"CN={HOST}, for {HOST}, issuer ")
    assert last.detail.endswith("not after 2020-01-01T00:00:00Z")
    assert server.requests == []


def test_a_certificate_that_ends_soon_is_a_warning(
    start: MakeServer, policy: Policy, authority: trustme.CA
) -> None:
    soon = authority.issue_cert(HOST, not_after=NOW + datetime.timedelta(days=3, hours=1))
    server = start(answering(answer()), context=server_context(soon))

    last = run(f"https://{HOST}:{server.port}/", policy)[-1]

    assert (last.status, last.code, last.hint) == (
        PhaseStatus.WARN,
        "tls_expires_soon",
        "It ends in 3 days. Renew it.",
    )
