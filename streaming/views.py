"""The Audit Log Settings page, and Test Connection behind its button."""

from __future__ import annotations

from functools import cached_property
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse

from audit import access
from audit.callers import actor_of, request_context
from audit.views.tenant_view import TenantView
from streaming.asking import ask_for_test
from streaming.configuring import Change, SettingsRefused, save_settings, stream_of
from streaming.destination import SettingsError, all_destinations, destination
from streaming.forms import SettingsForm
from streaming.health import Health, health_of
from streaming.models import ConnectionTest, Stream
from streaming.tasks import BrokerAway, doorbell, start_test

# htmx ends a poll at this status (htmx.org/docs, "polling").
STOP_POLLING = 286


class SettingsBase(TenantView):
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


class SettingsView(SettingsBase):
    """Read and save the settings."""

    def get(self, request: HttpRequest, slug: str) -> HttpResponse:  # noqa: ARG002 - the address's arguments
        if request.htmx:  # type: ignore[attr-defined] # set by django-htmx
            return self.render("streaming/partials/health.html", {"health": self.health})
        form, test = self.form(), self.test()
        if test is not None:
            # Without JavaScript the page was loaded anew: what was typed is still in it, but never the token.
            form.initial.update(enabled=True, destination_kind=test.destination_kind, url=test.url)
        return self.page(form)

    def post(self, request: HttpRequest, slug: str) -> HttpResponse:
        form = self.form(request.POST.dict())
        if form.is_valid():
            change = Change(actor_of(self.person), request_context(request))
            try:
                stream = save_settings(
                    tenant=self.tenant, settings=form.settings(), change=change, now=self.now
                )
            except SettingsRefused as refused:
                form.refuse(refused.errors)
            else:
                messages.success(request, _saved(stream))
                if stream.enabled:
                    doorbell.ring(stream.pk)
                return redirect("streaming:settings", slug=slug)
        return self.page(form, status=422)


class TestView(SettingsBase):
    """Start a test of the form's values as they stand, saved or not."""

    def post(self, request: HttpRequest, slug: str) -> HttpResponse:
        form = self.form({**request.POST.dict(), "enabled": "on"})
        test = self._ask(form) if form.is_valid() else None
        if test is None:
            if request.htmx:  # type: ignore[attr-defined] # set by django-htmx
                return render(request, "streaming/partials/test_result.html", {"form": form})
            return self.page(form, status=422)
        if request.htmx:  # type: ignore[attr-defined] # set by django-htmx
            return self.render("streaming/partials/test_result.html", {"test": test})
        return HttpResponseRedirect(f"{reverse('streaming:settings', args=[slug])}?test={test.pk}")

    def _ask(self, form: SettingsForm) -> ConnectionTest | None:
        try:
            test = ask_for_test(
                tenant=self.tenant, settings=form.settings(), stream=self.stream, by=self.person, now=self.now
            )
            start_test(test.pk)
        except SettingsRefused as refused:
            form.refuse(refused.errors)
            return None
        except BrokerAway as reason:
            form.refuse({"__all__": f"The test could not be started: {reason}"})
            return None
        return test


class TestResultView(SettingsBase):
    """How far a test has come; the last answer ends the page's polling."""

    def get(self, request: HttpRequest, slug: str, test_id: UUID) -> HttpResponse:  # noqa: ARG002
        test = ConnectionTest.objects.filter(tenant=self.tenant, pk=test_id).first()
        if test is None:
            raise access.NotFound(f"no test {test_id}")
        status = STOP_POLLING if test.is_done else 200
        return self.render("streaming/partials/test_result.html", {"test": test}, status=status)


def _saved(stream: Stream) -> str:
    if not stream.enabled:
        return "Settings saved. Streaming is off."
    host = (_address(stream.destination_kind, stream.url) or stream.url).split("/")[2]
    return f"Settings saved. New entries go to {host}."


def _resolved(form: SettingsForm) -> str:
    """The address that will be called, where the form's values give one."""
    return _address(form["destination_kind"].value() or "", form["url"].value() or "")


def _address(kind: str, url: str) -> str:
    try:
        return destination(kind).target_url(url)[0] if url else ""
    except (LookupError, SettingsError):
        return ""
