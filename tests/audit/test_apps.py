"""A deployment's own events: a good file adds them, a bad one stops the start and says why."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

HEADING = "code,area,event,category,parameters,description\n"
ASK = "from audit.catalog.lookup import CATALOG; print(CATALOG.event('vault.secret_read').area.label)"


def _start(folder: Path, lines: str) -> subprocess.CompletedProcess[str]:
    file = folder / "events.csv"
    file.write_text(HEADING + lines, encoding="utf-8")
    script = f"import django; django.setup(); {ASK}"
    told = {"AUDITSITE_CATALOG": str(file), "DJANGO_SETTINGS_MODULE": "auditsite.settings"}
    return subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, **told},
        capture_output=True,
        text=True,
        check=False,
    )


def test_events_of_the_deployments_file_are_known_from_the_start(tmp_path: Path) -> None:
    started = _start(tmp_path, "vault.secret_read,Vault,Secret read,User actions,name,\n")

    assert (started.returncode, started.stdout) == (0, "Vault\n")


def test_a_bad_line_stops_the_start_with_the_line_and_the_reason(tmp_path: Path) -> None:
    started = _start(tmp_path, "vault.secret_read,Vault,Secret read,Reading,name,\n")

    assert started.returncode == 1
    last = started.stderr.strip().splitlines()[-1]
    assert "AUDITSITE_CATALOG: " in last
    assert "events.csv, line 2: 'Reading' is no category; write one of: Setting updates" in last
