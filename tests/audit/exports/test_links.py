from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from audit.access import NotFound
from audit.exports import links
from audit.exports.links import LinkUsed
from audit.models import Export, Membership, Person, Role, Tenant
from tests.exports import export_of


@pytest.fixture
def export(acme: Tenant, ana: Person) -> Export:
    day = timezone.now() + timedelta(hours=24)
    return export_of(ana, acme, state="ready", written=8, expires_at=day)


def test_a_link_is_good_once(export: Export) -> None:
    token, now = links.make(export), timezone.now()

    assert links.take(token, tenant=export.tenant, person=export.person, now=now) == export
    with pytest.raises(LinkUsed, match="used already"):
        links.take(token, tenant=export.tenant, person=export.person, now=now)


def test_a_newer_link_takes_the_place_of_the_one_before(export: Export) -> None:
    first, second, now = links.make(export), links.make(export), timezone.now()

    with pytest.raises(LinkUsed):
        links.take(first, tenant=export.tenant, person=export.person, now=now)
    assert links.take(second, tenant=export.tenant, person=export.person, now=now) == export


def test_a_link_is_good_for_a_quarter_of_an_hour(export: Export) -> None:
    with time_machine.travel(timezone.now(), tick=False) as clock:
        token = links.make(export)
        clock.shift(links.GOOD_FOR + timedelta(seconds=1))

        with pytest.raises(LinkUsed, match="15 minutes"):
            links.take(token, tenant=export.tenant, person=export.person, now=timezone.now())


def test_a_link_is_for_one_person_in_one_tenant(
    export: Export, globex: Tenant, gus: Person, aud: Person, ana: Person
) -> None:
    token, now = links.make(export), timezone.now()
    Membership.objects.create(person=ana, tenant=globex, role=Role.ADMIN)

    for tenant, person in [(export.tenant, aud), (globex, gus), (globex, ana)]:
        with pytest.raises(NotFound):
            links.take(token, tenant=tenant, person=person, now=now)
    assert links.take(token, tenant=export.tenant, person=ana, now=now) == export


@pytest.mark.parametrize("token", ["", "x", "a:b:c", "\x00"])
def test_what_nobody_made_is_not_found(export: Export, token: str) -> None:
    with pytest.raises(NotFound):
        links.take(token, tenant=export.tenant, person=export.person, now=timezone.now())


def test_a_link_ends_with_its_file(export: Export) -> None:
    token = links.make(export)
    day_after = timezone.now() + timedelta(hours=25)

    with pytest.raises(LinkUsed):
        links.take(token, tenant=export.tenant, person=export.person, now=day_after)
