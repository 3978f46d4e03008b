"""The Audit Log Settings page: read and save a stream's settings, add a stream."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect

from audit.callers import actor_of, request_context
from streaming.checking import SettingsRefused
from streaming.configuring import Change, add_stream, save_settings
from streaming.filtering import TIMES, FilterUnusable, as_typed, canonical
from streaming.forms import SettingsForm
from streaming.locating import called_address
from streaming.models import Stream
from streaming.tasks import doorbell
from streaming.transport.urls import parse_url
from streaming.views.stream_page import SAVED, StreamPage, page_of
from streaming.views.testing import TYPED

FROM_VIEW = "filter"
"""Name in the address: the query of an Audit Log view whose filters are to be the stream's."""


class SettingsView(StreamPage):
    """Read and save the settings; `is_new`: of a stream that is yet to be."""

    def get(self, request: HttpRequest, slug: str, stream_id: UUID | None = None) -> HttpResponse:  # noqa: ARG002
        if request.htmx:  # type: ignore[attr-defined] # set by django-htmx
            context = {
                "health": self.health,
                "last_day": self.last_day,
                "stream": self.stream,
                "home": self.home,
            }
            return self.render("streaming/partials/health.html", context)
        form, test = self.form(), self.test()
        if self.is_new:
            form.initial.update(enabled=True)
        if test is not None:
            # Without JavaScript the page was loaded anew: what was typed is still in it, but never the token.
            typed = {name: request.GET[name] for name in TYPED if name in request.GET}
            form.initial.update(typed, enabled=True, destination_kind=test.destination_kind, url=test.url)
        return self.page(form, **self._from_view(form))

    def post(self, request: HttpRequest, slug: str, stream_id: UUID | None = None) -> HttpResponse:  # noqa: ARG002
        form = self.form(request.POST.dict())
        if form.is_valid():
            try:
                stream = self._save(form)
            except SettingsRefused as refused:
                form.refuse(refused.errors)
            else:
                messages.success(request, _saved(stream))
                if stream.enabled:
                    doorbell.ring(stream.pk)
                is_first = not self.streams or stream == self.streams[0]
                return redirect(f"{page_of(self.tenant, None if is_first else stream)}?{SAVED}=1")
        return self.page(form, status=422)

    def _save(self, form: SettingsForm) -> Stream:
        settings = form.settings()
        change = Change(actor_of(self.person), request_context(self.request))
        if self.is_new:
            return add_stream(tenant=self.tenant, settings=settings, change=change, now=self.now)
        known = self.stream.pk if self.stream else None
        return save_settings(
            tenant=self.tenant, settings=settings, change=change, now=self.now, stream_id=known
        )

    def _from_view(self, form: SettingsForm) -> dict[str, Any]:
        """Take the filters of an Audit Log view into the form; says which and what of them was left out."""
        query = self.request.GET.get(FROM_VIEW, "")
        if not query:
            return {}
        params = QueryDict(query, mutable=True)
        timed = [name for name in TIMES if params.pop(name, None)]
        try:
            text = as_typed(canonical(params, tenant=self.tenant), tenant=self.tenant)
        except FilterUnusable as error:
            return {"view": {"problem": str(error)}}
        form.initial.update(enabled=True, entry_filter=text)
        return {"view": {"timed": timed, "query": query}}


def _saved(stream: Stream) -> str:
    if stream.is_paused:
        return "Settings saved. Delivery stays paused until you resume it."
    if not stream.enabled:
        return "Settings saved. Streaming is off."
    host = parse_url(called_address(stream.destination_kind, stream.url)).host
    return f"Settings saved. New entries go to {host}."
