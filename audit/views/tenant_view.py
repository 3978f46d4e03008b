"""The base of every page inside a tenant: who may come in, and what all of these pages show."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.views import View

from audit import access, queries
from audit.models import Membership, Person, Tenant
from audit.models.entries import EntryQuerySet

LAST_TENANT = "tenant"


def person_of(request: HttpRequest) -> Person | AnonymousUser:
    """Who sent this request, as the type that the log knows."""
    return request.user


class TenantView(View):
    """A page under `/t/<slug>/`.

    Gives `tenant`, `membership`, `may`, `person` and `now` to what follows. Anonymous people are led to the sign-in
    and back; a tenant that is not theirs is not found; `permit` says what a role needs beyond reading.
    """

    tenant: Tenant
    membership: Membership
    memberships: list[Membership]
    person: Person
    may: access.May
    now: datetime

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.now = timezone.now()
        person = person_of(request)
        if not isinstance(person, Person):
            return
        self.memberships = list(access.memberships_of(person))
        try:
            self.membership = access.among(self.memberships, slug=kwargs["slug"])
        except access.NotFound as reason:
            raise Http404(str(reason)) from None
        self.person, self.tenant, self.may = person, self.membership.tenant, access.may(self.membership)

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        if request.session.get(LAST_TENANT) != self.tenant.slug:
            request.session[LAST_TENANT] = self.tenant.slug
        try:
            self.permit()
            return super().dispatch(request, *args, **kwargs)
        except access.NotFound as reason:
            raise Http404(str(reason)) from None
        except access.NotAllowed as reason:
            return self.render("403.html", {"reason": str(reason)}, status=403)

    def permit(self) -> None:
        """Raise access.NotAllowed where the role does not open this page; every member may read."""

    def readable(self) -> EntryQuerySet:
        """The entries that this member may read."""
        return queries.readable(self.tenant, workspaces=self.may.workspaces)

    def render(self, template: str, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
        """The template with what every page of a tenant shows."""
        around = {
            "tenant": self.tenant,
            "tenants": [one.tenant for one in self.memberships],
            "membership": self.membership,
            "may": self.may,
            "now": self.now,
        }
        return render(self.request, template, {**around, **context}, status=status)
