"""Saving views of the log, and the page where they are renamed, shared, chosen and deleted."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import redirect
from django.urls import reverse

from audit import access, saved_views
from audit.filters import AuditEntryFilter
from audit.models import SavedView
from audit.saved_views import NotSaved
from audit.views.addresses import ALL_ACTIVITY, Address, tidy
from audit.views.filter_bar import FilterBar
from audit.views.tenant_view import TenantView
from audit.views.view_tabs import opened

TENANT = "tenant"
"""In the choice of what a person's log opens with: as the tenant's does."""


@dataclass(frozen=True, slots=True)
class Row:
    """A view on the page of views: what it asks in words, or why that can no longer be asked."""

    view: SavedView
    href: Address
    bar: FilterBar
    problems: list[str]
    changeable: bool


class SavedViewsPage(TenantView):
    """What the pages of saved views share."""

    def log(self) -> Address:
        return Address(reverse("audit:log", args=[self.tenant.slug]))

    def filter_of(self, query: str) -> AuditEntryFilter:
        """Filters as an address has them, read as this person's page reads them."""
        return AuditEntryFilter(
            QueryDict(query),
            queryset=self.readable(),
            tenant=self.tenant,
            now=self.now,
            workspaces=self.may.workspaces,
        )

    def usable(self, query: str) -> str:
        """The filters in this text, tidy. Raises NotSaved where they cannot be used."""
        filters = tidy("", QueryDict(query)).filters.query
        problems = self.filter_of(filters).problems
        if problems:
            reasons = " ".join(f"{name}: {' '.join(why)}" for name, why in problems.items())
            raise NotSaved(f"These filters cannot be used. {reasons}")
        return filters

    def all_views(self) -> HttpResponseRedirect:
        return HttpResponseRedirect(reverse("audit:views", args=[self.tenant.slug]))


class SavedViewsView(SavedViewsPage):
    """`GET …/views/`: all that the person sees. `POST`: save `filters` as `name`; `shared`, `open` if so."""

    def get(self, request: HttpRequest, slug: str) -> HttpResponse:  # noqa: ARG002 - the same for all
        views = saved_views.visible(self.membership)
        default = saved_views.opening(self.membership, views)
        mine = str(
            self.membership.default_view_id or (ALL_ACTIVITY if self.membership.opens_with_all else TENANT)
        )
        rows = list(self._rows(views))
        everybody = next((view for view in views if view.is_default), None)
        context = {
            "rows": rows, "default": default, "everybody": everybody, "mine": mine, "slug": slug, "log": self.log()
        }  # fmt: skip
        return self.render("audit/views_page.html", context)

    def post(self, request: HttpRequest, slug: str) -> HttpResponse:
        name, filters = request.POST.get("name", ""), request.POST.get("filters", "")
        shared, chosen = bool(request.POST.get("shared")), bool(request.POST.get("open"))
        try:
            view = saved_views.save(
                self.membership,
                name=name,
                filters=self.usable(filters),
                now=self.now,
                may=self.may,
                shared=shared,
            )
        except NotSaved as reason:
            context = {
                "reason": str(reason), "name": name, "filters": filters, "shared": shared, "chosen": chosen,
                "slug": slug, "back": Address(self.log().path, tidy("", QueryDict(filters)).pairs),
            }  # fmt: skip
            return self.render("audit/views_refused.html", context, status=400)
        if chosen:
            saved_views.open_with(self.membership, view)
        messages.success(
            request, f"Saved as “{view.name}”{', for everybody in your tenant' if shared else ''}."
        )
        return redirect(str(opened(self.log(), view)))

    def _rows(self, views: list[SavedView]) -> Iterator[Row]:
        for view in views:
            href, filters = opened(self.log(), view), self.filter_of(view.filters)
            problems = [" ".join(why) for why in filters.problems.values()]
            yield Row(view, href, FilterBar(filters, href), problems, self.may.administer or not view.shared)


class SavedViewView(SavedViewsPage):
    """`POST …/views/<id>/` with `do`: rename (`name`), replace (`filters`), share, take_back or delete."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, slug: str, view_id: UUID) -> HttpResponse:  # noqa: ARG002 - in the address
        view = saved_views.find(self.membership, view_id)
        deeds: dict[str, Callable[[SavedView], HttpResponse]] = {
            "rename": self._rename, "replace": self._replace, "share": self._share,
            "take_back": self._take_back, "delete": self._delete,
        }  # fmt: skip
        deed = deeds.get(request.POST.get("do", ""))
        if deed is None:
            messages.error(request, f"Nothing was changed: “do” is one of {', '.join(deeds)}.")
            return self.all_views()
        try:
            return deed(view)
        except NotSaved as reason:
            messages.error(request, str(reason))
        return self.all_views()

    def _rename(self, view: SavedView) -> HttpResponse:
        name = self.request.POST.get("name", "")
        saved_views.change(view, name=name, now=self.now, may=self.may)
        return self._done(f"Renamed to “{view.name}”.")

    def _replace(self, view: SavedView) -> HttpResponse:
        filters = self.usable(self.request.POST.get("filters", ""))
        saved_views.change(view, filters=filters, now=self.now, may=self.may)
        messages.success(self.request, f"“{view.name}” now has these filters.")
        return redirect(str(opened(self.log(), view)))

    def _share(self, view: SavedView) -> HttpResponse:
        saved_views.share(view, now=self.now, may=self.may)
        return self._done(f"Everybody in your tenant sees “{view.name}” now.")

    def _take_back(self, view: SavedView) -> HttpResponse:
        saved_views.take_back(view, self.membership, now=self.now, may=self.may)
        return self._done(f"Only you see “{view.name}” now.")

    def _delete(self, view: SavedView) -> HttpResponse:
        saved_views.remove(view, may=self.may)
        return self._done(f"“{view.name}” is deleted. No entry is touched by that.")

    def _done(self, told: str) -> HttpResponse:
        messages.success(self.request, told)
        return self.all_views()


class OpeningView(SavedViewsPage):
    """`POST …/views/opening/` with `mine` or `everybody`: a view's id, `all`, or for one's own log `tenant`."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, slug: str) -> HttpResponse:  # noqa: ARG002 - in the address
        mine, everybody = request.POST.get("mine"), request.POST.get("everybody")
        try:
            if everybody is not None:
                saved_views.open_tenant_with(self.tenant, self._view(everybody), may=self.may)
            elif mine == TENANT:
                saved_views.follow_tenant(self.membership)
            else:
                saved_views.open_with(self.membership, self._view(mine or ""))
        except NotSaved as reason:
            messages.error(request, str(reason))
        else:
            messages.success(
                request, f"{'Your' if everybody is None else 'Everybody’s'} log opens with that now."
            )
        return self.all_views()

    def _view(self, wanted: str) -> SavedView | None:
        if wanted == ALL_ACTIVITY:
            return None
        try:
            return saved_views.find(self.membership, UUID(wanted))
        except ValueError:
            raise access.NotFound(f"no saved view {wanted!r}") from None
