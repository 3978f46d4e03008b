"""Remove a stream: a page of its own says what goes with it, and asks for the stream's name."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from audit import access
from audit.callers import actor_of, request_context
from streaming.configuring import Change
from streaming.removing import RemovalRefused, remove_stream
from streaming.views.stream_page import StreamPage, page_of


class RemoveView(StreamPage):
    """Ask, and remove what was confirmed by its name."""

    def get(self, request: HttpRequest, slug: str, stream_id: UUID) -> HttpResponse:  # noqa: ARG002 - the address's
        return self._ask()

    def post(self, request: HttpRequest, slug: str, stream_id: UUID) -> HttpResponse:  # noqa: ARG002
        try:
            name = remove_stream(
                tenant=self.tenant,
                stream_id=stream_id,
                confirmed=request.POST.get("name", ""),
                change=Change(actor_of(self.person), request_context(request)),
                now=self.now,
            )
        except RemovalRefused as refused:
            return self._ask(str(refused))
        messages.success(request, f"The stream {name} was removed.")
        return redirect(page_of(self.tenant))

    def _ask(self, problem: str = "") -> HttpResponse:
        if self.stream is None:
            raise access.NotFound("no stream")
        context = {
            "stream": self.stream,
            "health": self.health,
            "home": self.home,
            "addresses": self.addresses,
            "problem": problem,
        }
        return self.render("streaming/remove.html", context, status=422 if problem else 200)
