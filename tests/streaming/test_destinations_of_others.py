"""Elasticsearch and OpenSearch as others wrote them: what we send is accepted, what they answer is understood."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from uuid import UUID

import msgspec
import pytest

from auditsite.demo.intake.authority import Authority
from streaming.destination import Destination, Target, all_destinations
from streaming.transport.addresses import Policy
from streaming.transport.client import Client
from streaming.transport.phases import PhaseStatus
from streaming.wire.elastic_template import parts
from streaming.wire.outcome import Outcome, Verdict
from streaming.wire.payload import Payload
from tests.fakes.independent import PROGRAMS, Independent, independent
from tests.streaming.wire.payloads import payloads

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
STREAM = "logs-auditsite.audit-default"


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"), datetime.now(UTC))


@pytest.fixture(scope="module", params=sorted(PROGRAMS))
def server(request: pytest.FixtureRequest, authority: Authority) -> Iterator[Independent]:
    with independent(request.param, authority) as server:
        yield server


@pytest.fixture
def client(authority: Authority) -> Iterator[Client]:
    with Client(Policy.parse("127.0.0.0/8", ca_file=authority.ca_file)) as client:
        yield client


@pytest.fixture
def kind() -> Destination:
    return all_destinations()["elasticsearch"]


def target(kind: Destination, server: Independent, *, index: str = "", gzip: bool = True) -> Target:
    url = kind.target_url(f"{server.url}/{index}" if index else server.url)[0]
    return Target(
        url=url, token=kind.check_token("ana:secret"), tenant_slug="acme", channel=UUID(int=7), gzip=gzip
    )


def delivered(client: Client, kind: Destination, aim: Target, batch: Sequence[Payload]) -> Verdict:
    answer = client.send(kind.encode(batch, aim, now=NOW))
    return kind.judge(answer, sent=batch, target=aim, now=NOW)


@pytest.mark.parametrize("gzip", [False, True])
def test_a_full_batch_is_taken_and_found_by_a_search(
    server: Independent, client: Client, kind: Destination, gzip: bool
) -> None:
    index = f"audit-full-{gzip}".lower()
    aim, batch = target(kind, server, index=index, gzip=gzip), payloads(kind.most_payloads)

    verdict = delivered(client, kind, aim, batch)

    assert (verdict.outcome, verdict.delivered) == (Outcome.DELIVERED, len(batch)), verdict
    assert server.count(index) == len(batch)


def test_what_is_sent_again_is_absorbed(server: Independent, client: Client, kind: Destination) -> None:
    aim, batch = target(kind, server), payloads(40)

    first = delivered(client, kind, aim, batch[:30])
    again = delivered(client, kind, aim, batch)

    assert (first.outcome, first.duplicates) == (Outcome.DELIVERED, 0)
    assert (again.outcome, again.delivered, again.duplicates) == (Outcome.DELIVERED, 40, 30)
    assert server.count(STREAM) == 40


def test_a_document_is_kept_as_it_was_sent(server: Independent, client: Client, kind: Destination) -> None:
    aim, batch = target(kind, server, index="audit-kept"), payloads(1)

    delivered(client, kind, aim, batch)

    kept = server.ask(f"audit-kept/_doc/{batch[0].id}")["_source"]
    lines = kind.encode(batch, aim, now=NOW).body.splitlines()
    assert kept == msgspec.json.decode(lines[1])


def test_an_entry_that_the_mapping_refuses_is_found_among_others(
    server: Independent, client: Client, kind: Destination
) -> None:
    server.ask(
        "audit-strict", method="PUT", content={"mappings": {"properties": {"message": {"type": "long"}}}}
    )
    aim, batch = target(kind, server, index="audit-strict"), payloads(3)

    verdict = delivered(client, kind, aim, batch)

    assert verdict.outcome is Outcome.REJECTED, verdict
    assert verdict.http_status is not None
    assert server.count("audit-strict") == 0


def test_a_connection_test_fails_at_nothing(server: Independent, client: Client, kind: Destination) -> None:
    results = list(kind.probes(target(kind, server), send=client.send, now=NOW))

    assert PhaseStatus.FAIL not in {result.status for result in results}, results


def test_what_we_ship_for_elasticsearch_is_taken_and_used(
    authority: Authority, client: Client, kind: Destination
) -> None:
    # OpenSearch has no `flattened`; there, documents go without it.
    with independent("noida-db", authority) as server:
        for _, path, body in parts():
            server.ask(path, method="PUT", content=body)

        verdict = delivered(client, kind, target(kind, server), batch := payloads(5))

        assert (verdict.outcome, verdict.delivered) == (Outcome.DELIVERED, 5), verdict
        sequence = {"query": {"term": {"event.sequence": batch[2].sequence}}}
        server.ask(f"{STREAM}/_refresh", method="POST")
        hits = server.ask(f"{STREAM}/_search", method="POST", content=sequence)["hits"]["hits"]
        assert [hit["_id"] for hit in hits] == [str(batch[2].id)]


def test_a_missing_program_is_no_failure(authority: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(PROGRAMS, "no-such", ("no_such_module", "bin", lambda *_: []))

    with pytest.raises(pytest.skip.Exception, match="pip install no-such"), independent("no-such", authority):
        pass
