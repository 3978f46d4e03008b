"""The filters by time: so long ago, from, to."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from django import forms
from django.db.models import Q

from audit.filters import fields, options
from audit.filters.kinds import EntryFilter
from audit.models.entries import Hours


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

    def within(self, hours: Hours, value: str) -> Hours:
        length = options.RANGES[value][1]
        return hours if length is None else _from(hours, self.scope.now - length)

    def words(self, value: str) -> str:
        return options.RANGES[value][0] if value in options.RANGES else value

    def spelled(self, scope: options.Scope, text: str) -> list[str]:  # noqa: ARG002 - the same for all
        return options.named([(value, label) for value, (label, _) in options.RANGES.items()], text) or [text]


class FromFilter(EntryFilter):
    """At this moment or after it."""

    field_class = fields.MomentField

    @property
    def field(self) -> forms.Field:
        return self.field_class(label=self.label, required=False)

    def condition(self, value: fields.Moment) -> Q:
        return Q(**{f"{self.field_name}__gte": value.first})

    def within(self, hours: Hours, value: fields.Moment) -> Hours:
        return _from(hours, value.first)


class ToFilter(FromFilter):
    """Before this moment has passed: a day, or a minute, counts to its end."""

    def condition(self, value: fields.Moment) -> Q:
        return Q(**{f"{self.field_name}__lt": value.after})

    def within(self, hours: Hours, value: fields.Moment) -> Hours:
        return replace(hours, until=min(hours.until or value.after, value.after))


def _from(hours: Hours, first: datetime) -> Hours:
    return replace(hours, first=max(hours.first or first, first))
