"""A producer built on Django: the app is installed, its tables are there, and a server listens."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from auditsite_client.django import configured
from django.core.management import call_command
from pytest_django import Settings

from tests.clients.python.server import Server


@pytest.fixture
def producer(settings: Settings, server: Server, folder: Path) -> Iterator[Server]:
    """Settings as a producer has them; `NUDGE` is off unless a test wants the thread."""
    settings.INSTALLED_APPS = [*settings.INSTALLED_APPS, "auditsite_client.django"]
    settings.AUDITSITE_CLIENT = {
        "URL": server.url,
        "KEY": lambda tenant: f"alk_{tenant or 'default'}",
        "QUEUE": folder,
        "OPTIONS": {"fsync": False, "longest_pause": 0.05, "timeout": 5},
        "NUDGE": False,
    }
    yield server
    for client in configured._clients.values():
        client.close(0)
    configured._clients.clear()


@pytest.fixture
def outbox_db(db: None, producer: Server) -> Server:  # noqa: ARG001 - opens the database
    """The outbox's tables, for the length of a test."""
    call_command("migrate", "auditsite_client", verbosity=0)
    return producer
