"""The line under the URL: the address that would be called, and what its host resolves to, while it is entered."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from streaming.locating import locate
from streaming.views.stream_page import StreamPage


class AddressView(StreamPage):
    """What the form's URL and type come to. Nothing is sent there, and nothing is kept."""

    def get(self, request: HttpRequest, slug: str, stream_id: UUID | None = None) -> HttpResponse:  # noqa: ARG002
        return redirect(self.home)

    def post(self, request: HttpRequest, slug: str, stream_id: UUID | None = None) -> HttpResponse:  # noqa: ARG002
        place = locate(request.POST.get("destination_kind", ""), request.POST.get("url", ""))
        return self.render("streaming/partials/address.html", {"place": place})
