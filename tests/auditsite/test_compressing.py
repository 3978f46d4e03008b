from __future__ import annotations

import gzip

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.test import Client

from audit.models import Person, Tenant
from auditsite.compressing import CompressedPagesMiddleware


def answered(response: HttpResponseBase, *, accepts: str = "gzip") -> HttpResponseBase:
    request = HttpRequest()
    request.META["HTTP_ACCEPT_ENCODING"] = accepts
    return CompressedPagesMiddleware(lambda _request: response).process_response(request, response)


def test_a_page_goes_compressed_to_who_takes_it() -> None:
    words = "entry " * 500

    page = answered(HttpResponse(words))

    assert isinstance(page, HttpResponse)
    assert page["Content-Encoding"] == "gzip"
    assert len(page.content) < len(words) / 4
    assert gzip.decompress(page.content).decode() == words
    assert "Content-Encoding" not in answered(HttpResponse(words), accepts="identity").headers


def test_a_file_that_is_streamed_goes_as_it_was_asked_for() -> None:
    file = answered(StreamingHttpResponse([b"x" * 5_000]))

    assert "Content-Encoding" not in file.headers


def test_the_log_page_goes_compressed(client: Client, acme: Tenant, ana: Person) -> None:
    client.force_login(ana)

    page = client.get(f"/t/{acme.slug}/audit-log/", headers={"Accept-Encoding": "gzip"})

    assert page["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in page["Vary"]
