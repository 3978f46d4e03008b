from __future__ import annotations

from django.contrib.auth.models import AnonymousUser
from django.test import RequestFactory
from pytest_django import DjangoAssertNumQueries

from audit.context import page
from audit.models import Membership, Person, Role, Tenant


def test_a_page_knows_person_tenants_theme_and_zone(ana: Person, globex: Tenant, rf: RequestFactory) -> None:
    Membership.objects.create(person=ana, tenant=globex, role=Role.AUDITOR)
    request = rf.get("/")
    request.user = ana
    request.COOKIES.update(theme="dark", time_zone="Europe/Madrid")

    shown = page(request)

    assert (shown["person"], shown["theme"], shown["time_zone"]) == (ana, "dark", "Europe/Madrid")
    assert [tenant.slug for tenant in shown["tenants"]] == ["acme", "globex"]


def test_tenants_are_asked_for_only_by_pages_that_show_them(
    ana: Person, rf: RequestFactory, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    request = rf.get("/")
    request.user = ana

    with django_assert_num_queries(0):
        shown = page(request)
    with django_assert_num_queries(1):
        assert len(shown["tenants"]) == 1


def test_a_page_for_nobody_names_nobody(rf: RequestFactory) -> None:
    request = rf.get("/")
    request.user = AnonymousUser()

    assert list(page(request)["tenants"]) == []
    assert page(rf.get("/"))["person"] is None
