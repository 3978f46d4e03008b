"""What is new since the log was opened: the number that a page asks for, and what a page needs to ask."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse

from audit.filters import AuditEntryFilter
from audit.models import LogHead, Tenant
from audit.newer import newer
from audit.queries import Page
from audit.views.addresses import LIVE, SINCE, Address, tidy
from audit.views.tenant_view import TenantView

THAN = "than"
STOP_ASKING = 286
"""htmx's own status: show this, and ask no more."""


class NewerView(TenantView):
    """`GET …/newer/?than=<sequence>` and the log's filters: a link to what came later, or 204 where nothing did."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_authenticated:
            address = tidy(reverse("audit:log", kwargs=kwargs), request.GET).without(THAN)
            return render(request, "audit/newer_signed_out.html", {"address": address}, status=STOP_ASKING)
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest, slug: str) -> HttpResponse:
        than = request.GET.get(THAN, "")
        address = tidy(reverse("audit:log", args=[slug]), request.GET).filters.without(THAN)
        if not _is_sequence(than):
            return _refused(f"“{THAN}” is the sequence of an entry: digits.")
        filters = AuditEntryFilter(
            QueryDict(address.query),
            queryset=self.readable(),
            tenant=self.tenant,
            now=self.now,
            workspaces=self.may.workspaces,
        )
        if filters.problems:
            reasons = (f"{name}: {' '.join(why)}" for name, why in filters.problems.items())
            return _refused(" ".join(reasons))
        found = newer(filters.found, self.tenant, than=int(than))
        if not found:
            return HttpResponse(status=204)
        context = {"newer": found, "href": str(address.plus(SINCE, than))}
        return self.render("audit/newer.html", context)


@dataclass(frozen=True, slots=True)
class Watch:
    """How a page of the log hears of new entries.

    `href` is what it asks, empty where nothing is announced (older pages, filters that cannot be used). `toggle`
    turns live mode on or off, in which new rows load by themselves.
    """

    href: str
    live: bool
    toggle: Address


def watch(tenant: Tenant, address: Address, *, page: Page | None) -> Watch:
    """`page` is the newest page of what `address` finds, None for any other. Costs no question."""
    href = ""
    if page is not None:
        place = max([_head(tenant), *(entry.sequence for entry in page.entries)])
        asked = Address(reverse("audit:newer", args=[tenant.slug]), address.filters.pairs, address.kept)
        href = str(asked.plus(THAN, str(place)))
    return Watch(
        href=href,
        live=address.live,
        toggle=address.filters.keeping(LIVE, "" if address.live else "1"),
    )


def since_of(params: QueryDict) -> int | None:
    """Rows that came after this sequence are marked: they came while somebody watched."""
    since = params.get(SINCE, "")
    return int(since) if _is_sequence(since) else None


def _head(tenant: Tenant) -> int:
    """The log's last sequence as it was when the request began: read together with the membership."""
    try:
        return tenant.log_head.last_sequence
    except LogHead.DoesNotExist:
        return 0


def _is_sequence(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < len(str(2**63))


def _refused(reason: str) -> HttpResponse:
    return HttpResponse(reason, status=400, content_type="text/plain; charset=utf-8")
