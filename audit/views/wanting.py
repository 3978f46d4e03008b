"""From what a form or an earlier export asks for to what is wanted: checked, counted, and in words."""

from __future__ import annotations

from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone

from audit import exporting, queries
from audit.exports.asking import Wanted
from audit.filters import AuditEntryFilter
from audit.filters.kinds import EntryFilter
from audit.filters.options import RANGES
from audit.models.entries import EntryQuerySet
from audit.views.addresses import PERIOD, Address, tidy
from audit.views.tenant_view import TenantView

# Names in the form that are no filters.
OWN_FIELDS = frozenset({"format", "compress", "csrfmiddlewaretoken"})
GZIP = "gzip"
# A file's rows are counted before it begins. What takes longer to find is to be narrowed.
LONGEST_COUNT = 15


class NotWanted(ValueError):
    """What cannot be exported; `problems` has names and reasons, in words."""

    def __init__(self, *problems: tuple[str, str]) -> None:
        self.problems = list(problems)
        super().__init__("; ".join(f"{name}: {reason}" for name, reason in problems))


def wanted(view: TenantView, form: QueryDict) -> tuple[Wanted, EntryQuerySet]:
    """What the form asks for in this tenant as its log is now, and its entries. Raises NotWanted."""
    _check(form)
    address = tidy(reverse("audit:log", args=[view.tenant.slug]), form).without(*OWN_FIELDS)
    filters = _filters(view, address)
    last = queries.last_sequence(view.tenant)
    entries = filters.found.filter(sequence__lte=last)
    number = counted(entries)
    if number is None:
        raise NotWanted(("The search", "took too long: narrow it, for example by time."))
    asked = Wanted(
        file_format=form.get("format", ""),
        filters=address.query,
        promised=number,
        last_sequence=last,
        compressed=form.get("compress") == GZIP,
        words=in_words(filters, address),
        time_zone=timezone.get_current_timezone_name(),
    )
    return asked, entries


def _check(form: QueryDict) -> None:
    if form.get("format", "") not in exporting.FORMATS:
        raise NotWanted(("format", f"Choose one of: {', '.join(exporting.FORMATS)}."))
    if form.get("compress", "") not in {"", GZIP}:
        raise NotWanted(("compress", f"Write {GZIP}, or leave it out."))


def _filters(view: TenantView, address: Address) -> AuditEntryFilter:
    filters = AuditEntryFilter(
        QueryDict(address.query),
        queryset=view.readable(),
        tenant=view.tenant,
        now=view.now,
        workspaces=view.may.workspaces,
        also=(),
    )
    if filters.problems:
        raise NotWanted(*((name, " ".join(why)) for name, why in filters.problems.items()))
    return filters


def counted(entries: EntryQuerySet) -> int | None:
    """How many they are; None where counting takes too long."""
    try:
        with queries.time_limit(seconds=LONGEST_COUNT), queries.sparing(entries):
            return entries.count()
    except queries.TookTooLong:
        return None


def in_words(filters: AuditEntryFilter, address: Address) -> tuple[str, ...]:
    """What is asked for as a person would say it: the time, then a filter each. Nothing for all of the log."""
    time = _time_in_words(dict(address.pairs))
    asked = (_one_in_words(filters.named(name), value) for name, value in address.pairs if name not in PERIOD)
    return (*([time] if time else []), *asked)


def _time_in_words(given: dict[str, str]) -> str:
    if "range" in given:
        return RANGES[given["range"]][0]
    words = " ".join(f"{name} {given[name]}" for name in ("from", "to") if name in given)
    return words.replace("T", " ").capitalize()


def _one_in_words(one: EntryFilter, value: str) -> str:
    return f"{one.label} {one.turned_op if one.exclude else one.op} {one.words(value)}"
