from __future__ import annotations

import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest

from auditsite.demo.intake import KINDS, SPLUNK_HEC, Intake
from tests.auditsite.demo.intake.sender import Sender, body_of
from tests.auditsite.demo.intake.test_connection import connect


def test_many_senders_are_served_at_once(intake: Intake) -> None:
    def send(first: int) -> None:
        with Sender(intake) as sender:
            for kind in KINDS:
                sender.send(kind, body_of(kind, *range(first, first + 50)))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(send, range(1, 401, 50)))

    for kind in KINDS:
        arrivals = intake.received(kind)
        assert sorted(arrival.sequence or 0 for arrival in arrivals) == list(range(1, 401))
        assert [arrival.number for arrival in arrivals] == list(range(1, 401))


def test_a_client_that_shakes_no_hands_keeps_nobody_waiting(sender: Sender) -> None:
    with socket.create_connection(("127.0.0.1", sender.intake.port), timeout=5):
        assert sender.send(SPLUNK_HEC, body_of(SPLUNK_HEC, 1)).status_code == 200


def test_stopping_ends_open_connections_and_every_thread(tmp_path: Path) -> None:
    intake = Intake(data_dir=tmp_path, now=datetime.now(UTC))
    before = threading.active_count()
    intake.start()
    with connect(intake) as client:
        client.sendall(b"GET /_control/counts HTTP/1.1\r\n\r\n")
        assert client.recv(8) == b"HTTP/1.1"

        intake.stop()

        while client.recv(10_000):
            pass
    assert threading.active_count() == before
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", intake.port), timeout=5)


def test_a_fault_of_the_intake_itself_is_a_500_and_remembered(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    intake = Intake(data_dir=tmp_path, now=datetime.now(UTC))
    intake.start()
    # Breaks what every answer needs.
    del intake.ledger._known

    with Sender(intake) as sender:
        response = sender.send(SPLUNK_HEC, body_of(SPLUNK_HEC, 1))
    intake.stop()

    assert response.status_code == 500
    assert "AttributeError" in intake.faults[0]
    assert "AttributeError" in capsys.readouterr().err
