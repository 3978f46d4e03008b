"""The Audit Log Settings page: read and save the settings."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from audit.callers import actor_of, request_context
from streaming.configuring import Change, SettingsRefused, save_settings
from streaming.models import Stream
from streaming.tasks import doorbell
from streaming.views.stream_page import StreamPage, called_address


class SettingsView(StreamPage):
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


def _saved(stream: Stream) -> str:
    if not stream.enabled:
        return "Settings saved. Streaming is off."
    host = (called_address(stream.destination_kind, stream.url) or stream.url).split("/")[2]
    return f"Settings saved. New entries go to {host}."
