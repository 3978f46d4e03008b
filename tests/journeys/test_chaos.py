"""A short run of bench.chaos: its harness works, and a killed worker loses nothing."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.journeys.product import ROOT

pytestmark = [pytest.mark.journey, pytest.mark.slow]


def test_a_worker_killed_again_and_again_loses_nothing_and_the_figures_stay_true() -> None:
    wanted = ["--faults", "kill-worker", "--entries", "300", "--seed", "7", "--lanes", "1"]

    done = subprocess.run(
        [sys.executable, "-m", "bench.chaos", *wanted],
        cwd=ROOT, check=False, capture_output=True, text=True, timeout=400,
    )  # fmt: skip

    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 of 1 as promised" in done.stdout
