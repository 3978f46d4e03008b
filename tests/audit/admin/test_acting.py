"""Who acts in Django admin."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import AnonymousUser
from django.test import RequestFactory

from audit.admin.acting import OnlyForLooking, acting
from audit.models import Person


def test_the_staff_person_acts_from_where_they_are(sam: Person, rf: RequestFactory) -> None:
    request = rf.get("/admin/", REMOTE_ADDR="203.0.113.7")
    request.user = sam

    by = acting(request)

    assert (by.actor.email, by.actor.id) == (sam.email, str(sam.pk))
    assert by.context is not None
    assert by.context.ip == "203.0.113.7"


def test_nobody_acts_without_being_somebody(rf: RequestFactory) -> None:
    request = rf.get("/admin/")
    request.user = AnonymousUser()

    with pytest.raises(TypeError):
        acting(request)


def test_what_is_only_for_looking_has_no_other_door(rf: RequestFactory) -> None:
    request, shut = rf.get("/admin/"), OnlyForLooking()

    assert not shut.has_add_permission(request)
    assert not shut.has_change_permission(request)
    assert not shut.has_delete_permission(request)
