from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import auditsite_client
import pytest
from auditsite_client import Client, Options
from auditsite_client.send import main

from tests.clients.python.server import Listening, Server, refusal

SOURCE = str(Path(auditsite_client.__file__).parents[1])


@pytest.fixture
def producer(server: Server, folder: Path) -> Client:
    return Client(url=server.url, key="unused", queue=folder, options=Options(background=False, fsync=False))


@pytest.fixture
def arguments(server: Server, folder: Path, tmp_path: Path) -> list[str]:
    (tmp_path / "key").write_text("alk_from_file\n")
    return ["--url", server.url, "--key-file", str(tmp_path / "key"), "--queue", str(folder)]


def record(client: Client, number: int) -> None:
    client.record("cases.case_shared", actor="ana@acme.example", parameters={"n": number})


def test_once_sends_what_is_there(producer: Client, arguments: list[str], server: Server) -> None:
    record(producer, 1)

    assert main([*arguments, "--once"]) == 0

    assert server.numbers() == [1]
    assert server.headers[0]["Authorization"] == "Bearer alk_from_file"


def test_once_says_by_its_exit_code_that_something_is_left(
    producer: Client, arguments: list[str], listening: Listening
) -> None:
    record(producer, 1)
    listening.stop()

    assert main([*arguments, "--once", "--timeout", "0.3"]) == 1


def test_an_operator_sees_what_waits_and_what_was_refused(
    producer: Client, arguments: list[str], server: Server, capsys: pytest.CaptureFixture[str]
) -> None:
    server.decide = lambda _: refusal(422, "entries-refused", _0_event="no such event")
    record(producer, 1)
    main([*arguments, "--once"])
    record(producer, 2)

    assert [main([*arguments, what]) for what in ("--status", "--set-aside", "--send-again")] == [0, 0, 0]

    status, aside, put_back = (json.loads(line) for line in capsys.readouterr().out.splitlines())
    assert (status["waiting"], status["set_aside"]) == (1, 1)
    assert (aside["reason"], aside["entry"]["parameters"]) == ("/event no such event", {"n": 1})
    assert put_back == {"put_back": 1}


def test_a_wrong_address_is_one_line_and_exit_code_1(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--url", "nowhere", "--key-file", "key", "--queue", str(folder), "--status"]) == 1
    assert capsys.readouterr().err.startswith("'nowhere' is no address")


def test_the_process_sends_until_it_is_told_to_end(
    producer: Client, arguments: list[str], server: Server
) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "auditsite_client.send", *arguments],
        env={**os.environ, "PYTHONPATH": SOURCE}, stderr=subprocess.PIPE,
    )  # fmt: skip
    for number in range(3):
        record(producer, number)
    while producer.status().waiting:
        assert process.poll() is None

    process.terminate()
    _, errors = process.communicate(timeout=20)

    assert (process.returncode, errors) == (0, b"")
    assert server.numbers() == [0, 1, 2]
