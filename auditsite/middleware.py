"""Middleware of the whole site: answers while the database is away, and pages that no cache keeps."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from functools import cache

from django.db import DatabaseError, InterfaceError, OperationalError, connection
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import ResolverMatch, resolve
from django.utils.cache import add_never_cache_headers

GetResponse = Callable[[HttpRequest], HttpResponse]
log = logging.getLogger(__name__)

# A producer waits this long before it sends the same request again.
RETRY_AFTER = "5"
# What the middleware of pages would add, for an answer that is no page.
PLAIN_HEADERS = {
    "Cache-Control": "no-store, private",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "X-Frame-Options": "DENY",
}


class DatabaseGoneMiddleware:
    """Answers 503 with Retry-After while PostgreSQL cannot be reached; the next request finds it by itself."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, OperationalError | InterfaceError):
            return None
        log.error("The database does not answer: %s", exception)
        return unavailable(request)


def unavailable(request: HttpRequest) -> HttpResponse:
    """A 503 in the form that the caller reads: a problem document for the API, a page for people."""
    _let_go_of_the_connection()
    if request.path.startswith("/api/"):
        problem = {
            "type": "about:blank",
            "title": "Service unavailable",
            "status": 503,
            "detail": "The database does not answer. Send the same request again: what has an external_id is "
            "never recorded twice.",
            "errors": [],
        }
        response = HttpResponse(json.dumps(problem), status=503, content_type="application/problem+json")
    else:
        response = render(None, "503.html", status=503)
    response["Retry-After"] = RETRY_AFTER
    return response


def _let_go_of_the_connection() -> None:
    try:
        connection.close()
    except DatabaseError:
        log.info("The lost connection could not be closed; a new one is made for the next request.")


class IngestRoadMiddleware:
    """Entries that come in go straight to their view, past what only people's pages need.

    Sessions, cookies, messages and the policies of pages take longer than a single entry does. The answer is JSON,
    which no cache keeps and no browser runs; whoever sends entries is known by the API's own key.
    """

    PATH = "/api/v1/entries"
    # In the environment of a request: the database went away while `auditsite.ingest_road` recorded what it holds.
    GONE = "auditsite.database_gone"

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method != "POST" or request.path_info != self.PATH:
            return self.get_response(request)
        request.get_host()  # refuses a host that is not ours
        request.resolver_match = match = _ingest()
        try:
            if self.GONE in request.META:
                raise request.META[self.GONE]
            response: HttpResponse = match.func(request)
        except (OperationalError, InterfaceError) as error:
            log.error("The database does not answer: %s", error)  # noqa: TRY400 - it says no more than its text
            response = unavailable(request)
        return plain(response)


def plain(response: HttpResponse) -> HttpResponse:
    """The answer with the headers that an answer to entries has."""
    for name, value in PLAIN_HEADERS.items():
        response[name] = value
    response["Content-Length"] = str(len(response.content))
    return response


@cache
def _ingest() -> ResolverMatch:
    """Looked up once: it is one address, and going through all of them takes a tenth of a request."""
    return resolve(IngestRoadMiddleware.PATH)


class PrivatePagesMiddleware:
    """What a signed-in person sees is kept by no cache (ASVS 14.3.2)."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if not response.has_header("Cache-Control"):
            add_never_cache_headers(response)
        return response
