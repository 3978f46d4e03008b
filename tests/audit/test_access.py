from __future__ import annotations

import pytest
from django.contrib.auth.models import AnonymousUser

from audit.access import May, NotAllowed, NotFound, may, membership_of, memberships_of, require
from audit.models import Membership, Person, Role, Tenant, Workspace


def opened(person: Person) -> May:
    return may(membership_of(person, slug="acme"))


def test_an_admin_may_do_everything_in_the_whole_tenant(ana: Person) -> None:
    assert opened(ana) == May(read=True, export=True, administer=True, workspaces=None)


def test_an_auditor_reads_and_exports_the_whole_tenant(aud: Person) -> None:
    assert opened(aud) == May(read=True, export=True, administer=False, workspaces=None)


def test_a_viewer_reads_the_named_workspaces_only(vic: Person, soc: Workspace, lab: Workspace) -> None:
    assert opened(vic) == May(read=True, export=False, administer=False, workspaces=frozenset({soc.pk}))
    assert lab.pk not in (opened(vic).workspaces or ())


def test_a_viewer_without_workspaces_reads_nothing_rather_than_all(vic: Person) -> None:
    vic.memberships.get().workspaces.clear()

    assert opened(vic).workspaces == frozenset()


@pytest.mark.usefixtures("acme")
def test_a_tenant_of_others_does_not_exist(gus: Person) -> None:
    others, nobodys = [], "no-such-tenant"
    for slug in ("acme", nobodys):
        with pytest.raises(NotFound) as refusal:
            membership_of(gus, slug=slug)
        others.append(str(refusal.value).replace(slug, "…"))

    assert others[0] == others[1]


@pytest.mark.usefixtures("acme")
def test_nobody_has_no_tenant() -> None:
    assert list(memberships_of(AnonymousUser())) == []
    with pytest.raises(NotFound):
        membership_of(AnonymousUser(), slug="acme")


@pytest.mark.usefixtures("acme")
def test_staff_of_the_platform_are_no_members() -> None:
    sue = Person.objects.create_superuser("sue@platform.example")

    with pytest.raises(NotFound):
        membership_of(sue, slug="acme")


def test_tenants_of_a_person_come_by_name(ana: Person, globex: Tenant) -> None:
    early = Tenant.objects.create(slug="zzz", name="Aardvark")
    for tenant in (globex, early):
        Membership.objects.create(person=ana, tenant=tenant, role=Role.VIEWER)

    assert [membership.tenant.name for membership in memberships_of(ana)] == ["Aardvark", "Acme", "Globex"]


def test_what_a_role_does_not_open_is_refused_in_words() -> None:
    require(allowed=True, to="export")

    with pytest.raises(
        NotAllowed, match=r"Your role does not allow you to export\. Ask an admin of your tenant\."
    ):
        require(allowed=False, to="export")
