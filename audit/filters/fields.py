"""Form fields that read what stands in an address: several values at once, words, moments, networks.

Each refuses what it does not understand, and says what it takes: a filter that is quietly dropped would show more
than was asked for.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from audit import grammar

MOST_VALUES = 100
LONGEST_VALUE = 500
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_UNITS = (
    (_DAY, timedelta(days=1)),
    (re.compile(r"\S+[T ]\d\d:\d\d(Z|[+-]\d\d:?\d\d)?"), timedelta(minutes=1)),
)
_SECOND = re.compile(r"\S+[T ]\d\d:\d\d:\d\d(Z|[+-]\d\d:?\d\d)?")


class ValuesField(forms.Field):
    """Every value given for a name, each once; `read` turns a value into what is stored, or raises ValidationError."""

    widget = forms.SelectMultiple

    def __init__(self, *, read: Callable[[str], str] = str, **kwargs: Any) -> None:
        self.read = read
        super().__init__(**kwargs)

    def to_python(self, value: Any) -> Any:
        given = dict.fromkeys(text for text in (str(one).strip() for one in value or ()) if text)
        if len(given) > MOST_VALUES:
            raise ValidationError(f"At most {MOST_VALUES} values are taken at once.")
        read, problems = [], []
        for text in given:
            try:
                read.append(self.read(printable(text)))
            except ValidationError as error:
                problems += error.messages
        if problems:
            raise ValidationError(problems)
        return list(dict.fromkeys(read))


class OneField(ValuesField):
    """A single value; the name may stand in the address once."""

    def to_python(self, value: Any) -> Any:
        values = super().to_python(value)
        if len(values) > 1:
            raise ValidationError("Takes one value only.")
        return values[0] if values else None


class WordsField(OneField):
    """Words and phrases to search for, as `grammar.Term`s. Empty where nothing was asked for."""

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        if text is None:
            return []
        found = grammar.terms(text)
        if not found:
            raise ValidationError("Search for letters or digits: signs alone are not searched.")
        return found


@dataclass(frozen=True, slots=True)
class Moment:
    """A time as it was given: its first instant, and the instant after its last (a day lasts until the next)."""

    first: datetime
    after: datetime


class MomentField(OneField):
    """A day, or a time to the minute or finer, in the reader's zone unless it names one."""

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        return None if text is None else read_moment(text, zone=timezone.get_current_timezone())


class RefusingField(forms.Field):
    """What is no filter at all."""

    widget = forms.SelectMultiple

    def __init__(self, *, reason: str, **kwargs: Any) -> None:
        self.reason = reason
        super().__init__(**kwargs)

    def to_python(self, value: Any) -> Any:
        del value
        raise ValidationError(self.reason)


def printable(text: str) -> str:
    """The text, unless no entry can hold it. Raises ValidationError."""
    if len(text) > LONGEST_VALUE:
        raise ValidationError(f"Takes at most {LONGEST_VALUE} characters.")
    if "\x00" in text or any("\ud800" <= character <= "\udfff" for character in text):
        raise ValidationError("Holds a character that no entry can hold.")
    return text


def read_moment(text: str, *, zone: tzinfo) -> Moment:
    """`2026-11-24`, `2026-11-24T08:15`, `2026-11-24T08:15:30Z` as a Moment in UTC. Raises ValidationError."""
    try:
        given = datetime.fromisoformat(text)
        lasts = _precision(text)
        # Where the clock goes back an hour comes twice: from the first until the second.
        last = given + lasts
        if given.tzinfo is None:
            given, last = given.replace(tzinfo=zone, fold=0), last.replace(tzinfo=zone, fold=1)
        return Moment(given.astimezone(UTC), last.astimezone(UTC))
    except (ValueError, OverflowError):
        raise ValidationError(
            f"“{text}” is no time. Write 2026-11-24 or 2026-11-24T08:15, with Z or +01:00 for another zone."
        ) from None


def _precision(text: str) -> timedelta:
    for pattern, lasts in _UNITS:
        if pattern.fullmatch(text):
            return lasts
    return timedelta(seconds=1) if _SECOND.fullmatch(text) else timedelta(microseconds=1)
