"""What every page of Django admin shares: who acts, and models that are looked at only."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from audit.callers import actor_of, request_context
from audit.models import Person
from audit.people import By


def acting(request: HttpRequest) -> By:
    """The staff person behind the request, now."""
    person = request.user
    if not isinstance(person, Person):  # the admin site lets nobody else through
        raise TypeError("Django admin was reached without a person.")
    now = timezone.now()
    return By(actor_of(person), now, request_context(request))


class NeverDeleted:
    """Rows that others point to for as long as there is a log."""

    def has_delete_permission(self, request: HttpRequest, *_args: Any) -> bool:  # noqa: ARG002 - Django's signature
        return False


class OnlyForLooking(NeverDeleted):
    """No door to add, change or delete: for superusers neither."""

    def has_add_permission(self, request: HttpRequest, *_args: Any) -> bool:  # noqa: ARG002 - Django's signature
        return False

    def has_change_permission(self, request: HttpRequest, *_args: Any) -> bool:  # noqa: ARG002 - Django's signature
        return False
