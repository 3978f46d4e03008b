"""Preview behind its button: what the values in the form would have sent, and the exact bytes of it as a file."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from streaming.checking import SettingsRefused
from streaming.coverage import DAYS
from streaming.forms import SettingsForm
from streaming.previewing import Preview, preview
from streaming.views.stream_page import StreamPage

FILE = "preview.bin"


class PreviewView(StreamPage):
    """What the form's values would do, saved or not. Nothing is sent and nothing is kept."""

    def get(self, request: HttpRequest, slug: str, stream_id: UUID | None = None) -> HttpResponse:  # noqa: ARG002
        """Reloaded, a preview leads back to the form: its values were in the request of before."""
        return redirect(self.home)

    def post(self, request: HttpRequest, slug: str, stream_id: UUID | None = None) -> HttpResponse:  # noqa: ARG002
        form = self.form({**request.POST.dict(), "enabled": "on"})
        found = self._preview(form)
        if found is not None and "bytes" in request.POST:
            disposition = f'attachment; filename="{FILE}"'
            headers = {"Content-Disposition": disposition, "X-Content-Type-Options": "nosniff"}
            return HttpResponse(found.body, content_type="application/octet-stream", headers=headers)
        context = {"preview": found, "preview_days": DAYS, "previewed": True}
        if request.htmx:  # type: ignore[attr-defined] # set by django-htmx
            fragment = {**context, "form": form, "addresses": self.addresses}
            return self.render("streaming/partials/preview_result.html", fragment)
        return self.page(form, status=422 if found is None else 200, **context)

    def _preview(self, form: SettingsForm) -> Preview | None:
        if not form.is_valid():
            return None
        try:
            return preview(tenant=self.tenant, settings=form.settings(), stream=self.stream, now=self.now)
        except SettingsRefused as refused:
            form.refuse(refused.errors)
            return None
