from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings as DjangoSettings

from auditsite.health import WORKER_SILENT
from streaming.models import WorkerSeen
from tests.auditsite.no_database import no_database
from tests.streaming.broker import AWAY

__all__ = ["no_database"]


@pytest.fixture
def worker(db: None) -> WorkerSeen:  # noqa: ARG001 - opens the database
    return WorkerSeen.objects.create(hostname="worker-1", at=timezone.now())


def test_the_process_answers_whatever_is_away(client: Client) -> None:
    answer = client.get("/healthz")

    assert (answer.status_code, answer.content) == (200, b"ok\n")
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.usefixtures("worker")
def test_all_parts_are_there(client: Client) -> None:
    answer = client.get("/readyz")

    assert answer.status_code == 200
    assert answer.json() == {
        "ready": True,
        "checks": {"database": "ok", "broker": "ok", "migrations": "ok", "worker": "ok"},
    }


@pytest.mark.parametrize("ago", [None, WORKER_SILENT + timedelta(seconds=1)])
def test_without_a_sign_of_a_worker_it_is_not_ready_and_says_what_to_run(
    ago: timedelta | None, client: Client, worker: WorkerSeen
) -> None:
    WorkerSeen.objects.update(at=timezone.now() - ago) if ago else worker.delete()

    answer = client.get("/readyz")

    assert answer.status_code == 503
    assert answer.json()["checks"].pop("worker").startswith("no worker was seen lately: run celery")
    assert answer.json()["checks"]["database"] == "ok"


@pytest.mark.usefixtures("worker")
def test_a_broker_that_is_away_is_named(client: Client, settings: DjangoSettings) -> None:
    settings.REDIS_URL = AWAY

    answer = client.get("/readyz")

    assert answer.status_code == 503
    assert "Connection refused" in answer.json()["checks"]["broker"]


@pytest.mark.usefixtures("worker")
def test_missing_migrations_are_counted(client: Client) -> None:
    newest = MigrationLoader(connection).graph.leaf_nodes("streaming")[0]
    MigrationRecorder(connection).record_unapplied(*newest)

    answer = client.get("/readyz")

    assert answer.status_code == 503
    assert answer.json()["checks"]["migrations"] == "1 migrations are missing: run manage.py migrate"


@pytest.mark.usefixtures("no_database")
def test_a_database_that_is_away_is_named_and_no_secret_of_its_address(client: Client) -> None:
    answer = client.get("/readyz")

    checks = answer.json()["checks"]
    assert answer.status_code == 503
    assert checks["broker"] == "ok"
    assert all("connection" in checks[name] for name in ("database", "migrations", "worker"))
    assert "canary" not in answer.content.decode()


@pytest.mark.django_db
def test_prometheus_reads_the_metrics(client: Client) -> None:
    answer = client.get("/metrics")

    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("text/plain")
    assert b"auditsite_entries_recorded_total" in answer.content
