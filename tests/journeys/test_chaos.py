"""A short run of bench.chaos: its harness works, and two of its faults lose nothing."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.journeys.product import ROOT

pytestmark = [pytest.mark.journey, pytest.mark.slow]


def test_a_killed_worker_and_lost_answers_lose_nothing() -> None:
    wanted = ["--faults", "kill-worker,take-then-drop", "--entries", "300", "--seed", "7", "--lanes", "1"]

    done = subprocess.run(
        [sys.executable, "-m", "bench.chaos", *wanted],
        cwd=ROOT, check=False, capture_output=True, text=True, timeout=400,
    )  # fmt: skip

    assert done.returncode == 0, done.stdout + done.stderr
    assert "2 of 2 as promised" in done.stdout
