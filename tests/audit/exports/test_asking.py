from __future__ import annotations

from datetime import timedelta

import pytest

from audit.drafts import Context
from audit.exports import asking, leasing
from audit.exports.asking import Asker, TooMany, Wanted
from audit.models import AuditEntry, Export, ExportState, Person, Tenant
from tests.committing import workers
from tests.entries import NOON, make_entry
from tests.exports import admin_of, asked_by, export_of

WANTED = Wanted("csv", "by=backup", 20_000, 31_000, compressed=True, words=("Done by is backup",))
EXPORTED = "tenant_admin_settings.audit_logs_exported"


def test_an_export_is_kept_and_recorded_with_what_was_promised(acme: Tenant, ana: Person) -> None:
    make_entry(acme)

    export = asking.ask(WANTED, by=Asker(acme, ana, Context(ip="203.0.113.7")), now=NOON)

    export.refresh_from_db()
    assert (export.state, export.number, export.promised) == (ExportState.WAITING, 1, 20_000)
    assert (export.filters, export.words, export.compressed) == ("by=backup", ["Done by is backup"], True)
    entry = AuditEntry.objects.of(acme).get(event=EXPORTED)
    assert entry.parameters == {"format": "csv", "filters": "by=backup", "row_count": 20_000}
    assert (entry.done_by, entry.ip) == (ana.email, "203.0.113.7")


def test_numbers_count_in_each_tenant(acme: Tenant, globex: Tenant, ana: Person, gus: Person) -> None:
    assert [asked_by(ana, acme).number for _ in range(2)] == [1, 2]
    assert asked_by(gus, globex).number == 1


def test_a_person_starts_five_in_an_hour(acme: Tenant, ana: Person, aud: Person) -> None:
    by = Asker(acme, ana, Context())
    for minute in range(asking.AN_HOUR):
        asking.ask(WANTED, by=by, now=NOON + timedelta(minutes=minute))

    with pytest.raises(TooMany) as refused:
        asking.ask(WANTED, by=by, now=NOON + timedelta(minutes=59))

    assert refused.value.again_at == NOON + timedelta(hours=1)
    assert Export.objects.count() == AuditEntry.objects.filter(event=EXPORTED).count() == 5
    asking.ask(WANTED, by=Asker(acme, aud, Context()), now=NOON + timedelta(minutes=59))
    asking.ask(WANTED, by=by, now=NOON + timedelta(hours=1))


@pytest.mark.usefixtures("committing_db")
def test_of_many_that_are_started_at_once_five_are_taken() -> None:
    acme = Tenant.objects.create(slug="acme", name="Acme")
    ana = admin_of(acme)

    with workers(8) as start:
        runs = [start(asked_by, ana, acme) for _ in range(8)]
        errors = [run.exception(timeout=20) for run in runs]

    assert [type(error) for error in errors if error] == [TooMany] * 3
    assert sorted(Export.objects.values_list("number", flat=True)) == [1, 2, 3, 4, 5]


def test_cancelling_takes_the_export_from_whoever_writes_it(acme: Tenant, ana: Person) -> None:
    export = export_of(ana, acme)
    running = leasing.claim(export.pk, owner="one")
    assert running is not None

    assert asking.cancel(export, now=NOON)

    assert not leasing.renew(running, written=1)
    export.refresh_from_db()
    assert (export.state, export.finished_at, export.leased_until) == (ExportState.CANCELLED, NOON, None)


@pytest.mark.parametrize("state", ["ready", "failed", "cancelled", "expired"])
def test_what_has_ended_is_not_cancelled(acme: Tenant, ana: Person, state: str) -> None:
    export = export_of(ana, acme, state=state, written=8, expires_at=NOON)

    assert not asking.cancel(export, now=NOON)
