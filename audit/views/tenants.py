"""Which tenant: the way in, and the choice for people who belong to several."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from audit import access
from audit.views.tenant_view import LAST_TENANT, person_of


@require_safe
@login_required
def enter(request: HttpRequest) -> HttpResponse:
    """Lead to the log of the person's tenant: the one used last, the only one, or one that they choose."""
    tenants = [membership.tenant for membership in access.memberships_of(person_of(request))]
    slugs = [tenant.slug for tenant in tenants]
    last = request.session.get(LAST_TENANT)
    if last in slugs or len(slugs) == 1:
        return redirect("audit:log", slug=last if last in slugs else slugs[0])
    return redirect("audit:switch")


@require_safe
@login_required
def switch(request: HttpRequest) -> HttpResponse:
    """The person's tenants to choose from, or a page that says they have none."""
    memberships = access.memberships_of(person_of(request))
    return render(request, "audit/switch.html", {"memberships": memberships})
