"""The lease of a replay under real commits: who waits for another's row looks at it once more."""

from __future__ import annotations

from datetime import UTC, datetime

from audit.models import Tenant
from auditsite.demo.intake import Intake
from streaming.configuring import BEGINNING, Settings, save_settings
from streaming.encryption import Secret
from streaming.models import Replay
from streaming.resending.run import ReplayRun
from tests.committing import while_it_waits
from tests.replays import start
from tests.streams import ANA


def test_of_two_that_claim_at_the_same_moment_one_gets_the_replay(
    committing_db: None,  # noqa: ARG001 - opens the database
    loopback: Intake,
) -> None:
    values = Settings(
        enabled=True,
        destination_kind="http_bearer",
        url=loopback.url("http_bearer"),
        token=Secret(loopback.token("http_bearer")),
        start_from=BEGINNING,
    )
    acme = Tenant.objects.create(slug="acme", name="Acme")
    replay = start(save_settings(tenant=acme, settings=values, change=ANA, now=datetime.now(UTC)), last=1)
    first, second = ReplayRun(replay.pk, owner="first"), ReplayRun(replay.pk, owner="second")

    got = while_it_waits(first.__enter__, second.__enter__)

    assert first.lease is not None
    assert got.lease is None
    assert Replay.objects.get(pk=replay.pk).lease_owner == "first"
    for run in (first, second):
        run.__exit__(None, None, None)
