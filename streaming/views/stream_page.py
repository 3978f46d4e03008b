"""What the pages of the Audit Log Settings share: the stream, its health, its form and its test."""

from __future__ import annotations

from functools import cached_property
from typing import Any
from uuid import UUID

from django.http import HttpResponse

from audit import access
from audit.views.tenant_view import TenantView
from streaming.configuring import stream_of
from streaming.destination import SettingsError, all_destinations, destination
from streaming.forms import SettingsForm
from streaming.health import Health, health_of
from streaming.models import ConnectionTest, Stream


class StreamPage(TenantView):
    """What the pages of the settings share: they are open to those who administer the tenant."""

    def permit(self) -> None:
        access.require(allowed=self.may.administer, to="change the streaming settings")

    @cached_property
    def stream(self) -> Stream | None:
        return stream_of(self.tenant)

    @cached_property
    def health(self) -> Health | None:
        return None if self.stream is None else health_of(self.stream, now=self.now)

    def form(self, data: Any = None) -> SettingsForm:
        return SettingsForm(data, stream=self.stream, waiting=self.health.waiting if self.health else 0)

    def page(self, form: SettingsForm, *, status: int = 200) -> HttpResponse:
        context = {
            "form": form,
            "stream": self.stream,
            "health": self.health,
            "destinations": all_destinations().values(),
            "resolved_url": _resolved(form),
            "test": self.test(),
        }
        return self.render("streaming/settings.html", context, status=status)

    def test(self) -> ConnectionTest | None:
        """The test that the address names, if it is of this tenant."""
        try:
            wanted = UUID(self.request.GET.get("test", ""))
        except ValueError:
            return None
        return ConnectionTest.objects.filter(tenant=self.tenant, pk=wanted).first()


def _resolved(form: SettingsForm) -> str:
    """The address that will be called, where the form's values give one."""
    return called_address(form["destination_kind"].value() or "", form["url"].value() or "")


def called_address(kind: str, url: str) -> str:
    try:
        return destination(kind).target_url(url)[0] if url else ""
    except (LookupError, SettingsError):
        return ""
