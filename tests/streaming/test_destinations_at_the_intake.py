"""Every kind against a server that speaks its protocol: encode, send, judge, and the whole connection test."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import pytest

from auditsite.demo.intake import Intake
from streaming.destination import Destination, Target, all_destinations
from streaming.transport.addresses import Policy
from streaming.transport.client import Client
from streaming.transport.phases import PHASES, PhaseStatus
from streaming.transport.probing import connect_phases
from streaming.wire.formats import FORMATS
from streaming.wire.framing import FRAMINGS
from streaming.wire.outcome import Outcome
from streaming.wire.signing import new_secret
from tests.streaming.wire.payloads import payloads

every_kind = pytest.mark.parametrize("kind", all_destinations().values(), ids=lambda kind: kind.kind)


@pytest.fixture
def policy(intake: Intake) -> Policy:
    return Policy.parse("127.0.0.0/8", ca_file=intake.ca_file)


@pytest.fixture
def client(policy: Policy) -> Iterator[Client]:
    with Client(policy) as client:
        yield client


def target(kind: Destination, intake: Intake, token: str | None = None) -> Target:
    return Target(
        url=kind.target_url(intake.url(kind.kind))[0],
        token=kind.check_token(token or intake.token(kind.kind)),
        tenant_slug="acme",
        channel=UUID(int=7),
    )


@every_kind
def test_a_full_batch_arrives_in_order(kind: Destination, intake: Intake, client: Client) -> None:
    now, given = datetime.now(UTC), payloads(kind.most_payloads)
    batch = kind.take(given, target(kind, intake))

    verdict = kind.judge(
        client.send(kind.encode(batch, target(kind, intake), now=now)),
        sent=batch,
        target=target(kind, intake),
        now=now,
    )

    assert (verdict.outcome, verdict.delivered) == (Outcome.DELIVERED, len(batch))
    assert intake.counts(kind.kind).received == len(batch)
    assert intake.counts(kind.kind).jumps == 0


@pytest.mark.parametrize("payload_format", FORMATS)
@pytest.mark.parametrize("framing", FRAMINGS)
def test_an_http_intake_takes_entries_in_every_form(
    payload_format: str, framing: str, intake: Intake, client: Client
) -> None:
    kind = all_destinations()["http_bearer"]
    now, waiting = datetime.now(UTC), payloads(5)
    aim = replace(
        target(kind, intake), payload_format=payload_format, framing=framing, signing_secret=new_secret()
    )

    while waiting:
        batch = kind.take(waiting, aim)
        verdict = kind.judge(client.send(kind.encode(batch, aim, now=now)), sent=batch, target=aim, now=now)
        assert (verdict.outcome, verdict.delivered) == (Outcome.DELIVERED, len(batch))
        waiting = waiting[len(batch) :]

    counts = intake.counts(kind.kind)
    assert (counts.received, counts.duplicates, counts.jumps) == (5, 0, 0)


@every_kind
def test_a_connection_test_passes_every_step(
    kind: Destination, intake: Intake, client: Client, policy: Policy
) -> None:
    now, aim = datetime.now(UTC), target(kind, intake)

    results = [*connect_phases(aim.url, policy, now=now), *kind.probes(aim, send=client.send, now=now)]

    assert [result.name for result in results] == list(PHASES)
    assert {result.status for result in results} == {PhaseStatus.OK}
    assert intake.counts(kind.kind).received == 0
    assert len(intake.tests(kind.kind)) == (1 if kind.kind == "http_bearer" else 0)


@every_kind
def test_a_wrong_token_is_told_and_holds_the_stream(
    kind: Destination, intake: Intake, client: Client
) -> None:
    now, aim, batch = datetime.now(UTC), target(kind, intake, "wrong-token"), payloads(2)

    results = list(kind.probes(aim, send=client.send, now=now))
    verdict = kind.judge(client.send(kind.encode(batch, aim, now=now)), sent=batch, target=aim, now=now)

    assert [(result.name, result.status) for result in results] == [("authentication", PhaseStatus.FAIL)]
    assert verdict.outcome is Outcome.HELD_FOR_CREDENTIALS


@pytest.mark.parametrize("form", ["elasticsearch", "elasticsearch_user", "elasticsearch_bearer"])
def test_elasticsearch_takes_a_token_of_every_form(form: str, intake: Intake, client: Client) -> None:
    kind = all_destinations()["elasticsearch"]
    now, batch = datetime.now(UTC), payloads(2)
    aim = target(kind, intake, getattr(intake.tokens, form))

    first, again = (
        kind.judge(client.send(kind.encode(batch, aim, now=now)), sent=batch, target=aim, now=now)
        for _ in range(2)
    )

    assert (first.outcome, first.duplicates) == (Outcome.DELIVERED, 0)
    assert (again.outcome, again.duplicates) == (Outcome.DELIVERED, 2)
