"""One person is one row, however their address is written."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction

from audit.models import Membership, Person, Role, Tenant

pytestmark = pytest.mark.django_db


def test_an_address_is_kept_in_small_letters_and_found_however_it_is_written() -> None:
    ana = Person.objects.create_user(" Ana@Acme.Example ", "a long enough secret")

    assert ana.email == "ana@acme.example"
    assert Person.objects.get_by_natural_key("ANA@acme.example") == ana
    assert ana.check_password("a long enough secret")


def test_the_same_address_in_other_letters_is_no_second_person() -> None:
    Person.objects.create_user("ana@acme.example")

    with pytest.raises(IntegrityError), transaction.atomic():
        Person.objects.create_user("ANA@acme.example")
    with pytest.raises(IntegrityError), transaction.atomic():
        Person.objects.bulk_create([Person(email="Ana@acme.example")])


def test_nobody_is_without_an_address() -> None:
    with pytest.raises(ValueError, match="e-mail"):
        Person.objects.create_user("")


def test_a_person_without_a_password_cannot_sign_in() -> None:
    assert not Person.objects.create_user("ana@acme.example").has_usable_password()


def test_staff_made_from_the_shell_have_all_of_the_admin() -> None:
    sam = Person.objects.create_superuser("sam@platform.example", "a long enough secret")

    assert (sam.is_staff, sam.is_superuser) == (True, True)


def test_a_membership_has_one_of_the_three_roles_and_is_there_once(ana: Person, acme: Tenant) -> None:
    assert ana.memberships.get().role_label == "Tenant admin"
    with pytest.raises(IntegrityError), transaction.atomic():
        Membership.objects.create(person=ana, tenant=acme, role=Role.VIEWER)
    with pytest.raises(IntegrityError), transaction.atomic():
        ana.memberships.update(role="owner")
