"""Forms of this app's pages; they only read what was entered."""

from __future__ import annotations

from django import forms

from audit.keys import DEFAULT_LIFE
from audit.models import ApiKey, Scope

LIVES = ((7, "7 days"), (30, "30 days"), (90, "90 days"), (180, "180 days"), (365, "a year"))
_CHOOSE = "Choose when the key expires: after a year at the latest."
_LONGEST = ApiKey._meta.get_field("name").max_length  # noqa: SLF001 - Django's public Meta


class KeyForm(forms.Form):
    """What a new API key is called, what it opens, and for how many days."""

    name = forms.CharField(
        max_length=_LONGEST,
        error_messages={
            "required": "Say who will use the key.",
            "max_length": f"A name has up to {_LONGEST} characters.",
        },
    )
    scopes = forms.MultipleChoiceField(
        choices=Scope.choices,
        error_messages={"required": "A key without a scope opens nothing. Choose at least one."},
    )
    days = forms.TypedChoiceField(
        choices=LIVES,
        coerce=int,
        initial=DEFAULT_LIFE.days,
        error_messages={"required": _CHOOSE, "invalid_choice": _CHOOSE},
    )
