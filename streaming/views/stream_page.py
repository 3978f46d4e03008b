"""What the pages of the Audit Log Settings share: the tenant's streams, the one shown, its form and its addresses."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import cached_property
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone

from audit import access
from audit.models import Tenant
from audit.retention import days_of
from audit.views.tenant_view import TenantView
from streaming.configuring import FIRST_NAME
from streaming.coverage import DAYS, taken_by_none
from streaming.destination import all_destinations
from streaming.filtering import chips
from streaming.forms import SettingsForm
from streaming.health import Health, health_of
from streaming.hourly import LastDay, last_days
from streaming.locating import Place, called_address, locate
from streaming.models import ConnectionTest, Stream
from streaming.replaying import latest
from streaming.wire.signing import new_secret

SAVED = "saved"
"""Name in the address of a page that follows a save."""


class StreamPage(TenantView):
    """A page about one stream: the tenant's first, the one that the address names, or one that is yet to be.

    All of them are open to those who administer the tenant.
    """

    is_new = False

    def permit(self) -> None:
        access.require(allowed=self.may.administer, to="change the streaming settings")

    @cached_property
    def streams(self) -> list[Stream]:
        return list(self.tenant.streams.select_related("cursor", "tenant").order_by("created_at", "pk"))

    @cached_property
    def stream(self) -> Stream | None:
        """Raises access.NotFound where the address names a stream that is not this tenant's."""
        if self.is_new:
            return None
        wanted: UUID | None = self.kwargs.get("stream_id")
        if wanted is None:
            return self.streams[0] if self.streams else None
        for stream in self.streams:
            if stream.pk == wanted:
                return stream
        raise access.NotFound(f"no stream {wanted}")

    @property
    def chosen(self) -> Stream:
        """The stream, on pages that are about one that is there. Raises access.NotFound where there is none."""
        if self.stream is None:
            raise access.NotFound("no stream")
        return self.stream

    @cached_property
    def health(self) -> Health | None:
        return None if self.stream is None else health_of(self.stream, now=self.now)

    @cached_property
    def last_day(self) -> LastDay | None:
        return None if self.stream is None else last_days([self.stream.pk], now=self.now)[self.stream.pk]

    @property
    def addresses(self) -> dict[str, str]:
        """Where this page's buttons lead. A form names its stream, in case the first one is another by then."""
        names = ("settings", "test", "preview", "address", "remove")
        if self.is_new:
            return {name: reverse(f"streaming:new_{name}", args=[self.tenant.slug]) for name in names[:4]}
        if self.stream is None:
            return {name: reverse(f"streaming:{name}", args=[self.tenant.slug]) for name in names[:4]}
        return {name: reverse(f"streaming:{name}", args=[self.tenant.slug, self.stream.pk]) for name in names}

    @property
    def home(self) -> str:
        """The page itself: the first stream's is the Audit Log Settings page."""
        if self.stream is None or self.stream == self.streams[0]:
            return self.addresses["settings"] if self.is_new else page_of(self.tenant)
        return self.addresses["settings"]

    def form(self, data: Any = None) -> SettingsForm:
        waiting = self.health.waiting if self.health else 0
        return SettingsForm(
            data, tenant=self.tenant, stream=self.stream, waiting=waiting, name=self._free_name()
        )

    def page(self, form: SettingsForm, *, status: int = 200, **more: Any) -> HttpResponse:
        context = {
            "form": form,
            "stream": self.stream,
            "is_new": self.is_new,
            "health": self.health,
            "last_day": self.last_day,
            "kept_days": days_of(self.tenant),
            "may_try": self.health is not None and self.health.needs_somebody,
            "addresses": self.addresses,
            "home": self.home,
            "tabs": self._tabs() if self.is_new or len(self.streams) > 1 else [],
            "chips": chips(self.stream.entry_filter, tenant=self.tenant) if self.stream else [],
            "untaken": taken_by_none(self.tenant, now=self.now),
            "untaken_days": DAYS,
            "destinations": all_destinations().values(),
            "place": _place(form, asked=SAVED in self.request.GET),
            "suggested_secret": new_secret(),
            "test": self.test(),
            "replay": latest(self.stream) if self.stream else None,
            "replay_since": a_day_before(self.now),
            **more,
        }
        return self.render("streaming/settings.html", context, status=status)

    def test(self) -> ConnectionTest | None:
        """The test that the address names, if it is of this tenant."""
        try:
            wanted = UUID(self.request.GET.get("test", ""))
        except ValueError:
            return None
        return ConnectionTest.objects.filter(tenant=self.tenant, pk=wanted).first()

    def _tabs(self) -> list[dict[str, Any]]:
        kinds = all_destinations()
        return [
            {
                "name": stream.name,
                "kind": kinds[stream.destination_kind].label if stream.destination_kind in kinds else "",
                "health": health_of(stream, now=self.now),
                "href": page_of(self.tenant, stream if number else None),
                "is_current": stream == self.stream,
            }
            for number, stream in enumerate(self.streams)
        ]

    def _free_name(self) -> str:
        taken = {stream.name.casefold() for stream in self.streams}
        names = [FIRST_NAME, *(f"{FIRST_NAME} {number}" for number in range(2, len(taken) + 3))]
        return next(name for name in names if name.casefold() not in taken)


def a_day_before(now: datetime) -> str:
    """For a field that asks since when, on the reader's clock."""
    return timezone.localtime(now - timedelta(days=1)).strftime("%Y-%m-%dT%H:%M")


def page_of(tenant: Tenant, stream: Stream | None = None) -> str:
    """The address of a stream's settings; without one, of the first's."""
    return reverse("streaming:settings", args=[tenant.slug, *([stream.pk] if stream else [])])


def _place(form: SettingsForm, *, asked: bool) -> Place:
    """What the form's values come to; the name server is `asked` where a page without JavaScript has no other way."""
    kind, url = form["destination_kind"].value() or "", form["url"].value() or ""
    return locate(kind, url) if asked else Place(called_address(kind, url))
