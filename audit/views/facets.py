"""What a menu of the log offers: the most frequent values under the other filters, asked for when it is opened."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.cache import patch_vary_headers

from audit import access, facets, queries
from audit.catalog.lookup import CATALOG
from audit.filters import AuditEntryFilter
from audit.filters.entries import NOT, PARAMETER, PARAMETER_KEY, PARAMETER_VALUE
from audit.filters.fields import LONGEST_VALUE
from audit.filters.kinds import EntryFilter, ManyFilter, ParameterFilter
from audit.views.addresses import FIND, Address, tidy
from audit.views.menus import Choice, Menu, counted, given_of, menu
from audit.views.tenant_view import TenantView

LONGEST = 1.0
"""Seconds. What takes longer is not offered: it can be typed."""
MOST_OFFERED = 30


@dataclass(frozen=True, slots=True)
class Offer:
    """The choices, and what is to be said about them. `number` entries were counted; None: there was no time.

    `exact` is the text itself that was looked for, where any text can be asked for.
    """

    choices: list[Choice] = field(default_factory=list)
    number: int | None = None
    complete: bool = True
    find: str = ""
    exact: list[Choice] = field(default_factory=list)


class FacetView(TenantView):
    """`GET …/audit-log/values/<name>/?<filters>&find.<name>=…`: the menu's list for htmx, else a page with a form.

    `name` is a filter's, or `parameter` with the key in `?parameter=`. A menu leaves its own filter out.
    """

    def get(self, request: HttpRequest, slug: str, name: str) -> HttpResponse:
        log = reverse("audit:log", args=[slug])
        key = request.GET.get(PARAMETER_KEY, "").strip() if name == PARAMETER_KEY else ""
        address = tidy(log, request.GET).filters.without(PARAMETER_KEY, PARAMETER_VALUE)
        find = request.GET.get(FIND + name, "").strip()[:LONGEST_VALUE]
        asked = PARAMETER + key if name == PARAMETER_KEY else name
        others = self._filters(address.without(asked, NOT + asked))
        one = self._named(others, name, key)
        given, turned = given_of(asked, address)
        offer = Offer() if others.problems else self._offered(one, others, name=name, given=given, find=find)
        if find and one.typed and all(find != choice.value for choice in offer.choices):
            called = PARAMETER_VALUE if name == PARAMETER_KEY else name
            offer = replace(offer, exact=[Choice(called, find, f"Exactly “{find}”", chosen=False)])
        context: dict[str, Any] = {
            "name": name, "key": key, "offer": offer, "address": address, "slug": slug,
            "hidden": [*address.kept, *address.without(asked, NOT + asked).pairs],
        }  # fmt: skip
        if name == PARAMETER_KEY:
            shown = Menu(name, "Parameter", given, turned, [], [], address.without(asked, NOT + asked))
            context |= {"menu": shown, "keys": keys()}
        else:
            context["menu"] = menu(name, one, address)
        partial = request.htmx  # type: ignore[attr-defined] # django-htmx sets it
        response = self.render(f"audit/{'values_list' if partial else 'values'}.html", context)
        patch_vary_headers(response, ["HX-Request"])
        return response

    def _filters(self, address: Address) -> AuditEntryFilter:
        return AuditEntryFilter(
            dict(_lists(address)),
            queryset=self.readable(),
            tenant=self.tenant,
            now=self.now,
            workspaces=self.may.workspaces,
        )

    @staticmethod
    def _named(filters: AuditEntryFilter, name: str, key: str) -> EntryFilter:
        if name == PARAMETER_KEY:
            return ParameterFilter(key)
        if name not in filters.filters or not filters.named(name).counted:
            raise access.NotFound(f"no values of {name}")
        return filters.named(name)

    def _offered(
        self, one: EntryFilter, filters: AuditEntryFilter, *, name: str, given: list[str], find: str
    ) -> Offer:
        try:
            with queries.time_limit(seconds=LONGEST):
                if isinstance(one, ParameterFilter):
                    return self._of_parameter(one, filters, given, find)
                return self._of_column(one, filters, name, given, find)  # type: ignore[arg-type] # counted ones are
        except queries.TookTooLong:
            return Offer([Choice(name, value, one.words(value), chosen=True) for value in given], find=find)

    @staticmethod
    def _of_parameter(one: ParameterFilter, filters: AuditEntryFilter, given: list[str], find: str) -> Offer:
        if not one.key:
            return Offer([], 0)
        found = facets.of_parameter(filters.found, one.key, also=given, find=find)
        choices = counted(PARAMETER_VALUE, one, found, given=given, asked=() if find else given)
        return Offer(choices, found.number, found.complete, find)

    def _of_column(
        self, one: ManyFilter, filters: AuditEntryFilter, name: str, given: list[str], find: str
    ) -> Offer:
        entries, column = filters.found, str(one.field_name)
        asked = [] if find else given
        if find and one.offers:
            # What it is called may not be what is stored: those that are called so, and how often they occur.
            offered = [
                v for v, label in one.offers(one.scope) if find.casefold() in f"{label} {v}".casefold()
            ]
            asked = offered[:MOST_OFFERED]
            found = facets.of_column(entries.filter(self._has(one, asked)), column, also=asked)
        else:
            found = facets.of_column(entries, column, also=given, find=find)
        if find and column == "done_by" and not found.complete and len(found.values) < facets.SHOWN:
            # Too rare to be among the latest entries.
            asked = [v for v, _ in found.values if v] + facets.people(self.tenant, find)
            found = facets.of_column(entries.filter(done_by__in=asked), column)
            asked = []
        return Offer(counted(name, one, found, given=given, asked=asked), found.number, found.complete, find)

    @staticmethod
    def _has(one: ManyFilter, values: list[str]) -> Q:
        stored = [one.read(one.scope, value) for value in values]  # as the filter's field does
        return one.condition(stored) if stored else Q(pk__in=[])


class ParameterKeysView(TenantView):
    """`GET …/audit-log/parameters/`: the keys as options of a list of suggestions."""

    def get(self, request: HttpRequest, slug: str) -> HttpResponse:  # noqa: ARG002 - the same for all
        return self.render("audit/parameter_keys.html", {"keys": keys()})


def keys() -> list[str]:
    """The parameters that events of the vocabulary carry."""
    return sorted({key for event in CATALOG.events() for key in event.parameters})


def _lists(address: Address) -> list[tuple[str, list[str]]]:
    names = dict.fromkeys(name for name, _ in address.pairs)
    return [(name, [v for n, v in address.pairs if n == name]) for name in names]
