"""Pause and Resume beneath the health card; what waits follows, or is left out by the number that was shown."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from audit.callers import actor_of, request_context
from streaming.changing import Change
from streaming.checking import NOW, RESUME
from streaming.switching import Begun, pause, resume
from streaming.tasks import doorbell
from streaming.views.stream_page import StreamPage

NOTHING = "Nothing was changed: the stream is in another state by now."


class PauseView(StreamPage):
    """One stream is paused, or goes on."""

    def get(self, request: HttpRequest, slug: str, stream_id: UUID) -> HttpResponse:  # noqa: ARG002 - the address's
        return redirect(self.home)

    def post(self, request: HttpRequest, slug: str, stream_id: UUID) -> HttpResponse:  # noqa: ARG002
        change = Change(actor_of(self.person), request_context(request))
        if request.POST.get("do") == "pause":
            if pause(self.chosen.pk, change=change, now=self.now):
                messages.success(request, "Paused. Entries wait here, in order, until you resume.")
            else:
                messages.warning(request, NOTHING)
            return redirect(self.home)
        through = request.POST.get("through", "")
        begun = resume(
            self.chosen.pk,
            change=change,
            now=self.now,
            catch_up=NOW if request.POST.get("do") == "resume_from_now" else RESUME,
            through=int(through) if through.isascii() and through.isdigit() and len(through) < 19 else None,
        )
        if begun is None:
            messages.warning(request, NOTHING)
        else:
            doorbell.ring(self.chosen.pk)
            messages.success(request, _resumed(begun))
        return redirect(self.home)


def _resumed(begun: Begun) -> str:
    if begun.left_out:
        noun = "entry was" if begun.left_out == 1 else "entries were"
        return f"Resumed from now. {begun.left_out:,} {noun} left out and stay in the Audit Log."
    if not begun.waiting:
        return "Resumed. No entry was waiting."
    noun = "entry follows" if begun.waiting == 1 else "entries follow"
    return f"Resumed. {begun.waiting:,} {noun} in order."
