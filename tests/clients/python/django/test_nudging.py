from __future__ import annotations

import threading
import time

import pytest
from auditsite_client.django import nudging
from auditsite_client.django.models import OutboxEntry
from auditsite_client.django.recording import record_in_transaction
from django.core.management import call_command
from django.db import transaction
from pytest_django import Settings

from tests.clients.python.server import Listening, Server


@pytest.fixture
def nudged(
    committing_db: None,  # noqa: ARG001 - a database that commits
    producer: Server,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
) -> Server:
    call_command("migrate", "auditsite_client", verbosity=0)
    settings.AUDITSITE_CLIENT = {**settings.AUDITSITE_CLIENT, "NUDGE": True}
    monkeypatch.setattr(nudging, "IDLE", 0.3)
    return producer


def record(number: int) -> None:
    with transaction.atomic():
        record_in_transaction("cases.case_shared", actor="ana@acme.example", parameters={"n": number})


def until_gone() -> None:
    deadline = time.monotonic() + 20
    while OutboxEntry.objects.exists() or "auditsite-outbox" in {t.name for t in threading.enumerate()}:
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_what_is_committed_is_sent_at_once_and_the_thread_ends(nudged: Server) -> None:
    record(1)
    record(2)
    until_gone()

    record(3)
    until_gone()

    assert nudged.numbers() == [1, 2, 3]


def test_the_thread_waits_for_a_server_that_is_away(nudged: Server, listening: Listening) -> None:
    listening.stop()
    record(1)
    time.sleep(0.2)
    assert OutboxEntry.objects.count() == 1

    listening.start()
    until_gone()

    assert nudged.numbers() == [1]
