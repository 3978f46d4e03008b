"""Pages go over the wire compressed: a log of fifty rows is a hundred kilobytes of markup that says much alike."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponseBase
from django.middleware.gzip import GZipMiddleware


class CompressedPagesMiddleware(GZipMiddleware):
    """Compresses whole answers for who takes it; a file that is streamed goes as it was asked for.

    Django adds up to a hundred random bytes to each, so that lengths tell nothing of the secrets in a page (BREACH).
    """

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        if response.streaming:
            return response
        compressed: HttpResponseBase = super().process_response(request, response)
        return compressed
