"""The Audit Log page: filters, a page of entries, and one of them opened beside it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.utils.cache import patch_vary_headers

from audit import queries
from audit.filters import AuditEntryFilter
from audit.grammar import SearchError
from audit.models import AuditEntry
from audit.models.entries import EntryQuerySet
from audit.tables import NOT_SHOWN, AuditEntryTable
from audit.views.addresses import KEPT, SINCE, Address, tidy, unfolded
from audit.views.entry import entry_context, find
from audit.views.filter_bar import FilterBar
from audit.views.histogram import drawn
from audit.views.newer import since_of, watch
from audit.views.tenant_view import TenantView
from audit.views.view_tabs import ViewTabs

LONGEST_SEARCH = 15
MOST_HINTS = 3


class LogView(TenantView):
    """`GET /t/<slug>/audit-log/`: the address holds the whole state; a form's longer one leads to the shortest.

    Conditions that were typed into the search become filters of the address, but not while somebody is typing.
    """

    tabs: ViewTabs

    def get(self, request: HttpRequest, slug: str) -> HttpResponse:
        address = tidy(request.path, request.GET)
        self.tabs = ViewTabs(self.membership, address)
        if elsewhere := self.tabs.leads_to(request.GET):
            return HttpResponseRedirect(str(elsewhere))
        address = self.tabs.address if self._typing else self._unfolded(self.tabs.address)
        asked = ((name, values) for name, values in request.GET.lists() if name not in {*KEPT, SINCE})
        given = tuple((name, value) for name, values in asked for value in values)
        if not request.htmx and given != address.pairs:  # type: ignore[attr-defined] # django-htmx sets it
            return HttpResponseRedirect(str(address))
        response = self._answer(slug, address)
        patch_vary_headers(response, ["HX-Request"])
        return response

    @property
    def _typing(self) -> bool:
        """Whether the search box itself asks, after a key was pressed."""
        return self.request.headers.get("HX-Trigger") == "q"

    def _unfolded(self, address: Address) -> Address:
        if not any(name == "q" and ":" in text for name, text in address.pairs):
            return address
        try:
            return unfolded(address, self._filters(address).split)
        except SearchError:
            return address  # the filters say what is wrong

    def _answer(self, slug: str, address: Address) -> HttpResponse:
        filters = self._filters(address)
        opened = self.request.headers.get("HX-Trigger", "")
        context: dict[str, Any] = {
            "address": address, "slug": slug, "bar": FilterBar(filters, address, opened=opened), "notes": [],
            "typing": self._typing, "tabs": self.tabs.over(address),
        }  # fmt: skip
        if not filters.problems:
            self._find(context, filters)
        elif self.tabs.view and not self.tabs.changed:
            context["notes"].append(
                f"The view “{self.tabs.view.name}” was saved with filters that can no longer be used."
            )
        newest = context["page"] if context.get("newest") else None
        context["watch"] = watch(self.tenant, address, page=newest)
        self._open(context)
        if self.request.htmx:  # type: ignore[attr-defined] # django-htmx sets it
            response = self.render("audit/log_body.html", context)
            if SINCE not in self.request.GET:  # the same page, grown: no step on the way back
                response["HX-Push-Url"] = str(address)
            return response
        return self.render("audit/log.html", context)

    def _filters(self, address: Address) -> AuditEntryFilter:
        return AuditEntryFilter(
            QueryDict(address.query),
            queryset=self.readable(),
            tenant=self.tenant,
            now=self.now,
            workspaces=self.may.workspaces,
        )

    def _find(self, context: dict[str, Any], filters: AuditEntryFilter) -> None:
        """A page of what the filters find, its count, and where the next pages are."""
        cursor = self._cursor(context)
        try:
            with queries.time_limit(seconds=LONGEST_SEARCH):
                found = queries.narrowed(filters.found)
                page = queries.page(found.defer(*NOT_SHOWN), cursor=cursor)
                if cursor and cursor.direction == "newer" and page.newer is None:
                    cursor, page = None, self._newest(page, found)
                context["hint"] = None if page.entries else self._hint(context["bar"])
                total = queries.Total(0)
                if page.entries:
                    context["histogram"], total = drawn(filters, found, context["address"].filters)
        except queries.TookTooLong:
            context["too_long"] = LONGEST_SEARCH
            return
        context |= {
            "page": page,
            "total": total,
            "newest": cursor is None,
            **self._pages(context["address"], page),
        }
        context["table"] = AuditEntryTable(
            page.entries, current=self._wanted(), since=since_of(self.request.GET)
        )

    @staticmethod
    def _newest(page: queries.Page, found: EntryQuerySet) -> queries.Page:
        """The newest page, for a reader who has come back to it: whole, if it was not."""
        if len(page.entries) == queries.PAGE_SIZE:
            return page
        return queries.page(found.defer(*NOT_SHOWN))

    def _cursor(self, context: dict[str, Any]) -> queries.Cursor | None:
        params = dict(context["address"].pairs)
        for name, direction in (("before", "older"), ("after", "newer")):
            if name in params:
                try:
                    cursor = queries.Cursor.read(params[name], self.tenant)
                except queries.BadCursor as reason:
                    context["notes"].append(f"{reason} These are they.")
                    return None
                if cursor.direction == direction:
                    return cursor
        return None

    def _pages(self, address: Address, page: queries.Page) -> dict[str, Address | None]:
        start = address.filters
        return {
            "newer": start.having("after", page.newer.sign(self.tenant)) if page.newer else None,
            "older": start.having("before", page.older.sign(self.tenant)) if page.older else None,
        }

    def _hint(self, bar: FilterBar) -> tuple[str, Address] | None:
        """The first filter without which something would be found, and the address without it."""
        names = list(dict.fromkeys(name for name, _ in bar.address.pairs))
        without = {name: bar.address.without(name) for name in names[:MOST_HINTS] if len(names) > 1}
        name = queries.first_that_finds({name: self._filters(one).found for name, one in without.items()})
        return None if name is None else (bar.label(name), without[name])

    def _wanted(self) -> str:
        return str(self.request.GET.get("entry", ""))

    def _open(self, context: dict[str, Any]) -> None:
        """The entry that is to stand beside the table, and its neighbours there."""
        wanted = self._wanted()
        if not wanted:
            return
        entry = find(self.readable(), _uuid(wanted))
        if entry is None:
            context["notes"].append("The entry that this address opens is not here, or not yours to read.")
            return
        rows: list[AuditEntry] = context["page"].entries if "page" in context else []
        places = [place for place, row in enumerate(rows) if row.pk == entry.pk]
        address: Address = context["address"]
        neighbours = {
            name: address.having("entry", str(rows[place + step].pk))
            for place in places
            for name, step in (("entry_above", -1), ("entry_below", 1))
            if 0 <= place + step < len(rows)
        }
        opened = entry_context(entry, address.without("entry"), tenant=self.tenant)
        context |= {**opened, **neighbours}


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
