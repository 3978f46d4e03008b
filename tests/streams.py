"""Streams of acme that deliver to a real HTTPS intake on loopback."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from pytest_django.fixtures import Settings as DjangoSettings

from audit.drafts import Actor
from audit.models import Tenant
from auditsite.demo.intake import Intake
from streaming import environment
from streaming.configuring import BEGINNING, Change, Settings, save_settings
from streaming.delivery import Report, Run
from streaming.encryption import Secret
from streaming.models import Cursor, Stream

ANA = Change(Actor(email="ana@acme.example"))
MakeStream = Callable[..., Stream]


@pytest.fixture(autouse=True)
def _settings_are_read_anew() -> Iterator[None]:
    yield
    environment.policy.cache_clear()
    environment.key_ring.cache_clear()


@pytest.fixture
def loopback(settings: DjangoSettings, intake: Intake) -> Intake:
    """The intake, allowed by the operator, its CA trusted."""
    settings.OUTBOUND_ALLOW = "127.0.0.0/8"
    settings.OUTBOUND_CA = str(intake.ca_file)
    environment.policy.cache_clear()
    return intake


@pytest.fixture
def make_stream(acme: Tenant, loopback: Intake) -> MakeStream:
    """Save and enable a stream of acme that starts at the beginning of the log."""

    def make(kind: str = "http_bearer", *, tenant: Tenant = acme, **changes: object) -> Stream:
        values: dict[str, Any] = {
            "enabled": True,
            "destination_kind": kind,
            "url": loopback.url(kind),
            "token": Secret(loopback.token(kind)),
            "start_from": BEGINNING,
            **changes,
        }
        return save_settings(
            tenant=tenant,
            settings=Settings(**values),
            change=ANA,
            now=datetime.now(UTC),
        )

    return make


def deliver_once(stream: Stream) -> Report:
    """One batch, as a worker would send it."""
    with Run(stream.pk, owner="test") as run:
        return run.deliver_next_batch(now=datetime.now(UTC))


def deliver_all(stream: Stream, *, most: int = 50) -> Cursor:
    """Batches until there is nothing more to do at once."""
    with Run(stream.pk, owner="test") as run:
        for _ in range(most):
            if not run.deliver_next_batch(now=datetime.now(UTC)).more:
                break
    return Cursor.objects.get(pk=stream.pk)


def make_due(stream: Stream) -> None:
    """Let the wait for the next attempt be over."""
    Cursor.objects.filter(pk=stream.pk).update(next_attempt_at=None)
