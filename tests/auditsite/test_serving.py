"""gunicorn with our worker and our lines: real processes, and clients that keep their connections."""

from __future__ import annotations

import http.client
import logging
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from gunicorn.config import Config
from gunicorn.glogging import Logger

from auditsite.serving import AccessLog
from tests.house.tree import ROOT

APPLICATION = """
import threading, time
def application(environ, start):
    body = environ["wsgi.input"].read()
    if environ["PATH_INFO"] == "/slow":
        time.sleep(1)
    said = threading.current_thread().name.encode() + b" " + body
    start("200 OK", [("Content-Length", str(len(said)))])
    return [said]
"""


@contextmanager
def _served(folder: Path, *, threads: int) -> Iterator[tuple[int, subprocess.Popen[bytes], Path]]:
    (folder / "small.py").write_text(APPLICATION)
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        port = listening.getsockname()[1]
    command = [sys.executable, "-m", "gunicorn", "small", "--pythonpath", str(folder), "--no-control-socket"]
    command += [
        "--bind",
        f"127.0.0.1:{port}",
        "--threads",
        str(threads),
        "--access-logfile",
        str(folder / "log"),
    ]
    process = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.DEVNULL)
    try:
        for _ in range(200):
            with suppress(OSError):
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            time.sleep(0.05)
        yield port, process, folder / "log"
    finally:
        process.kill()
        process.wait()


@contextmanager
def _senders(port: int, number: int) -> Iterator[list[http.client.HTTPConnection]]:
    """Clients that keep their connections."""
    senders = [http.client.HTTPConnection("127.0.0.1", port, timeout=20) for _ in range(number)]
    try:
        yield senders
    finally:
        for sender in senders:
            sender.close()


def _post(connection: http.client.HTTPConnection, text: str, path: str = "/") -> list[str]:
    """The thread that answered, and what it was sent."""
    connection.request("POST", path, text.encode())
    return connection.getresponse().read().decode().split()


def test_a_sender_that_is_at_it_keeps_its_thread_and_later_senders_get_one(tmp_path: Path) -> None:
    with _served(tmp_path, threads=3) as (port, _, log), _senders(port, 8) as senders:
        alone = [_post(senders[0], f"a{n}") for n in range(30)]
        many = [_post(sender, f"{n}-{at}")[1] for n in range(20) for at, sender in enumerate(senders)]
        lines = log.read_text().splitlines()

    assert [said for _, said in alone] == [f"a{n}" for n in range(30)]
    assert len({thread for thread, _ in alone}) < 3
    assert many == [f"{n}-{at}" for n in range(20) for at in range(8)]
    assert len(lines) >= 30 + 160 - 1  # the last one is written after its answer
    assert re.fullmatch(r'127\.0\.0\.1 - - \[.{26}\] "POST / HTTP/1\.1" 200 \d+ "-" "-"', lines[0])


@pytest.mark.parametrize("threads", [1, 2])
def test_a_slow_request_holds_up_no_more_than_its_own_thread(tmp_path: Path, threads: int) -> None:
    with _served(tmp_path, threads=threads) as (port, _, _log), _senders(port, 2) as (slow, quick):
        _post(slow, "x")
        slow.request("POST", "/slow", b"slow")
        time.sleep(0.1)
        began = time.monotonic()

        assert _post(quick, "quick")[1] == "quick"
        waited = time.monotonic() - began
        assert slow.getresponse().read().endswith(b"slow")

    assert (waited > 0.5) == (threads == 1)


def test_it_ends_when_it_is_asked_to(tmp_path: Path) -> None:
    with _served(tmp_path, threads=2) as (port, process, _), _senders(port, 1) as [sender]:
        _post(sender, "x")

        process.terminate()

        assert process.wait(15) == 0


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"HTTP_REFERER": 'https://a.example/"x"', "HTTP_USER_AGENT": 'curl "8" %s'},
        {"HTTP_AUTHORIZATION": "Basic YW5hOnNlY3JldA==", "RAW_URI": '/a?b="c"'},
    ],
)
@pytest.mark.parametrize("form", [None, "%(m)s %(U)s"])
def test_its_lines_are_those_of_gunicorn(
    said: dict[str, str], form: str | None, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    environment: dict[str, Any] = {
        "REMOTE_ADDR": "203.0.113.7", "REQUEST_METHOD": "POST", "RAW_URI": "/api/v1/entries", "PATH_INFO": "/api",
        "SERVER_PROTOCOL": "HTTP/1.1", **said,
    }  # fmt: skip
    response = SimpleNamespace(status="201 Created", sent=66, headers=[("Content-Type", "text/plain")])
    config = Config()
    config.set("accesslog", "-")
    if form is not None:
        config.set("access_log_format", form)
    monkeypatch.setattr(Logger, "now", lambda _: "[24/Nov/2026:12:00:00 +0000]")
    logging.getLogger("gunicorn.access").propagate = True

    for kind in (AccessLog, Logger):
        logger = kind(config)
        logger.access_log.propagate = True
        with caplog.at_level(logging.INFO, logger="gunicorn.access"):
            logger.access(response, SimpleNamespace(headers=[("A", "b")]), environment, timedelta(seconds=1))

    ours, theirs = caplog.messages
    assert ours == theirs
