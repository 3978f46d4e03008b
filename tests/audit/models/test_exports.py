from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError
from django.db.models.functions import Now
from django.utils import timezone

from audit.models import Export, ExportState, Person, Tenant
from audit.models.exports import MOST_ATTEMPTS
from tests.entries import NOON
from tests.exports import export_of


def test_an_export_is_not_ready_with_another_number_than_was_promised(acme: Tenant, ana: Person) -> None:
    export = export_of(ana, acme, written=7)

    with pytest.raises(IntegrityError, match="export_as_promised"):
        Export.objects.filter(pk=export.pk).update(state=ExportState.READY, expires_at=NOON)


def test_an_export_does_not_run_without_a_lease(acme: Tenant, ana: Person) -> None:
    export = export_of(ana, acme)

    with pytest.raises(IntegrityError, match="export_running_by_lease"):
        Export.objects.filter(pk=export.pk).update(state=ExportState.RUNNING)


def test_due_is_what_waits_and_what_nobody_works_on_any_more(acme: Tenant, ana: Person) -> None:
    past, future = Now() - timedelta(seconds=1), Now() + timedelta(seconds=60)
    waiting = export_of(ana, acme)
    left = export_of(ana, acme, state="running", leased_until=past, attempts=MOST_ATTEMPTS - 1)
    tried = export_of(ana, acme, state="running", leased_until=past, attempts=MOST_ATTEMPTS)
    busy = export_of(ana, acme, state="running", leased_until=future)
    for state in ("failed", "cancelled", "expired"):
        export_of(ana, acme, state=state)

    assert set(Export.objects.due()) == {waiting, left}
    assert list(Export.objects.given_up()) == [tried]
    assert list(Export.objects.at_work()) == [busy]
    assert set(Export.objects.open()) == {waiting, left, tried, busy}


def test_a_persons_exports_are_those_of_one_tenant(
    acme: Tenant, globex: Tenant, ana: Person, aud: Person
) -> None:
    mine = export_of(ana, acme)
    export_of(aud, acme)
    export_of(ana, globex)

    assert list(Export.objects.of(acme, ana)) == [mine]


def test_a_file_can_be_downloaded_while_it_lasts() -> None:
    now = timezone.now()
    ready = Export(state="ready", expires_at=now + timedelta(seconds=1))

    assert ready.downloadable(now=now)
    assert not ready.downloadable(now=now + timedelta(seconds=1))
    assert not Export(state="running").downloadable(now=now)


def test_how_far_a_file_has_come_and_how_long_it_takes_is_told() -> None:
    export = Export(number=42, state="running", promised=400, written=100, started_at=NOON)

    assert (export.name, export.percent, export.is_open) == ("EXP-0042", 25, True)
    assert export.seconds_left(now=NOON + timedelta(seconds=10)) == 30
    assert Export(state="running", promised=400, started_at=NOON).seconds_left(now=NOON) is None
    assert Export(state="ready", promised=0).percent == 0
