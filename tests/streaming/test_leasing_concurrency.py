"""Leases under real commits: who waits for another's row looks at it once more."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from audit.models import Tenant
from auditsite.demo.intake import Intake
from streaming import leasing
from streaming.configuring import BEGINNING, Settings, save_settings
from streaming.encryption import Secret
from streaming.models import Stream
from tests.committing import while_it_waits
from tests.streams import ANA


@pytest.fixture
def stream(committing_db: None, loopback: Intake) -> Stream:  # noqa: ARG001 - opens the database
    acme = Tenant.objects.create(slug="acme", name="Acme")
    values = Settings(
        enabled=True,
        destination_kind="http_bearer",
        url=loopback.url("http_bearer"),
        token=Secret(loopback.token("http_bearer")),
        start_from=BEGINNING,
    )
    return save_settings(tenant=acme, settings=values, change=ANA, now=datetime.now(UTC))


def test_of_two_that_claim_at_the_same_moment_one_gets_the_stream(stream: Stream) -> None:
    second = while_it_waits(
        lambda: leasing.claim(stream.pk, owner="first"), lambda: leasing.claim(stream.pk, owner="second")
    )

    assert second is None


def test_a_lease_that_is_taken_away_at_the_same_moment_is_not_renewed(stream: Stream) -> None:
    lease = leasing.claim(stream.pk, owner="first")
    assert lease is not None

    renewed = while_it_waits(lambda: leasing.fence_off(stream.pk), lambda: leasing.renew(lease))

    assert not renewed
