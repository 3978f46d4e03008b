"""The form that asks which entries are to be sent again; it only reads what was entered."""

from __future__ import annotations

from typing import Any

from django import forms

from streaming import replaying
from streaming.models import Stream
from streaming.replaying import Span

MOMENTS, NUMBERS = "moments", "numbers"
_LOCAL = "%Y-%m-%dT%H:%M"


class RangeForm(forms.Form):
    """A range by when entries were recorded, or by their numbers; an end that is left out is "up to now"."""

    by = forms.ChoiceField(
        choices=[(MOMENTS, "By time"), (NUMBERS, "By number")],
        initial=MOMENTS,
        error_messages={
            "required": "Choose a time or numbers.",
            "invalid_choice": "Choose a time or numbers.",
        },
    )
    since = forms.DateTimeField(required=False, label="Recorded since")
    until = forms.DateTimeField(required=False, label="and before")
    first = forms.IntegerField(required=False, min_value=1, label="From entry number")
    last = forms.IntegerField(required=False, min_value=1, label="to entry number")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.error_messages["invalid"] = (
                "Enter a date and a time." if name in {"since", "until"} else "Enter a whole number."
            )
            if isinstance(field, forms.IntegerField):
                field.error_messages["min_value"] = "Entries are numbered from 1."

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or self.cleaned_data
        if values.get("by") == MOMENTS:
            self._check(
                "since", "until", missing="Enter since when.", turned="This lies before the beginning."
            )
        elif values.get("by") == NUMBERS:
            self._check(
                "first", "last", missing="Enter a number.", turned="This is less than the first number."
            )
        return values

    def _check(self, start: str, end: str, *, missing: str, turned: str) -> None:
        values = self.cleaned_data
        if values.get(start) is None and start not in self.errors:
            self.add_error(start, missing)
        elif values.get(start) and values.get(end) and values[end] < values[start]:
            self.add_error(end, turned)

    def span(self, stream: Stream) -> Span:
        """The entries that are meant; of a valid form. Raises ReplayRefused."""
        values = self.cleaned_data
        if values["by"] == MOMENTS:
            return replaying.span_of_moments(stream, since=values["since"], until=values["until"])
        return replaying.span_of_numbers(stream, first=values["first"], last=values["last"])

    @property
    def shown(self) -> dict[str, str]:
        """Each value as its field shows it, as entered if it came from a person."""
        told = {}
        for name in ("since", "until"):
            value = self[name].value()
            told[name] = value.strftime(_LOCAL) if hasattr(value, "strftime") else value or ""
        return told | {name: self[name].value() or "" for name in ("first", "last")}
