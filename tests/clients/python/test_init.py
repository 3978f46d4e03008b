from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import auditsite_client

SOURCE = Path(auditsite_client.__file__).parents[1]


def test_the_client_needs_nothing_but_the_standard_library() -> None:
    """`-S` leaves site-packages out."""
    done = subprocess.run(
        [sys.executable, "-S", "-W", "error", "-c", "import auditsite_client.send as s; print(s.__name__)"],
        env={**os.environ, "PYTHONPATH": str(SOURCE)}, capture_output=True, text=True, timeout=30, check=False,
    )  # fmt: skip

    assert (done.stdout, done.stderr) == ("auditsite_client.send\n", "")


def test_what_it_offers_is_there() -> None:
    assert [name for name in auditsite_client.__all__ if not hasattr(auditsite_client, name)] == []
