"""Requests to POST /api/v1/entries as a server hands them on, and what is answered to them."""

from __future__ import annotations

from io import BytesIO
from typing import Any, NamedTuple

from django.core.handlers.wsgi import WSGIHandler
from django.test import RequestFactory
from django.utils import timezone

from audit.drafts import Actor
from audit.keys import make_key
from audit.models import ApiKey, Scope, Tenant
from auditsite.ingest_road import Environment, IngestRoad
from tests.audit.api.caller import ENTRIES


class Answered(NamedTuple):
    """What went over the wire."""

    status: str
    headers: list[tuple[str, str]]
    body: bytes


class Way:
    """A WSGI application in which entries end; `long` counts those that reached the site behind it."""

    def __init__(self, *, short: bool) -> None:
        self.long = 0
        self._site = WSGIHandler()
        self._application = IngestRoad(self._through) if short else self._through

    def _through(self, environment: Environment, start: Any) -> Any:
        self.long += 1
        return self._site(environment, start)

    def send(self, request: Environment) -> Answered:
        told: list[Any] = []
        parts: Any = self._application(request, lambda status, headers: told.extend((status, headers)))
        try:
            body = b"".join(parts)
        finally:
            parts.close()
        return Answered(told[0], told[1], body)


def request(
    body: bytes,
    *,
    key: str | None = None,
    kind: str = "application/json",
    method: str = "POST",
    path: str = ENTRIES,
    **environment: str | None,
) -> Environment:
    """A server's environment; what is None in `environment` is left out."""
    made: Environment = RequestFactory().generic(method, path, body, content_type=kind).environ
    made["wsgi.input"] = BytesIO(body)
    if key is not None:
        made["HTTP_AUTHORIZATION"] = f"Bearer {key}"
    made.update(environment)
    return {name: value for name, value in made.items() if value is not None}


def new_key(tenant: Tenant, *scopes: str, **fields: Any) -> tuple[ApiKey, str]:
    """A key of the tenant, and its text. Making it is an entry."""
    return make_key(
        tenant=tenant, name="platform", scopes=scopes or (Scope.INGEST,), now=timezone.now(),
        actor=Actor(email="ana@acme.example"), **fields,
    )  # fmt: skip
