"""Which entries a stream takes: its filter is a query of the Audit Log page, kept in one canonical form.

Times have no place in it: a stream sends entries as they come, and its cursor says since when.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode

from django.db.models import Q
from django.http import QueryDict

from audit import grammar, queries
from audit.filters import TECHNICAL, AuditEntryFilter
from audit.filters.entries import NOT, PARAMETER
from audit.filters.typed import SEARCH
from audit.models import Tenant, Workspace
from audit.models.entries import EntryQuerySet
from streaming.models import Stream

TIMES = ("range", "from", "to")
NO_TIMES = (
    "A stream sends entries as they come, so its filter holds no time. Leave out {names}: where to begin is chosen "
    "when the stream is switched on, and what is past is sent by a replay."
)
WORKSPACE = "workspace"
# Only a range reads it, and those are refused.
_NO_CLOCK = datetime(1970, 1, 1, tzinfo=UTC)
_PLAIN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.@+/-")


class FilterUnusable(ValueError):
    """A stream's filter that cannot be applied. Its text says which part, and what to do."""


@dataclass(frozen=True, slots=True)
class Chip:
    """One value of a filter in words: `Done by` `is not` `svc deploy`."""

    label: str
    op: str
    words: str


def matching(stream: Stream, entries: EntryQuerySet) -> EntryQuerySet:
    """Those of the tenant's entries that the stream takes; unchanged where it has no filter.

    Raises FilterUnusable where the saved filter is no longer valid, as after an event has left the vocabulary.
    """
    return taken(stream.entry_filter, entries, tenant=stream.tenant)


def taken(entry_filter: str, entries: EntryQuerySet, *, tenant: Tenant) -> EntryQuerySet:
    """As `matching`, for a filter that need not be saved."""
    if not entry_filter:
        return entries
    return entries.filter(condition(entry_filter, tenant=tenant))


@lru_cache(maxsize=1_000)
def condition(entry_filter: str, *, tenant: Tenant) -> Q:
    """What holds for the entries that a filter takes, to be turned round or combined. Raises FilterUnusable.

    Remembered, since it is asked for every batch: what a kept filter means depends on nothing that a running process
    sees change.
    """
    found = _checked(QueryDict(entry_filter), tenant=tenant)
    holds = Q()
    for name, value in found.form.cleaned_data.items():
        if value:
            one = found.named(name)
            holds &= ~one.condition(value) if one.exclude else one.condition(value)
    return holds


def canonical(params: Mapping[str, Any], *, tenant: Tenant) -> str:
    """What an address of the Audit Log page asks for, as it is kept; empty for all. Raises FilterUnusable.

    Values stand as they are stored (codes for labels, a workspace's id for its slug), each once and sorted; what an
    address says of the place on the page (`before`, `entry` …) is dropped.
    """
    found = _checked(params, tenant=tenant)
    asked: dict[str, list[str]] = {}
    for name, text in found.asked():
        asked.setdefault(name, []).append(text.strip())
    values = found.form.cleaned_data
    pairs = {(name, text) for name, given in asked.items() for text in _stored(values[name]) or given}
    return urlencode(sorted(pairs))


def typed(text: str, *, tenant: Tenant) -> str:
    """What was typed as in the search box (`by:ana@acme.example -area:cases`), as it is kept. Raises FilterUnusable."""
    nothing = AuditEntryFilter({}, queryset=queries.readable(tenant), tenant=tenant, now=_NO_CLOCK)
    try:
        rest, pairs = nothing.split(text)
    except grammar.SearchError as error:
        raise FilterUnusable(str(error)) from None
    params = QueryDict(mutable=True)
    for name, value in [*pairs, (SEARCH, rest)]:
        params.appendlist(name, value)
    return canonical(params, tenant=tenant)


def as_typed(entry_filter: str, *, tenant: Tenant) -> str:
    """A kept filter as it would be typed; `typed` gives the same filter again."""
    slugs = _workspaces(tenant, "slug") if WORKSPACE in entry_filter else {}
    parts = []
    for name, value in _pairs(entry_filter):
        bare = name.removeprefix(NOT)
        if bare == SEARCH:
            parts.append(value)
            continue
        shown = slugs.get(value, value) if bare == WORKSPACE else value
        minus = "-" if name != bare else ""
        parts.append(f"{minus}{_key(bare)}:{_value(shown)}")
    return " ".join(parts)


def chips(entry_filter: str, *, tenant: Tenant) -> list[Chip]:
    """The filter in words, one chip a value; also of one that is no longer valid."""
    if not entry_filter:
        return []
    found = _filter_set(QueryDict(entry_filter), tenant=tenant)
    names = _workspaces(tenant, "name") if WORKSPACE in entry_filter else {}
    told = []
    for name, value in _pairs(entry_filter):
        one = found.named(name)
        words = names.get(value) or one.words(value)
        told.append(Chip(str(one.label), one.turned_op if one.exclude else one.op, words))
    return told


def _checked(params: Mapping[str, Any], *, tenant: Tenant) -> AuditEntryFilter:
    found = _filter_set(params, tenant=tenant)
    asked = {name for name, _ in found.asked()}
    times = [name for name in TIMES if name in asked]
    if times:
        raise FilterUnusable(NO_TIMES.format(names=" and ".join(f"“{name}”" for name in times)))
    if found.problems:
        reasons = (
            f"{found.named(name).label}: {' '.join(reasons)}" for name, reasons in found.problems.items()
        )
        raise FilterUnusable(" ".join(reasons))
    return found


def _filter_set(params: Mapping[str, Any], *, tenant: Tenant) -> AuditEntryFilter:
    return AuditEntryFilter(
        params, queryset=queries.readable(tenant), tenant=tenant, now=_NO_CLOCK, also=TECHNICAL
    )


def _stored(value: Any) -> list[str]:
    """Values as a field read them; none where it made something else of the text, as of words to search for."""
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []


def _pairs(entry_filter: str) -> Iterable[tuple[str, str]]:
    return ((name, value) for name, values in QueryDict(entry_filter).lists() for value in values)


def _workspaces(tenant: Tenant, column: str) -> dict[str, str]:
    found = Workspace.objects.filter(tenant=tenant).values_list("pk", column)
    return {str(key): text for key, text in found}


def _key(name: str) -> str:
    """A filter's name as it is typed; the key of a parameter in quotes where it has to be."""
    key = name.removeprefix(PARAMETER)
    return name if key == name or _is_plain(key) else PARAMETER + grammar.quoted(key)


def _value(text: str) -> str:
    return text if _is_plain(text) else grammar.quoted(text)


def _is_plain(text: str) -> bool:
    return bool(text) and set(text) <= _PLAIN and text[0].isalnum()
