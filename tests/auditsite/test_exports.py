from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
import redis
from celery.worker import state as worker_state
from django.conf import settings as configured
from django.db.models.functions import Now
from django.utils import timezone
from pytest_django import Settings

from audit.exports import folders
from audit.models import Export, ExportState, Person, Tenant
from audit.models.exports import MOST_ATTEMPTS
from auditsite import exports
from auditsite.celery import app
from streaming.leasing import owner_name
from tests.entries import make_entry
from tests.exports import admin_of, asked_by, export_of
from tests.streaming.broker import queued


@pytest.fixture(autouse=True)
def folder(settings: Settings, tmp_path: Path) -> Path:
    settings.EXPORTS_DIR = tmp_path
    return tmp_path


@pytest.fixture
def empty_queue() -> None:
    app.loader.import_default_modules()
    with redis.Redis.from_url(configured.REDIS_URL) as client:
        client.delete("celery")


@pytest.mark.usefixtures("empty_queue")
def test_the_sweep_hands_over_what_could_be_written(acme: Tenant, ana: Person) -> None:
    export_of(ana, acme)
    export_of(ana, acme, state="failed")

    exports.sweep_exports()

    assert queued() == 1


@pytest.mark.usefixtures("empty_queue")
def test_what_a_killed_worker_left_is_handed_over_at_once(acme: Tenant, ana: Person) -> None:
    until = Now() + timedelta(seconds=30)
    alive = owner_name()
    place, _, _ = alive.split("|")
    # The greatest number that a process may have on Linux is below this one.
    export_of(ana, acme, state="running", leased_until=until, lease_owner=f"{place}|5000000|x", attempts=1)
    export_of(ana, acme, state="running", leased_until=until, lease_owner=alive, attempts=1)

    exports.sweep_exports()

    assert queued() == 1


@pytest.mark.usefixtures("empty_queue")
def test_what_was_interrupted_too_often_is_not_handed_over(
    acme: Tenant, ana: Person, caplog: pytest.LogCaptureFixture
) -> None:
    before = Now() - timedelta(seconds=1)
    export = export_of(ana, acme, state="running", leased_until=before, attempts=MOST_ATTEMPTS)

    exports.sweep_exports()

    export.refresh_from_db()
    assert (export.state, queued()) == (ExportState.FAILED, 0)
    assert "interrupted too often" in caplog.text


@pytest.fixture
def waiting(committing_db: None) -> Export:  # noqa: ARG001 - opens the database
    tenant = Tenant.objects.create(slug="acme", name="Acme")
    make_entry(tenant)
    return asked_by(admin_of(tenant), tenant)


def test_a_worker_writes_an_export(waiting: Export) -> None:
    exports.write_export(export_id=str(waiting.pk))

    waiting.refresh_from_db()
    assert (waiting.state, waiting.written) == (ExportState.READY, 1)
    assert folders.path_of(waiting).exists()


def test_most_threads_are_left_to_live_delivery(waiting: Export) -> None:
    number = configured.CELERY_WORKER_CONCURRENCY // 8
    assert all(exports._threads.acquire(blocking=False) for _ in range(number))
    try:
        exports.write_export(export_id=str(waiting.pk))
    finally:
        for _ in range(number):
            exports._threads.release()

    waiting.refresh_from_db()
    assert waiting.state == ExportState.WAITING


def test_a_worker_that_is_asked_to_end_does_not_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    assert exports._goes_on()

    monkeypatch.setattr(worker_state, "should_stop", 0)

    assert not exports._goes_on()


def test_files_whose_day_is_over_are_removed(
    acme: Tenant, ana: Person, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    export = export_of(ana, acme, state="ready", written=8, expires_at=timezone.now())
    folders.create(export).close()

    exports.expire_exports()

    assert not folders.path_of(export).exists()
    assert "removed: 1" in caplog.text
