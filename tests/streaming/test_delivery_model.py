"""Whatever happens to a stream in whatever order, nothing is lost, skipped or counted twice (`life.py`).

The gate tries the same lives each time. `AUDITSITE_TEST_MINUTES=60` tries others for that long.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from auditsite.demo.intake import Intake
from tests.streaming.life import StreamLife

MINUTES = float(os.environ.get("AUDITSITE_TEST_MINUTES", "0"))
LIVES = 25


@pytest.fixture
def life(db: None, loopback: Intake) -> Iterator[type[StreamLife]]:  # noqa: ARG001 - opens the database
    StreamLife.intake = loopback
    yield StreamLife
    del StreamLife.intake


@pytest.mark.slow
def test_whatever_happens_nothing_is_lost_skipped_or_counted_twice(life: type[StreamLife]) -> None:
    until = time.monotonic() + 60 * MINUTES
    while True:
        run_state_machine_as_test(
            life,
            settings=settings(
                max_examples=LIVES,
                stateful_step_count=15,
                deadline=None,
                derandomize=not MINUTES,
                database=None,
                print_blob=True,
                phases=[Phase.generate],  # to shrink a life takes minutes; the blob repeats it
                suppress_health_check=list(HealthCheck),
            ),
        )
        if time.monotonic() >= until:
            break
