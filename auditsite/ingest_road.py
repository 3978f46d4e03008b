"""The short way of `POST /api/v1/entries`, before Django: a request there costs more than a single entry does.

What it takes is answered as the site answers it, header by header. Everything else - a key that comes by for the first
time, a mistake, an address with a query, a host that is not ours - goes on to the site as it came.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from functools import lru_cache
from io import BytesIO
from typing import Any

from django.core.exceptions import SuspiciousOperation
from django.core.handlers.wsgi import WSGIRequest
from django.db import InterfaceError, OperationalError, close_old_connections, connection
from django.http import HttpResponse
from django.middleware.security import SecurityMiddleware

from audit.api import express
from audit.api.answers import JSON, note_use
from audit.api.bodies import LARGEST_BODY, NDJSON_TYPES
from auditsite.middleware import IngestRoadMiddleware, plain

log = logging.getLogger(__name__)

Environment = dict[str, Any]
Headers = list[tuple[str, str]]
# Of an answer, those before the one that tells its length and those after it.
Parted = tuple[Headers, Headers]
Application = Callable[[Environment, Callable[..., Any]], Iterable[bytes]]

LINES = dict.fromkeys(NDJSON_TYPES, True) | {JSON: False}
PACKED = {None: False, "gzip": True}
CREATED = "201 Created"
BEARER = "Bearer "
LENGTH = "Content-Length"
# What the headers of an answer, and whether there is one, depend on beside the entries.
ASKED_BY = ("wsgi.url_scheme", "HTTP_HOST", "SERVER_NAME", "SERVER_PORT", "HTTP_X_FORWARDED_PROTO")


class IngestRoad:
    """A WSGI application before the site's own."""

    def __init__(self, site: Application) -> None:
        self._site = site

    def __call__(self, environment: Environment, start: Callable[..., Any]) -> Iterable[bytes]:
        headers = _headers_for(environment)
        if headers is None:
            return self._site(environment, start)
        taken = _taken(environment)
        if taken is None:
            return self._site(environment, start)
        before, after = headers
        start(CREATED, [*before, (LENGTH, str(len(taken.answer))), *after])
        return _Answer(taken)


class _Answer:
    """An answer of one part. That the key was used is noted once it is out."""

    def __init__(self, taken: express.Taken) -> None:
        self._taken = taken

    def __iter__(self) -> Any:
        yield self._taken.answer

    def close(self) -> None:
        note_use(self._taken.key)


def _headers_for(environment: Environment) -> Parted | None:
    """The headers of the answer 201; None for a request that the site has to look at."""
    if (
        environment["REQUEST_METHOD"] != "POST"
        or environment.get("PATH_INFO") != IngestRoadMiddleware.PATH
        or environment.get("SCRIPT_NAME")
        or environment.get("QUERY_STRING")
        or environment.get("CONTENT_TYPE") not in LINES
        or environment.get("HTTP_CONTENT_ENCODING") not in PACKED
        or "HTTP_TRANSFER_ENCODING" in environment
        or not environment.get("HTTP_AUTHORIZATION", "").startswith(BEARER)
    ):
        return None
    return _headers(*(environment.get(name) for name in ASKED_BY))


@lru_cache(maxsize=1_000)
def _headers(*asked_by: str | None) -> Parted | None:
    """What the site's own middleware puts on such an answer; None where it answers itself."""
    named = {name: value for name, value in zip(ASKED_BY, asked_by, strict=True) if value is not None}
    request = WSGIRequest(
        {**named, "REQUEST_METHOD": "POST", "PATH_INFO": IngestRoadMiddleware.PATH, "wsgi.input": BytesIO()}
    )
    answer = plain(HttpResponse(content_type=JSON))
    try:
        request.get_host()
    except SuspiciousOperation:
        return None
    if SecurityMiddleware(lambda _: answer)(request) is not answer:
        return None  # it leads to HTTPS
    headers = list(answer.items())
    at = [name for name, _ in headers].index(LENGTH)
    return headers[:at], headers[at + 1 :]


def _taken(environment: Environment) -> express.Taken | None:
    """What became of the entries; None for the site to do it, which reads the body anew."""
    content = _content(environment)
    if content is None:
        return None
    close_old_connections()
    # Whether it still stands is found out by asking what is to be asked, or by listening.
    connection.health_check_done = True  # type: ignore[attr-defined] # Django's types leave it out
    try:
        return express.take(
            content,
            lines=LINES[environment["CONTENT_TYPE"]],
            packed=PACKED[environment.get("HTTP_CONTENT_ENCODING")],
            secret=environment["HTTP_AUTHORIZATION"].removeprefix(BEARER).strip(),
        )
    except (OperationalError, InterfaceError) as error:
        environment[IngestRoadMiddleware.GONE] = error
    except Exception:
        log.exception("Entries were not recorded on the short way; the site tries again")
    return None


def _content(environment: Environment) -> bytes | None:
    length = environment.get("CONTENT_LENGTH") or ""
    if not (length.isascii() and length.isdigit() and int(length) <= LARGEST_BODY):
        return None
    try:
        content: bytes = environment["wsgi.input"].read(int(length))
    except OSError as error:
        environment["wsgi.input"] = _Broken(error)
        return None
    environment["wsgi.input"] = BytesIO(content)
    return content if len(content) == int(length) else None


class _Broken:
    """A body that broke off: whoever reads it hears so again."""

    def __init__(self, error: OSError) -> None:
        self._error = error

    def read(self, size: int = -1) -> bytes:  # noqa: ARG002 - a file's signature
        raise self._error
