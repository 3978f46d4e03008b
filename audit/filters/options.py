"""What a filter offers to choose from, and how it reads a value: `(value, label)` pairs, and checks with a reason."""

from __future__ import annotations

import difflib
import ipaddress
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache, cached_property
from uuid import UUID

from django.core.exceptions import ValidationError

from audit.catalog.kinds import Category
from audit.catalog.lookup import CATALOG, UnknownEventError
from audit.models import Tenant, Workspace
from audit.models.entries import EntryQuerySet

Option = tuple[str, str]
TENANT_AS_A_WHOLE = "none"
RANGES = {
    "15m": ("Last 15 minutes", timedelta(minutes=15)),
    "1h": ("Last hour", timedelta(hours=1)),
    "24h": ("Last 24 hours", timedelta(hours=24)),
    "7d": ("Last 7 days", timedelta(days=7)),
    "30d": ("Last 30 days", timedelta(days=30)),
    "90d": ("Last 90 days", timedelta(days=90)),
    "all": ("All time", None),
}
OUTCOMES: list[Option] = [("success", "Success"), ("failure", "Failure"), ("unknown", "Unknown")]
ACTOR_TYPES: list[Option] = [("user", "Person"), ("service_account", "Service account"), ("system", "System")]


@dataclass(frozen=True)
class Scope:
    """Whose entries are filtered, and when: `workspaces` is None for all of the tenant."""

    tenant: Tenant
    entries: EntryQuerySet
    now: datetime
    workspaces: frozenset[UUID] | None = None

    @cached_property
    def places(self) -> list[Workspace]:
        found = Workspace.objects.filter(tenant_id=self.tenant.pk).order_by("name")
        return list(found if self.workspaces is None else found.filter(pk__in=self.workspaces))

    @cached_property
    def place_names(self) -> dict[str, str]:
        """By slug and by id."""
        names = {place.slug: place.name for place in self.places}
        return names | {str(place.pk): place.name for place in self.places}


def categories(_: Scope) -> list[Option]:
    return [(category.value, category.label) for category in Category]


def areas(_: Scope) -> list[Option]:
    return _areas()


def actions(_: Scope) -> list[Option]:
    """Events by label; where two areas have the same label, the area stands beside it."""
    return _actions()


@cache
def _areas() -> list[Option]:
    return [(area.code, area.label) for area in sorted(CATALOG.areas(), key=lambda area: area.label)]


@cache
def _actions() -> list[Option]:
    events = sorted(CATALOG.events(), key=lambda event: (event.label, event.area.label))
    labels = [event.label for event in events]
    return [(e.code, f"{e.label} ({e.area.label})" if labels.count(e.label) > 1 else e.label) for e in events]


def workspaces(scope: Scope) -> list[Option]:
    whole = [] if scope.workspaces is not None else [(TENANT_AS_A_WHOLE, "Tenant (no workspace)")]
    return whole + [(place.slug, place.name) for place in scope.places]


def named(offered: Iterable[Option], text: str) -> list[str]:
    """The values that are called like this, by value or by label; a label needs not say what stands in its brackets."""
    asked = text.casefold()
    return [
        value
        for value, label in offered
        if asked in {value.casefold(), label.casefold(), label.casefold().partition(" (")[0]}
    ]


def one_of(options: Callable[[Scope], list[Option]]) -> Callable[[Scope, str], str]:
    """Reads one of the offered values, by value or by label."""

    def read(scope: Scope, text: str) -> str:
        offered = options(scope)
        for value, label in offered:
            if text == value or text.casefold() == label.casefold():
                return value
        raise ValidationError(refusal(text, [value for value, _ in offered]))

    return read


def action(scope: Scope, text: str) -> str:
    """An event's code: of the vocabulary, or one that the log holds from a vocabulary of earlier."""
    try:
        return CATALOG.event(text).code
    except UnknownEventError as error:
        if scope.entries.filter(event=text).exists():
            return text
        hint = f" Did you mean {error.nearest}?" if error.nearest else ""
        raise ValidationError(f"“{text}” is no event's code.{hint}") from None


def workspace(scope: Scope, text: str) -> str:
    """A workspace's slug or id as its id; `none` for what belongs to the tenant as a whole."""
    if text == TENANT_AS_A_WHOLE:
        return text
    for place in scope.places:
        if text in {place.slug, str(place.pk)}:
            return str(place.pk)
    try:
        return str(UUID(text))  # one that is gone, but not from the log
    except ValueError:
        known = [TENANT_AS_A_WHOLE, *(place.slug for place in scope.places)]
        raise ValidationError(refusal(text, known)) from None


def as_given(_: Scope, text: str) -> str:
    return text


def entry_id(_: Scope, text: str) -> str:
    try:
        return str(UUID(text))
    except ValueError:
        raise ValidationError(f"“{text}” is no entry's id: those are UUIDs.") from None


def network(_: Scope, text: str) -> str:
    """An address, or a network as CIDR."""
    try:
        return str(ipaddress.ip_network(text, strict=False))
    except ValueError:
        raise ValidationError(f"“{text}” is no address. Write 203.0.113.7 or 203.0.113.0/24.") from None


def refusal(text: str, known: Iterable[str], *, is_no: str = "") -> str:
    """Why this is refused: the nearest one, or what there is. `is_no` says what it was taken for."""
    what = f"is no {is_no}" if is_no else "is unknown"
    known = list(known)
    nearest = difflib.get_close_matches(text, known, n=1)
    if nearest:
        return f"“{text}” {what}. Did you mean {nearest[0]}?"
    return f"“{text}” {what}. Known: {', '.join(known[:12])}{' and more' if len(known) > 12 else ''}."
