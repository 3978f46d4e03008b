"""Kinds of filter. Each knows its condition, where the page shows it (`menu`), and how to say a value in words."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from functools import reduce
from operator import or_
from typing import Any, Literal

import django_filters
from django import forms
from django.contrib.postgres.search import SearchQuery
from django.db.models import BooleanField, F, Func, Q, QuerySet, TextField, Value

from audit.filters import fields, options

Menu = Literal["bar", "more", "own"]
_NUMBER = re.compile(r"-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d{1,2})?")


class EntryFilter(django_filters.Filter):
    """One filter of the log.

    `menu`: a menu of its own in the bar, a field under "More filters", or own markup. `typed`: values that are not
    offered can be typed. `op` stands between its label and a value, in words.
    """

    menu: Menu = "own"
    op = "is"
    typed = False
    parent: Any

    @property
    def scope(self) -> options.Scope:
        scope: options.Scope = self.parent.scope
        return scope

    def condition(self, value: Any) -> Q:
        """What has to hold for an entry. `value` is what the field made of the address; never empty."""
        raise NotImplementedError

    def filter(self, qs: QuerySet[Any], value: Any) -> QuerySet[Any]:
        if not value:
            return qs
        holds = self.condition(value)
        return qs.filter(~holds if self.exclude else holds)

    def words(self, value: str) -> str:
        """A value of the address as people say it."""
        return value


class ManyFilter(EntryFilter):
    """Several values of one column, any of which may hold; with `not.` before the name, none."""

    field_class = fields.ValuesField

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

    @property
    def field(self) -> forms.Field:
        return self.field_class(
            label=self.label, required=False, read=lambda text: self.read(self.scope, text)
        )

    def condition(self, value: list[str]) -> Q:
        return Q(**{f"{self.field_name}__in": value})

    def options(self) -> list[options.Option]:
        return self.offers(self.scope) if self.offers else []

    def words(self, value: str) -> str:
        return dict(self.options()).get(value, value)


class WorkspaceFilter(ManyFilter):
    """Workspaces by slug, and `none`: what belongs to the tenant as a whole."""

    def condition(self, value: list[str]) -> Q:
        places = [one for one in value if one != options.TENANT_AS_A_WHOLE]
        found = Q(workspace_id__in=places, workspace_id__isnull=False)
        return found | Q(workspace_id=None) if len(places) < len(value) else found


class NetworkFilter(ManyFilter):
    """Addresses that lie in any of these networks."""

    def condition(self, value: list[str]) -> Q:
        def inside(network: str) -> Func:
            asked = Func(Value(network), template="(%(expressions)s)::inet", output_field=TextField())
            return _true(Func(F("ip"), asked, arg_joiner=" <<= "))

        return Q(ip__isnull=False) & reduce(or_, (Q(inside(one)) for one in value))


class WordsFilter(EntryFilter):
    """All of the words, each as the beginning of one in the entry's text; in `column` alone, if one is named."""

    field_class = fields.WordsField
    op = "contains"
    typed = True

    def __init__(self, *, column: str = "", **kwargs: Any) -> None:
        super().__init__("search", **kwargs)
        self.column = column
        self.menu = "more" if column else "own"

    @property
    def field(self) -> forms.Field:
        return self.field_class(label=self.label, required=False)

    def condition(self, value: list[str]) -> Q:
        asked = SearchQuery(" & ".join(f"'{word}':*" for word in value), config="simple", search_type="raw")
        anywhere = Q(search=asked)
        if not self.column:
            return anywhere
        # The index on all texts finds the few in which this column has to be looked at.
        blank = Value(" " * len(fields.PUNCTUATION))
        text = Func(
            F(self.column), Value(fields.PUNCTUATION), blank, function="translate", output_field=TextField()
        )
        vector = Func(Value("simple"), text, function="to_tsvector", output_field=TextField())
        return anywhere & Q(_true(Func(vector, asked, arg_joiner=" @@ ")))


class RangeFilter(EntryFilter):
    """From so long ago until now."""

    field_class = fields.OneField

    @property
    def field(self) -> forms.Field:
        offered = [(value, label) for value, (label, _) in options.RANGES.items()]
        read = options.one_of(lambda _: offered)
        return self.field_class(label=self.label, required=False, read=lambda text: read(self.scope, text))

    def condition(self, value: str) -> Q:
        length = options.RANGES[value][1]
        return Q() if length is None else Q(**{f"{self.field_name}__gte": self.scope.now - length})

    def words(self, value: str) -> str:
        return options.RANGES[value][0] if value in options.RANGES else value


class FromFilter(EntryFilter):
    """At this moment or after it."""

    field_class = fields.MomentField

    @property
    def field(self) -> forms.Field:
        return self.field_class(label=self.label, required=False)

    def condition(self, value: fields.Moment) -> Q:
        return Q(**{f"{self.field_name}__gte": value.first})


class ToFilter(FromFilter):
    """Before this moment has passed: a day, or a minute, counts to its end."""

    def condition(self, value: fields.Moment) -> Q:
        return Q(**{f"{self.field_name}__lt": value.after})


class ParameterFilter(ManyFilter):
    """A parameter by its key. Text, numbers, true, false and null are found by how they are written."""

    def __init__(self, key: str) -> None:
        super().__init__("parameters", menu="own", label=key)
        self.key = key

    def condition(self, value: list[str]) -> Q:
        meant = [one for text in value for one in _meanings(text)]
        return reduce(or_, (Q(parameters__contains={self.key: one}) for one in meant))


class RefusedFilter(EntryFilter):
    """A name in the address that cannot be used as a filter, and why."""

    def __init__(self, name: str, *, reason: str) -> None:
        super().__init__(name, label=name)
        self.reason = reason

    @property
    def field(self) -> forms.Field:
        return fields.RefusingField(reason=self.reason, label=self.label, required=False)


def _meanings(text: str) -> list[Any]:
    """The JSON values that are written like this: `7` is a number, and may be a text."""
    if _NUMBER.fullmatch(text) or text in {"true", "false", "null"}:
        return [text, json.loads(text)]
    return [text]


def _true(expression: Func) -> Func:
    expression.template = "(%(expressions)s)"
    expression.output_field = BooleanField()
    return expression
