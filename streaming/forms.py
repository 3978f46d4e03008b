"""The Audit Log Settings form. It holds values; `streaming.configuring` knows what they may be."""

from __future__ import annotations

from datetime import datetime, time
from typing import Any

from django import forms
from django.utils import timezone

from streaming.configuring import BEGINNING, DATE, NOW, RESUME, Settings
from streaming.destination import all_destinations
from streaming.encryption import Secret
from streaming.models import Stream


def destination_choices() -> list[tuple[str, str]]:
    return [(kind, destination.label) for kind, destination in all_destinations().items()]


class SettingsForm(forms.Form):
    """What a tenant's admin fills in. Switched off, nothing else of it counts."""

    enabled = forms.BooleanField(required=False, label="Enable audit log streaming")
    destination_kind = forms.ChoiceField(
        choices=destination_choices, required=False, label="Destination type"
    )
    url = forms.CharField(required=False, max_length=2000, label="URL")
    token = forms.CharField(required=False, max_length=8000, strip=False, label="Authentication token")
    start_from = forms.ChoiceField(
        required=False,
        label="Which entries are sent",
        choices=[
            (NOW, "From now on"),
            (BEGINNING, "Also everything that is already there"),
            (DATE, "Also what is already there, from"),
        ],
    )
    start_date = forms.DateField(required=False, label="First day to send")
    catch_up = forms.ChoiceField(required=False, label="Entries that were not sent meanwhile")

    def __init__(self, data: Any = None, *, stream: Stream | None, waiting: int = 0) -> None:
        """`waiting` entries came while the stream was off; the form asks about them where there are any."""
        initial = _initial(stream)
        # Without JavaScript the form is inactive until it is switched on: what it could not send is kept.
        super().__init__(None if data is None else {**_kept(initial), **data}, initial=initial)
        started = stream is not None and stream.cursor.started_after is not None
        if started:
            del self.fields["start_from"], self.fields["start_date"]
        if not started or not waiting or (stream is not None and stream.enabled):
            del self.fields["catch_up"]
        else:
            self.fields["catch_up"].choices = [  # type: ignore[attr-defined] # a ChoiceField
                (RESUME, f"Send {_those_that_wait(waiting)}, in order, then go on"),
                (NOW, f"Leave out {_those_that_wait(waiting)} and start from now"),
            ]

    def clean(self) -> dict[str, Any]:
        values = self.cleaned_data
        if not values.get("enabled"):
            self.errors.clear()
        elif values.get("start_from") == DATE and "start_date" in values and not values["start_date"]:
            self.add_error("start_date", "Choose the first day to send.")
        return values

    def settings(self) -> Settings:
        """The form's values for `save_settings`; call it on a valid form."""
        values = self.cleaned_data
        day = values.get("start_date")
        return Settings(
            enabled=values["enabled"],
            destination_kind=values.get("destination_kind", ""),
            url=values.get("url", ""),
            token=Secret(token) if (token := values.get("token", "")).strip() else None,
            start_from=values.get("start_from") or NOW,
            start_date=datetime.combine(day, time.min, timezone.get_current_timezone()) if day else None,
            catch_up=values.get("catch_up") or RESUME,
        )

    def refuse(self, errors: dict[str, str]) -> None:
        """Show what `configuring` found, beside the fields that it names."""
        for name, message in errors.items():
            self.add_error(name if name in self.fields else None, message)


def _those_that_wait(number: int) -> str:
    return "the one entry that waits" if number == 1 else f"the {number:,} entries that wait"


def _initial(stream: Stream | None) -> dict[str, Any]:
    first = next(iter(all_destinations()))
    if stream is None:
        return {"enabled": False, "destination_kind": first, "start_from": NOW, "catch_up": RESUME}
    return {
        "enabled": stream.enabled,
        "destination_kind": stream.destination_kind,
        "url": stream.url,
        "start_from": NOW,
        "catch_up": RESUME,
    }


def _kept(initial: dict[str, Any]) -> dict[str, Any]:
    return {name: initial[name] for name in ("destination_kind", "url") if name in initial}
