"""The product's own requests, sent by its own client: both sides must read the protocols alike."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from uuid import UUID

import msgspec
import pytest

from auditsite.demo.intake import ELASTICSEARCH, HTTP_BEARER, KINDS, SPLUNK_HEC, Behaviour, Intake, Refusal
from streaming.destination import Target, destination
from streaming.transport.addresses import Policy
from streaming.transport.client import Client
from streaming.transport.phases import PhaseStatus
from streaming.wire.outcome import Outcome, Verdict
from streaming.wire.payload import Payload
from streaming.wire.sample import marked_entry

NOW = datetime(2026, 11, 24, 8, 15, 30, 123456, tzinfo=UTC)


def payload(sequence: int) -> Payload:
    entry_id = UUID(int=sequence)
    body = {
        **marked_entry(entry_id=entry_id, tenant_slug="acme", now=NOW).parsed(),
        "sequence": sequence,
        "actor": {"type": "user", "email": "ana@acme.example", "id": "7", "name": "Ana ✓"},
        "tenant": {"id": "t1", "slug": "acme", "name": "Acme"},
        "parameters": {"workflow_name": "Triage", "note": "a\nb"},
    }
    return Payload(
        id=entry_id, sequence=sequence, occurred_at=NOW, recorded_at=NOW, body=msgspec.json.encode(body)
    )


def target_of(intake: Intake, kind: str, *, token: str | None = None) -> Target:
    url, _ = destination(kind).target_url(intake.url(kind))
    checked = destination(kind).check_token(intake.token(kind) if token is None else token)
    return Target(url=url, token=checked, tenant_slug="acme", channel=UUID(int=1))


@pytest.fixture
def client(intake: Intake) -> Iterator[Client]:
    with Client(Policy.parse("127.0.0.0/8", ca_file=intake.ca_file), version="1") as client:
        yield client


def deliver(client: Client, intake: Intake, kind: str, payloads: list[Payload]) -> Verdict:
    target = target_of(intake, kind)
    answer = client.send(destination(kind).encode(payloads, target, now=NOW))
    return destination(kind).judge(answer, sent=payloads, target=target, now=NOW)


@pytest.mark.parametrize("kind", KINDS)
def test_a_batch_is_taken_whole_and_once(client: Client, intake: Intake, kind: str) -> None:
    payloads = [payload(sequence) for sequence in range(1, 201)]

    verdicts = [deliver(client, intake, kind, payloads) for _ in range(2)]

    assert [verdict.outcome for verdict in verdicts] == [Outcome.DELIVERED] * 2
    arrivals = intake.received(kind)
    assert [arrival.id for arrival in arrivals] == [str(each.id) for each in payloads]
    assert [arrival.sequence for arrival in arrivals] == list(range(1, 201))
    counts = intake.counts(kind)
    assert (counts.duplicates, counts.jumps) == (200, 0)


@pytest.mark.parametrize(("kind", "delivered"), [(SPLUNK_HEC, 1), (ELASTICSEARCH, 1), (HTTP_BEARER, 0)])
def test_what_was_taken_before_a_refused_entry_is_counted(
    client: Client, intake: Intake, kind: str, delivered: int
) -> None:
    intake.behave(kind, Behaviour(refusals=(Refusal(positions=frozenset({1}), status=400),)))

    verdict = deliver(client, intake, kind, [payload(1), payload(2), payload(3)])

    assert verdict.outcome is not Outcome.DELIVERED
    assert verdict.delivered == delivered


@pytest.mark.parametrize("kind", KINDS)
def test_the_connection_test_is_content_and_leaves_no_entry(
    client: Client, intake: Intake, kind: str
) -> None:
    phases = list(destination(kind).probes(target_of(intake, kind), send=client.send, now=NOW))

    assert {phase.status for phase in phases} == {PhaseStatus.OK}
    assert intake.received(kind) == []


@pytest.mark.parametrize("kind", KINDS)
def test_the_connection_test_finds_a_wrong_token(client: Client, intake: Intake, kind: str) -> None:
    target = target_of(intake, kind, token="wrong")

    phases = list(destination(kind).probes(target, send=client.send, now=NOW))

    assert PhaseStatus.FAIL in {phase.status for phase in phases}
