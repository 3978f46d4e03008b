"""Kinds of filter. Each knows its condition, where the page shows it (`menu`), and how to say a value in words."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from functools import reduce
from operator import or_
from typing import Any, Literal

import django_filters
from django import forms
from django.db.models import BooleanField, F, Func, Q, QuerySet, TextField, Value

from audit.filters import fields, options
from audit.models.entries import Hours
from audit.models.entry_kinds import KIND

Menu = Literal["bar", "more", "own"]
_NUMBER = re.compile(r"-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d{1,2})?")


class EntryFilter(django_filters.Filter):
    """One filter of the log.

    `menu`: a menu of its own in the bar, a field under "More filters", or own markup. `typed`: values that are not
    offered can be typed. `turns`: it has a twin that excludes, `not.` before its name. `op` stands between its label
    and a value, in words; `turned_op` where it excludes. `told_by_kind`: whether an entry is meant, its kind tells.
    `counted`: its values are those of a column, so that the most frequent ones can be offered with counts.
    """

    menu: Menu = "own"
    op, turned_op = "is", "is not"
    typed = turns = False
    told_by_kind = counted = False
    parent: Any

    @property
    def scope(self) -> options.Scope:
        scope: options.Scope = self.parent.scope
        return scope

    def condition(self, value: Any) -> Q:
        """What has to hold for an entry. `value` is what the field made of the address; never empty."""
        raise NotImplementedError

    def kind(self, value: Any) -> Q | None:  # noqa: ARG002 - others need it
        """What holds of the kind (audit.models.EntryKind) of each entry that is meant; None: nothing is known."""
        return None

    def within(self, hours: Hours, value: Any) -> Hours | None:  # noqa: ARG002 - others need them
        """What is left of these entries where `value` is asked of them; None: they cannot be told by time alone."""
        return None

    def filter(self, qs: QuerySet[Any], value: Any) -> QuerySet[Any]:
        if not value:
            return qs
        holds = self.condition(value)
        return qs.filter(~holds if self.exclude else holds)

    def words(self, value: str) -> str:
        """A value of the address as people say it."""
        return value

    def spelled(self, scope: options.Scope, text: str) -> list[str]:  # noqa: ARG002 - others need to ask
        """The values of an address that are meant by what was typed: several where a label is of several codes."""
        return [text]


class ManyFilter(EntryFilter):
    """Several values of one column, any of which may hold; with `not.` before the name, none."""

    field_class = fields.ValuesField
    turns = counted = True

    def __init__(
        self,
        field_name: str,
        *,
        menu: Menu,
        read: Callable[[options.Scope, str], str] = options.as_given,
        offers: Callable[[options.Scope], list[options.Option]] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(field_name, **kwargs)
        self.menu, self.read, self.offers = menu, read, offers
        self.typed = offers is None or read is options.as_given
        self.counted = self.counted and field_name != "id"  # no two entries have one

    @property
    def field(self) -> forms.Field:
        return self.field_class(
            label=self.label, required=False, read=lambda text: self.read(self.scope, text)
        )

    def condition(self, value: list[str]) -> Q:
        return Q(**{f"{self.field_name}__in": value})

    @property
    def told_by_kind(self) -> bool:  # type: ignore[override] # of a column, not of a class
        return self.field_name in KIND

    def kind(self, value: list[str]) -> Q | None:
        holds = self.condition(value) if value and self.told_by_kind else None
        return ~holds if holds and self.exclude else holds

    def within(self, hours: Hours, value: list[str]) -> Hours | None:
        told = self.field_name == "category" and not self.exclude
        return replace(hours, categories=tuple(value)) if told else None

    def spelled(self, scope: options.Scope, text: str) -> list[str]:
        offered = self.offers(scope) if self.offers and not self.typed else []
        return options.named(offered, text) or [text]

    def told(self, stored: str | None) -> str:
        """What stands in an address for what stands in the column."""
        return stored or ""

    def options(self) -> list[options.Option]:
        return self.offers(self.scope) if self.offers else []

    def words(self, value: str) -> str:
        return dict(self.options()).get(value, value)


class WorkspaceFilter(ManyFilter):
    """Workspaces by slug, and `none`: what belongs to the tenant as a whole."""

    def words(self, value: str) -> str:
        return self.scope.place_names.get(value) or super().words(value)

    def told(self, stored: str | None) -> str:
        slugs = {str(place.pk): place.slug for place in self.scope.places}
        return slugs.get(stored, stored) if stored else options.TENANT_AS_A_WHOLE

    def condition(self, value: list[str]) -> Q:
        places = [one for one in value if one != options.TENANT_AS_A_WHOLE]
        found = Q(workspace_id__in=places, workspace_id__isnull=False)
        return found | Q(workspace_id=None) if len(places) < len(value) else found

    def kind(self, value: list[str]) -> Q | None:
        """Which workspace, no kind tells; but whether any."""
        wholly = {one == options.TENANT_AS_A_WHOLE for one in value}
        if self.exclude:
            return Q(in_workspace=True) if True in wholly else None
        return Q(in_workspace=True not in wholly) if len(wholly) == 1 else None


class NetworkFilter(ManyFilter):
    """Addresses that lie in any of these networks."""

    def condition(self, value: list[str]) -> Q:
        def inside(network: str) -> Func:
            asked = Func(Value(network), template="(%(expressions)s)::inet", output_field=TextField())
            return truth(Func(F("ip"), asked, arg_joiner=" <<= "))

        return Q(ip__isnull=False) & reduce(or_, (Q(inside(one)) for one in value))


class TargetFilter(ManyFilter):
    """What was acted on: by its type, its id or its name."""

    counted = False

    def condition(self, value: list[str]) -> Q:
        parts = ({part: one} for one in value for part in ("id", "name", "type"))
        return Q(target__isnull=False) & reduce(or_, (Q(target__contains=part) for part in parts))


class ParameterFilter(ManyFilter):
    """A parameter by its key. Text, numbers, true, false and null are found by how they are written."""

    counted = False

    def __init__(self, key: str, *, exclude: bool = False) -> None:
        super().__init__("parameters", menu="own", label=key, exclude=exclude)
        self.key = key

    def condition(self, value: list[str]) -> Q:
        meant = [one for text in value for one in _meanings(text)]
        return reduce(or_, (Q(parameters__contains={self.key: one}) for one in meant))


class RefusedFilter(EntryFilter):
    """A name in the address that cannot be used as a filter, and why."""

    def __init__(self, name: str, *, reason: str, label: str = "") -> None:
        super().__init__(name, label=label or name)
        self.reason = reason

    @property
    def field(self) -> forms.Field:
        return fields.RefusingField(reason=self.reason, label=self.label, required=False)


def _meanings(text: str) -> list[Any]:
    """The JSON values that are written like this: `7` is a number, and may be a text."""
    if _NUMBER.fullmatch(text) or text in {"true", "false", "null"}:
        return [text, json.loads(text)]
    return [text]


def truth(expression: Func) -> Func:
    """An expression in SQL that is true or false, as a condition."""
    expression.template = "(%(expressions)s)"
    expression.output_field = BooleanField()
    return expression
