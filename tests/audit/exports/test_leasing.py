from __future__ import annotations

from datetime import timedelta

import pytest
from django.db.models.functions import Now

from audit.exports import leasing
from audit.models import Export, ExportState, Person, Tenant
from audit.models.exports import MOST_ATTEMPTS
from tests.committing import workers
from tests.exports import admin_of, export_of

PAST = Now() - timedelta(seconds=1)


def claimed(export: Export, owner: str = "one") -> Export:
    found = leasing.claim(export.pk, owner=owner)
    assert found is not None
    return found


def test_who_claims_an_export_has_it_alone(acme: Tenant, ana: Person) -> None:
    export = export_of(ana, acme)

    first = claimed(export)

    assert (first.state, first.lease_epoch, first.attempts) == (ExportState.RUNNING, 1, 1)
    assert first.started_at is not None
    assert leasing.claim(export.pk, owner="two") is None


def test_two_of_a_tenant_are_written_at_a_time(
    acme: Tenant, globex: Tenant, ana: Person, gus: Person
) -> None:
    one, two, three = (export_of(ana, acme) for _ in range(3))
    claimed(one)
    mine = claimed(two)

    assert leasing.claim(three.pk, owner="one") is None
    claimed(export_of(gus, globex))
    assert leasing.ready(mine, written=8, size=1, sha256="")
    claimed(three)


@pytest.mark.usefixtures("committing_db")
def test_of_many_who_claim_at_once_two_come_through() -> None:
    tenant = Tenant.objects.create(slug="acme", name="Acme")
    ana = admin_of(tenant)
    exports = [export_of(ana, tenant) for _ in range(8)]

    with workers(8) as start:
        runs = [start(leasing.claim, export.pk, owner="any") for export in exports]
        found = [run.result(timeout=20) for run in runs]

    assert sum(one is not None for one in found) == leasing.AT_ONCE


def test_a_lease_that_was_taken_away_is_good_for_nothing(acme: Tenant, ana: Person) -> None:
    late = claimed(export_of(ana, acme))
    Export.objects.update(leased_until=PAST)

    assert not leasing.renew(late, written=1)
    new = claimed(late, owner="two")

    assert not leasing.renew(late, written=1)
    assert not leasing.ready(late, written=8, size=1, sha256="")
    assert not leasing.fail(late, written=8, reason="x")
    assert not leasing.put_back(late)
    assert not leasing.let_go(late)
    assert leasing.renew(new, written=3)
    assert Export.objects.get().written == 3


def test_what_was_interrupted_too_often_has_failed_and_says_so(acme: Tenant, ana: Person) -> None:
    export = export_of(ana, acme)
    for number in range(MOST_ATTEMPTS):
        assert leasing.give_up() == 0
        assert claimed(export).attempts == number + 1
        Export.objects.update(leased_until=PAST)

    assert leasing.claim(export.pk, owner="one") is None
    assert leasing.give_up() == 1

    export.refresh_from_db()
    assert (export.state, export.leased_until) == (ExportState.FAILED, None)
    assert "interrupted 3 times" in export.failure


def test_an_attempt_that_was_put_back_does_not_count(acme: Tenant, ana: Person) -> None:
    export = claimed(export_of(ana, acme))

    assert leasing.put_back(export)

    assert claimed(export).attempts == 1


def test_what_the_dead_hold_is_due_at_once(acme: Tenant, ana: Person) -> None:
    dead, alive = export_of(ana, acme), export_of(ana, acme)
    claimed(dead, owner="dead")
    claimed(alive, owner="alive")

    assert leasing.free_the_dead(is_gone=lambda owner: owner == "dead") == 1

    assert list(Export.objects.due()) == [dead]


def test_a_failure_is_told_with_how_far_it_came(acme: Tenant, ana: Person) -> None:
    export = claimed(export_of(ana, acme))

    assert leasing.fail(export, written=2, reason="The disk is full.")

    export.refresh_from_db()
    assert (export.state, export.written, export.percent) == (ExportState.FAILED, 2, 25)
    assert (export.failure, export.leased_until) == ("The disk is full.", None)


def test_what_does_not_exist_is_not_claimed(acme: Tenant) -> None:
    assert leasing.claim(acme.pk, owner="one") is None
