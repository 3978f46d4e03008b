"""What every page of a tenant shows around its content."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from audit import access, middleware
from audit.models import Tenant


def page(request: HttpRequest) -> dict[str, Any]:
    """Theme, zone, clock, keys and person; views of a tenant add `tenant`, `membership` and `may` themselves."""
    person = getattr(request, "user", None)
    signed_in = person is not None and person.is_authenticated
    return {
        "theme": middleware.theme(request),
        "time_zone": middleware.own_zone(request).key,
        "clock": middleware.clock(request),
        "keys": middleware.keys(request),
        "person": person,
        "tenants": SimpleLazyObject(lambda: _tenants(request) if signed_in else []),
    }


def _tenants(request: HttpRequest) -> list[Tenant]:
    """Asked for only by pages that show them."""
    return [membership.tenant for membership in access.memberships_of(request.user)]
