from __future__ import annotations

import time
from datetime import timedelta

import pytest
from django.db import OperationalError, connection
from django.db.models.functions import Now
from django.utils import timezone

from audit.exporting import Tally
from audit.exports import leasing, watching
from audit.exports.watching import Watch
from audit.models import Export, Tenant
from tests.exports import admin_of, export_of

pytestmark = pytest.mark.usefixtures("committing_db")


@pytest.fixture
def export(committing_db: None) -> Export:  # noqa: ARG001 - opens the database
    tenant = Tenant.objects.create(slug="acme", name="Acme")
    export = leasing.claim(export_of(admin_of(tenant), tenant, promised=100).pk, owner="one")
    assert export is not None
    return export


def sleeps(seconds: float) -> float:
    """How long a statement of PostgreSQL takes that is meant to take so long."""
    began = time.monotonic()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(%s)", [seconds])
    return time.monotonic() - began


def test_the_lease_is_renewed_and_the_progress_told(export: Export) -> None:
    Export.objects.update(leased_until=Now() + timedelta(seconds=3))

    with Watch(export, tally=Tally(100, 40), goes_on=lambda: True) as watch:
        sleeps(1.5)

    export.refresh_from_db()
    assert (export.written, watch.lost, watch.stopped) == (40, False, False)
    assert export.leased_until is not None
    assert export.leased_until > timezone.now() + timedelta(seconds=20)


def test_a_statement_ends_when_the_lease_is_lost(export: Export) -> None:
    Export.objects.update(lease_epoch=9)
    began = time.monotonic()

    with (
        pytest.raises(OperationalError, match="canceling statement"),
        Watch(export, tally=Tally(), goes_on=lambda: True) as watch,
    ):
        sleeps(30)

    assert watch.lost
    assert time.monotonic() - began < 10


def test_a_statement_ends_when_the_process_is_to_end(export: Export) -> None:
    with (
        pytest.raises(OperationalError, match="canceling statement"),
        Watch(export, tally=Tally(), goes_on=lambda: False) as watch,
    ):
        sleeps(30)

    assert (watch.stopped, watch.lost) == (True, False)
    assert leasing.put_back(export)


def test_nothing_of_it_is_left_when_it_ends(export: Export, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "BEAT", 0.01)
    with Watch(export, tally=Tally(), goes_on=lambda: True) as watch:
        sleeps(0.1)

    Export.objects.update(lease_epoch=9)

    assert not watch._thread.is_alive()
    assert sleeps(0.2) >= 0.2
