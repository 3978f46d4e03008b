"""The Audit Log Settings form. It holds values; `streaming.checking` knows what they may be."""

from __future__ import annotations

from datetime import datetime, time
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from audit.models import Tenant
from streaming import filtering
from streaming.checking import BEGINNING, DATE, LONGEST_NAME, NOW, RESUME, Settings
from streaming.configuring import FIRST_NAME
from streaming.destination import all_destinations
from streaming.encryption import Secret
from streaming.models import Framing, PayloadFormat, Stream

KEPT = ("destination_kind", "url", "name", "entry_filter", "payload_format", "framing")
"""Fields that an inactive form does not send: what they hold is kept."""


def destination_choices() -> list[tuple[str, str]]:
    return [(kind, destination.label) for kind, destination in all_destinations().items()]


class SettingsForm(forms.Form):
    """What a tenant's admin fills in. Switched off, nothing else of it counts but the name."""

    name = forms.CharField(required=False, max_length=LONGEST_NAME, label="Name")
    enabled = forms.BooleanField(required=False, label="Enable audit log streaming")
    destination_kind = forms.ChoiceField(
        choices=destination_choices, required=False, label="Destination type"
    )
    url = forms.CharField(required=False, max_length=2000, label="URL")
    token = forms.CharField(required=False, max_length=8000, strip=False, label="Authentication token")
    payload_format = forms.ChoiceField(choices=PayloadFormat.choices, required=False, label="Format")
    framing = forms.ChoiceField(choices=Framing.choices, required=False, label="In one request")
    signing_secret = forms.CharField(required=False, max_length=500, label="Signing secret")
    unsigned = forms.BooleanField(required=False, label="Stop signing")
    entry_filter = forms.CharField(required=False, max_length=8000, label="Only entries that match")
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
    catch_up_through = forms.IntegerField(required=False, label="Up to entry")

    def __init__(
        self,
        data: Any = None,
        *,
        tenant: Tenant,
        stream: Stream | None,
        waiting: int = 0,
        name: str = FIRST_NAME,
    ) -> None:
        """`waiting` entries came while the stream was off; the form asks about them where there are any.

        The form of a paused stream is as that of one that is on: only a switch that is turned off ends the pause.
        `name` is what a new stream is called unless the form says otherwise.
        """
        self.tenant, self.stream = tenant, stream
        initial = _initial(stream) | {"name": stream.name if stream else name}
        if stream and stream.entry_filter:
            initial["entry_filter"] = filtering.as_typed(stream.entry_filter, tenant=tenant)
        # Without JavaScript the form is inactive until it is switched on: what it could not send is kept.
        kept = {field: initial[field] for field in KEPT if field in initial}
        super().__init__(None if data is None else {**kept, **data}, initial=initial)
        started = stream is not None and stream.cursor.started_after is not None
        if started:
            del self.fields["start_from"], self.fields["start_date"]
        self._ask_about(waiting if started else 0)

    def _ask_about(self, waiting: int) -> None:
        """Whether entries that wait are sent, where the stream is off; `told_through` is the last of those told of."""
        stream = self.stream
        if stream is None or not waiting or stream.enabled or stream.is_paused:
            del self.fields["catch_up"], self.fields["catch_up_through"]
            return
        self.told_through = stream.cursor.place + waiting
        self.fields["catch_up"].choices = [  # type: ignore[attr-defined] # a ChoiceField
            (RESUME, f"Send {_those_that_wait(waiting)}, in order, then go on"),
            (NOW, f"Leave out {_those_that_wait(waiting)} and start from now"),
        ]

    def clean_entry_filter(self) -> str:
        """As it is kept; one that was not touched is left as it is, also where it is no longer valid."""
        text = self.cleaned_data["entry_filter"]
        if self.stream and text == self.initial.get("entry_filter", ""):
            return self.stream.entry_filter
        try:
            return filtering.typed(text, tenant=self.tenant)
        except filtering.FilterUnusable as error:
            raise ValidationError(str(error)) from None

    def clean(self) -> dict[str, Any]:
        values = self.cleaned_data
        if not values.get("enabled"):
            for name in set(self.errors) - {"name"}:
                del self.errors[name]
        elif values.get("start_from") == DATE and "start_date" in values and not values["start_date"]:
            self.add_error("start_date", "Choose the first day to send.")
        return values

    def settings(self) -> Settings:
        """The form's values for `save_settings`; call it on a valid form."""
        values = self.cleaned_data
        day = values.get("start_date")
        paused = self.stream is not None and self.stream.is_paused
        return Settings(
            enabled=None if paused and values["enabled"] else values["enabled"],
            name=values.get("name", ""),
            destination_kind=values.get("destination_kind", ""),
            url=values.get("url", ""),
            token=Secret(token) if (token := values.get("token", "")).strip() else None,
            entry_filter=values.get("entry_filter", ""),
            **self._written(),
            start_from=values.get("start_from") or NOW,
            start_date=datetime.combine(day, time.min, timezone.get_current_timezone()) if day else None,
            catch_up=values.get("catch_up") or RESUME,
            catch_up_through=values.get("catch_up_through"),
        )

    def refuse(self, errors: dict[str, str]) -> None:
        """Show what `configuring` found, beside the fields that it names."""
        for name, message in errors.items():
            self.add_error(name if name in self.fields else None, message)

    def _written(self) -> dict[str, Any]:
        """How entries are written, where the kind of destination leaves a choice."""
        values = self.cleaned_data
        kind = all_destinations().get(values.get("destination_kind", ""))
        if kind is None or not kind.chooses_format:
            return {}
        secret = values.get("signing_secret", "").strip()
        signing = Secret("") if values.get("unsigned") else Secret(secret) if secret else None
        return {
            "payload_format": values.get("payload_format") or None,
            "framing": values.get("framing") or None,
            "signing_secret": signing,
        }


def _those_that_wait(number: int) -> str:
    return "the one entry that waits" if number == 1 else f"the {number:,} entries that wait"


def _initial(stream: Stream | None) -> dict[str, Any]:
    chosen = {"start_from": NOW, "catch_up": RESUME}
    if stream is None:
        first = next(iter(all_destinations()))
        written = {"payload_format": PayloadFormat.NATIVE.value, "framing": Framing.ARRAY.value}
        return {"enabled": False, "destination_kind": first, **written, **chosen}
    return {
        "enabled": stream.enabled or stream.is_paused,
        "destination_kind": stream.destination_kind,
        "url": stream.url,
        "payload_format": stream.payload_format,
        "framing": stream.framing,
        **chosen,
    }
