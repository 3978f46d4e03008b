"""The filters of the log: one attribute each (docs/adding-a-filter.md). Page, export and API use the same."""

from __future__ import annotations

import copy
from collections import OrderedDict
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import django_filters
from django import forms
from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict

from audit import grammar
from audit.filters import kinds, options, requests, times, typed, words
from audit.models import AuditEntry, Tenant
from audit.models.entries import Asked, EntryQuerySet, Hours

PARAMETER, NOT = grammar.PARAMETER, grammar.NOT
PARAMETER_KEY, PARAMETER_VALUE = "parameter", "equals"
"""Two fields of the page's form, which mean `p.<key>=<value>` together."""
LONGEST_ADDRESS = 8_000
TECHNICAL = frozenset({"before", "after", "entry"})
"""Names in a page's address that say what to show of what was found."""


class FilterError(ValueError):
    """Filters that cannot be used. `problems` has the reasons by the name that stands in the address."""

    def __init__(self, problems: Mapping[str, list[str]]) -> None:
        self.problems = dict(problems)
        super().__init__("; ".join(f"{name}: {' '.join(reasons)}" for name, reasons in problems.items()))


class FilterForm(forms.Form):
    """What the filters have to say to each other."""

    def clean(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        first, last = cleaned.get("from"), cleaned.get("to")
        if cleaned.get("range") and (first or last):
            self.add_error("range", "Give either a range, or from and to.")
        if first and last and first.first >= last.after:
            self.add_error("to", "Ends before it begins: “to” lies before “from”.")
        if sum(len(value) for _, values in _lists(self.data) for value in values) > LONGEST_ADDRESS:
            self.add_error("q", f"All filters together take at most {LONGEST_ADDRESS:,} characters.")
        return cleaned


class AuditEntryFilter(django_filters.FilterSet):
    """Narrows entries to what an address asks for.

    `queryset` is what may be read (`audit.queries.readable`), `workspaces` as in `access.May`; names in `also` are
    left to the caller. OR inside one filter, AND between them. Conditions inside `q` count like those beside it. What
    is unknown or malformed is an error, never ignored: see `problems`.
    """

    q = words.WordsFilter(label="Search")
    range = times.RangeFilter("occurred_at", label="Date and Time")
    from_ = times.FromFilter("occurred_at", label="From")
    to = times.ToFilter("occurred_at", label="To")
    category = kinds.ManyFilter(
        "category",
        label="Category",
        menu="bar",
        offers=options.categories,
        read=options.one_of(options.categories),
    )
    area = kinds.ManyFilter(
        "area", label="Area", menu="bar", offers=options.areas, read=options.one_of(options.areas)
    )
    action = kinds.ManyFilter(
        "event", label="Action", menu="bar", offers=options.actions, read=options.action
    )
    workspace = kinds.WorkspaceFilter(
        "workspace_id", label="Workspace", menu="bar", offers=options.workspaces, read=options.workspace
    )
    by = kinds.ManyFilter("done_by", label="Done by", menu="bar")
    details = words.WordsFilter(column="details", label="Details")
    target = kinds.TargetFilter("target", label="Target (type, id or name)", menu="more")
    ip = kinds.NetworkFilter("ip", label="IP address or range", menu="more", read=options.network)
    request_ = requests.RequestFilter("body", label="Request ID", menu="more")
    outcome = kinds.ManyFilter(
        "outcome",
        label="Outcome",
        menu="more",
        offers=lambda _: options.OUTCOMES,
        read=options.one_of(lambda _: options.OUTCOMES),
    )
    actor_type = kinds.ManyFilter(
        "actor_type",
        label="Done by a",
        menu="more",
        offers=lambda _: options.ACTOR_TYPES,
        read=options.one_of(lambda _: options.ACTOR_TYPES),
    )
    id = kinds.ManyFilter("id", label="Entry ID", menu="more", read=options.entry_id)

    class Meta:
        model = AuditEntry
        fields: list[str] = []
        form = FilterForm

    def __init__(
        self,
        data: Mapping[str, Any],
        *,
        queryset: EntryQuerySet,
        tenant: Tenant,
        now: datetime,
        workspaces: frozenset[UUID] | None = None,
        also: Collection[str] = TECHNICAL,
    ) -> None:
        given = MultiValueDict({name: values for name, values in _lists(data) if name not in also})
        self.scope = options.Scope(tenant, queryset, now, workspaces)
        misread = ""
        try:
            given = typed.moved(given, self.base_filters, self.scope)
        except grammar.SearchError as error:
            misread = str(error)
        super().__init__(given, queryset=queryset)
        self.is_bound = True
        if misread:
            self._add("q", kinds.RefusedFilter("q", reason=misread, label="Search"))
        for name in given:
            if name not in self.filters:
                self._add(name, self._further(name))

    @classmethod
    def get_filters(cls) -> OrderedDict[str, Any]:
        """The declared ones, without the `_` that Python needs (`from_`), and those that can be excluded by `not.`."""
        filters: OrderedDict[str, Any] = OrderedDict(
            (name.rstrip("_"), one) for name, one in super().get_filters().items()
        )
        for name, one in list(filters.items()):
            if one.turns:
                filters[NOT + name] = copy.copy(one)
                filters[NOT + name].exclude = True
        return filters

    def filter_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """What is asked, and beside it the parts that `audit.narrowing` and `audit.activity` take."""
        found: EntryQuerySet = super().filter_queryset(queryset)  # type: ignore[assignment] # it began as one
        rest: Any = queryset
        hours: Hours | None = rest.hours
        kinds, exactly = Q(), Q()
        for name, value in self.form.cleaned_data.items():
            one = self.named(name)
            told = one.kind(value)
            hours = one.within(hours, value) if hours and value else hours
            kinds &= told or Q()
            if told and one.told_by_kind:
                exactly &= told
            else:
                rest = one.filter(rest, value)
        parts = Asked(self.scope.tenant.pk, rest, kinds, exactly)
        found = found.within(hours) if hours else found
        return found.that_are_asked(parts) if exactly else found

    def split(self, text: str) -> tuple[str, list[tuple[str, str]]]:
        """What is searched for in this text, and its conditions by filter (`typed.split`)."""
        return typed.split(text, filters=self.base_filters, scope=self.scope)

    def _add(self, name: str, one: kinds.EntryFilter) -> None:
        one.parent = self
        self.filters[name] = one

    def _further(self, name: str) -> kinds.EntryFilter:
        bare = name.removeprefix(NOT)
        if bare.startswith(PARAMETER) and len(bare) > len(PARAMETER) and "\x00" not in name:
            return kinds.ParameterFilter(bare.removeprefix(PARAMETER), exclude=bare != name)
        if name in {PARAMETER_KEY, PARAMETER_VALUE}:
            return kinds.RefusedFilter(name, reason="Give both, the parameter and its value.")
        known = [*self.filters, PARAMETER + "<key>"]
        return kinds.RefusedFilter(name, reason=options.refusal(name, known, is_no="filter"))

    @property
    def found(self) -> EntryQuerySet:
        """The entries that are asked for; only to be used where there are no problems."""
        entries: EntryQuerySet = self.qs  # type: ignore[assignment] # it began as one
        return entries

    def named(self, name: str) -> kinds.EntryFilter:
        """The filter that stands in the address under this name."""
        one: kinds.EntryFilter = self.filters[name]  # type: ignore[assignment] # all are of these kinds
        return one

    @property
    def problems(self) -> dict[str, list[str]]:
        """What cannot be used, and why, by the name in the address; empty when all is well."""
        return {name: [str(reason) for reason in reasons] for name, reasons in self.errors.items()}

    def asked(self) -> list[tuple[str, str]]:
        """Names and values as they stand in the address, without empty ones."""
        return [
            (name, value) for name, values in _lists(self.data or {}) for value in values if value.strip()
        ]


def filtered(
    readable: EntryQuerySet,
    params: Mapping[str, Any],
    *,
    tenant: Tenant,
    now: datetime,
    workspaces: frozenset[UUID] | None = None,
    also: Collection[str] = (),
) -> EntryQuerySet:
    """Those of the readable entries that `params` (a QueryDict, or lists by name) ask for. Raises FilterError."""
    found = AuditEntryFilter(
        params, queryset=readable, tenant=tenant, now=now, workspaces=workspaces, also=also
    )
    if found.problems:
        raise FilterError(found.problems)
    return found.found


def _lists(data: Mapping[str, Any]) -> list[tuple[str, list[str]]]:
    if isinstance(data, QueryDict | MultiValueDict):
        return [(name, list(values)) for name, values in data.lists()]
    return [(name, [value] if isinstance(value, str) else list(value)) for name, value in data.items()]
