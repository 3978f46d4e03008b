"""The client against the real server. `bench/client_survives.py` does the same at full length."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from django.conf import settings

from tests.clients.python.surviving import Found, survive
from tests.journeys.product import running, server_url


@pytest.mark.journey
@pytest.mark.slow
def test_nothing_is_lost_or_doubled_while_server_and_producer_are_killed() -> None:
    with tempfile.TemporaryDirectory(prefix="auditsite-tests-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        with running(folder, database_url=server_url(), redis_url=settings.REDIS_URL) as product:
            found = survive(
                product, folder / "queue", entries=10_000, server_kills=2, producer_kills=1, fsync=False
            )

    assert found == Found(10_000, lost=0, twice=0, in_order=True, server_kills=2, producer_kills=1)
