"""How to search, for readers of the log: the document itself, which is one screen long and reads as plain text."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from audit.views.tenant_view import TenantView

DOCUMENT = settings.BASE_DIR / "docs" / "searching.md"


class SearchingView(TenantView):
    """`GET /t/<slug>/audit-log/searching/`"""

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest, slug: str) -> HttpResponse:  # noqa: ARG002 - the same for all
        return HttpResponse(DOCUMENT.read_bytes(), content_type="text/plain; charset=utf-8")
