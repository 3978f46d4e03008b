from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from django.db.models.functions import Now
from django.utils import timezone

from audit.exports import folders
from audit.exports.expiring import expire
from audit.models import Export, ExportState, Person, Tenant
from tests.exports import export_of

NOW = timezone.now()


def with_file(export: Export) -> Path:
    folders.create(export).close()
    return folders.path_of(export)


@pytest.mark.usefixtures("folder")
def test_a_file_goes_when_its_day_is_over_and_its_row_stays(acme: Tenant, ana: Person) -> None:
    over = export_of(ana, acme, state="ready", written=8, expires_at=NOW, size=5, link="x")
    good = export_of(ana, acme, state="ready", written=8, expires_at=NOW + timedelta(seconds=1))
    gone, there = with_file(over), with_file(good)

    assert expire(now=NOW) == 1

    over.refresh_from_db()
    good.refresh_from_db()
    assert (over.state, over.size, over.link, gone.exists()) == (ExportState.EXPIRED, 5, "", False)
    assert (good.state, there.exists()) == (ExportState.READY, True)


@pytest.mark.usefixtures("folder")
def test_files_that_nobody_owns_any_more_go(acme: Tenant, ana: Person) -> None:
    until = Now() + timedelta(seconds=30)
    running = export_of(ana, acme, state="running", leased_until=until, lease_epoch=2)
    before = Export(tenant=acme, pk=running.pk, lease_epoch=1)
    cancelled = export_of(ana, acme, state="cancelled", lease_epoch=1)
    kept = with_file(running)
    strays = [with_file(before), with_file(cancelled), with_file(Export(tenant=acme))]

    assert expire(now=NOW) == 3

    assert kept.exists()
    assert [path for path in strays if path.exists()] == []


@pytest.mark.usefixtures("folder")
def test_what_is_no_file_of_ours_is_left_alone(acme: Tenant, ana: Person, folder: Path) -> None:
    path = with_file(export_of(ana, acme, state="cancelled"))
    other = path.with_name("notes.txt")
    other.write_text("x")

    expire(now=NOW)

    assert [one for one in folder.rglob("*") if one.is_file()] == [other]


@pytest.mark.usefixtures("folder", "db")
def test_a_folder_that_does_not_exist_yet_has_nothing_to_remove() -> None:
    assert expire(now=NOW) == 0
