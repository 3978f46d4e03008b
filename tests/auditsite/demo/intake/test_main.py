from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from auditsite.demo import intake
from auditsite.demo.intake import HTTP_BEARER, SPLUNK_HEC
from auditsite.demo.intake.tokens import load_tokens

COMMAND = [sys.executable, "-m", "auditsite.demo.intake"]
FIXED = {"DEMO_INTAKE_HTTP_TOKEN": "from-the-environment"}


@pytest.fixture
def process(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    command = [*COMMAND, "--port", "0", "--data-dir", str(tmp_path), "--also", "plain=0"]
    with subprocess.Popen(
        [*command, "--splunk-hec-token", "from-an-argument"],
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | FIXED,
    ) as process:
        yield process
        process.kill()


def test_it_prints_its_address_and_tokens_answers_and_ends_on_sigterm(
    process: subprocess.Popen[str], tmp_path: Path
) -> None:
    assert process.stdout is not None
    line = process.stdout.readline().split()
    facts = dict(word.split("=", 1) for word in line if "=" in word)

    counts = requests.get(f"{line[3]}/_control/counts", verify=facts["ca"], timeout=5).json()
    process.send_signal(signal.SIGTERM)

    assert process.wait(timeout=5) == 0
    assert counts[SPLUNK_HEC]["received"] == 0
    assert facts["ca"] == str(tmp_path / "ca.pem")
    assert facts[SPLUNK_HEC] == "from-an-argument"
    assert facts[HTTP_BEARER] == "from-the-environment"
    assert facts["elasticsearch"] == load_tokens(tmp_path).elasticsearch
    assert facts["plain"].startswith("http://127.0.0.1:")


def test_a_port_that_is_taken_is_one_line_and_1(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        ended = subprocess.run(
            [*COMMAND, "--port", port, "--data-dir", str(tmp_path)],
            capture_output=True,
            text=True,
            timeout=20,
            check=False,
        )

    assert ended.returncode == 1
    assert ended.stderr.startswith("The demo intake can't start: ")
    assert ended.stderr.count("\n") == 1


def test_it_knows_nothing_of_the_product() -> None:
    sources = sorted(Path(intake.__file__).parent.glob("*.py"))
    imports = [line for source in sources for line in source.read_text().splitlines() if "import " in line]

    strangers = [line for line in imports if re.match(r"\s*(from|import) (django|audit|streaming)\b", line)]

    assert len(sources) > 10
    assert strangers == []
