from __future__ import annotations

import gzip
import hashlib
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.models import F
from django.db.models.functions import Now

from audit import recording
from audit.exports import asking, folders, leasing, writing
from audit.models import AuditEntry, Export, ExportState, Membership, Person, Role, Tenant
from tests.committing import workers
from tests.entries import NOON, draft
from tests.exports import admin_of, asked_by

pytestmark = pytest.mark.usefixtures("committing_db")
ENTRIES = 30


@pytest.fixture
def tenant(committing_db: None, folder: Path) -> Tenant:  # noqa: ARG001 - opens the database
    tenant = Tenant.objects.create(slug="acme", name="Acme")
    drafts = [draft(by=who) for who in ("ana@acme.example", "backup") for _ in range(ENTRIES // 2)]
    recording.record_many(tenant=tenant, drafts=drafts, now=NOON)
    return tenant


@pytest.fixture
def ana(tenant: Tenant) -> Person:
    return admin_of(tenant)


def written(export: Export, **how: Any) -> Export:
    """The export after a run."""
    assert writing.write(export.pk, **{"owner": "test", "goes_on": lambda: True, **how})
    export.refresh_from_db()
    return export


def bodies(tenant: Tenant, **which: Any) -> list[bytes]:
    found = AuditEntry.objects.of(tenant).filter(**which).order_by("-occurred_at", "-sequence")
    return [bytes(entry.body) for entry in found]


@contextmanager
def log_is_locked() -> Iterator[None]:
    """Whoever reads the log waits until this ends: a file that takes long."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("LOCK TABLE audit_auditentry IN ACCESS EXCLUSIVE MODE")
        yield


def until(true: Any) -> None:
    deadline = time.monotonic() + 20
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_file_has_the_entries_of_the_moment_it_was_asked_for(tenant: Tenant, ana: Person) -> None:
    export = asked_by(ana, tenant)
    recording.record(tenant=tenant, draft=draft(), now=NOON)

    export = written(export)

    file = folders.path_of(export)
    assert file.read_bytes() == b"".join(body + b"\n" for body in bodies(tenant, sequence__lte=ENTRIES))
    assert (export.state, export.written, export.promised) == (ExportState.READY, ENTRIES, ENTRIES)
    assert (export.size, export.sha256) == (
        file.stat().st_size, hashlib.sha256(file.read_bytes()).hexdigest(),
    )  # fmt: skip
    assert export.expires_at is not None
    assert export.finished_at is not None
    assert timedelta(hours=23) < export.expires_at - export.finished_at <= timedelta(hours=24)


def test_a_file_has_what_the_filters_find_and_is_compressed(tenant: Tenant, ana: Person) -> None:
    export = asked_by(
        ana, tenant, file_format="json", filters="by=backup", promised=ENTRIES // 2, compressed=True
    )

    text = gzip.decompress(folders.path_of(written(export)).read_bytes())

    found = json.loads(text)
    assert found["count"] == len(found["entries"]) == ENTRIES // 2
    assert {entry["actor"]["name"] for entry in found["entries"]} == {"backup"}


def test_times_mean_what_they_meant_to_whoever_asked(tenant: Tenant, ana: Person) -> None:
    nine_in_the_evening = f"from={NOON:%Y-%m-%dT21:00}"
    in_tokyo = asked_by(ana, tenant, filters=nine_in_the_evening, time_zone="Asia/Tokyo")
    in_utc = asked_by(ana, tenant, filters=nine_in_the_evening, promised=0)

    assert written(in_tokyo).state == written(in_utc).state == ExportState.READY


def test_a_file_that_would_not_have_what_was_promised_fails_and_is_gone(
    tenant: Tenant, ana: Person, folder: Path
) -> None:
    export = written(asked_by(ana, tenant, promised=ENTRIES + 1))

    assert export.state == ExportState.FAILED
    assert export.failure.startswith("31 entries were promised, 30 were found: some were removed")
    assert [path for path in folder.rglob("*") if path.is_file()] == []


def test_whoever_may_no_longer_export_gets_no_file(tenant: Tenant, ana: Person) -> None:
    export = asked_by(ana, tenant)
    Membership.objects.filter(person=ana).update(role=Role.VIEWER)

    assert written(export).failure.startswith("Your role does not allow you to export entries")


def test_whoever_may_no_longer_sign_in_gets_no_file(tenant: Tenant, ana: Person) -> None:
    export = asked_by(ana, tenant)
    Person.objects.filter(pk=ana.pk).update(is_active=False)

    assert written(export).state == ExportState.FAILED


def test_filters_that_are_no_more_are_named(tenant: Tenant, ana: Person) -> None:
    assert "colour" in written(asked_by(ana, tenant, filters="colour=red")).failure


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a disk that is full")
def test_a_full_disk_is_said_to_the_person(
    tenant: Tenant, ana: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Path("/dev/full").open("wb", buffering=0) as full:
        monkeypatch.setattr(folders, "create", lambda _: full)
        export = written(asked_by(ana, tenant))

    assert (export.state, export.failure) == (
        ExportState.FAILED,
        "There is no room left on the server's disk. Tell your operator, and try again later.",
    )


def test_a_folder_that_is_closed_to_us_is_said_to_the_person(
    tenant: Tenant, ana: Person, folder: Path
) -> None:
    folder.write_text("not a folder")

    assert "could not be written" in written(asked_by(ana, tenant)).failure


def test_a_cancelled_export_ends_while_the_database_still_works_on_it(
    tenant: Tenant, ana: Person, folder: Path
) -> None:
    export = asked_by(ana, tenant)

    with workers(1) as start, log_is_locked():
        run = start(writing.write, export.pk, owner="test", goes_on=lambda: True)
        until(lambda: Export.objects.get().state == ExportState.RUNNING)
        with workers(1) as apart:
            apart(asking.cancel, export, now=NOON).result(timeout=10)
        assert run.result(timeout=10)

    export.refresh_from_db()
    assert (export.state, export.failure) == (ExportState.CANCELLED, "")
    assert [path for path in folder.rglob("*") if path.is_file()] == []


def test_a_worker_that_is_to_end_puts_its_export_back(tenant: Tenant, ana: Person) -> None:
    export = asked_by(ana, tenant)

    with workers(1) as start, log_is_locked():
        start(writing.write, export.pk, owner="test", goes_on=lambda: False).result(timeout=10)

    export.refresh_from_db()
    assert (export.state, export.attempts, export.leased_until) == (ExportState.WAITING, 0, None)
    assert written(export).state == ExportState.READY


def test_a_run_that_comes_too_late_changes_nothing_and_leaves_no_file(
    tenant: Tenant, ana: Person, folder: Path
) -> None:
    """A worker that stood still longer than its lease, while another one wrote the file."""
    export = asked_by(ana, tenant)

    with workers(1) as start:
        with log_is_locked():
            late = start(writing.write, export.pk, owner="late", goes_on=lambda: True)
            until(lambda: Export.objects.get().state == ExportState.RUNNING)
            with workers(1) as apart:
                apart(_take_away, export).result(timeout=10)
        late.result(timeout=10)
        export = written(export, owner="other")

    assert (export.state, export.lease_owner, export.lease_epoch) == (ExportState.READY, "other", 3)
    assert [path for path in folder.rglob("*") if path.is_file()] == [folders.path_of(export)]


def _take_away(export: Export) -> None:
    Export.objects.filter(pk=export.pk).update(
        leased_until=Now() - timedelta(seconds=1), lease_epoch=F("lease_epoch") + 1
    )


def test_a_database_that_goes_away_interrupts_and_the_next_run_begins_anew(
    tenant: Tenant, ana: Person, folder: Path
) -> None:
    export = asked_by(ana, tenant)

    with workers(1) as start, log_is_locked():
        run = start(writing.write, export.pk, owner="test", goes_on=lambda: True)
        until(_copy_is_ended)
        assert run.result(timeout=10)

    export.refresh_from_db()
    assert (export.state, export.attempts, list(Export.objects.due())) == (ExportState.RUNNING, 1, [export])
    assert [path for path in folder.rglob("*") if path.is_file()] == []
    assert written(export).state == ExportState.READY


def _copy_is_ended() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND query LIKE 'COPY (%' AND pid <> pg_backend_pid()"
        )
        return cursor.fetchone() is not None


def test_what_is_not_due_is_left_alone(tenant: Tenant, ana: Person) -> None:
    export = asked_by(ana, tenant)
    assert leasing.claim(export.pk, owner="somebody") is not None

    assert not writing.write(export.pk, owner="test", goes_on=lambda: True)
