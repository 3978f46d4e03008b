"""What every page of a tenant shows around its content."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from audit import access, middleware


def page(request: HttpRequest) -> dict[str, Any]:
    """Theme, zone and person; views of a tenant add `tenant`, `membership` and `may` themselves."""
    person = getattr(request, "user", None)
    signed_in = person is not None and person.is_authenticated
    return {
        "theme": middleware.theme(request),
        "time_zone": middleware.time_zone(request).key,
        "person": person,
        "tenants": [m.tenant for m in access.memberships_of(person)] if signed_in else [],
    }
