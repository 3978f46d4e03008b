"""Who appears: the tenant's members first, then invented colleagues, each from a place of their own."""

from __future__ import annotations

import random

from audit.management.seeding.cast import SYSTEM, Someone, cast_of
from audit.models import Person, Tenant


def test_members_come_first_and_nobody_appears_twice(acme: Tenant, ana: Person, vic: Person) -> None:
    cast = cast_of(acme, random.Random(1))

    assert cast.addresses[:2] == [ana.email, vic.email]
    assert len(set(cast.addresses)) == len(cast.addresses)
    assert "ada.łukasik@acme.example" in cast.addresses
    assert [someone.only_reads for someone in cast.people[:2]] == [False, True]


def test_people_come_from_one_place_and_each_request_has_a_name(acme: Tenant) -> None:
    rng = random.Random(1)
    [someone, *_] = cast_of(acme, rng).people

    first, second = someone.context(rng), someone.context(rng)

    assert first is not None
    assert second is not None
    assert (first.ip, first.user_agent) == (second.ip, second.user_agent)
    assert first.request_id != second.request_id


def test_the_system_comes_from_nowhere() -> None:
    assert Someone(SYSTEM).context(random.Random(1)) is None
