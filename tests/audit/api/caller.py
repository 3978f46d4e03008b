"""A service that talks to the API with a key."""

from __future__ import annotations

import json
from typing import Any

from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from audit.drafts import Actor
from audit.keys import make_key
from audit.models import Scope, Tenant

ENTRIES = "/api/v1/entries"
ENTRY: dict[str, Any] = {
    "event": "workflows.workflow_published",
    "actor": {"email": "ana@acme.example", "name": "Ana"},
    "parameters": {"workflow_name": "Triage"},
}


def entry(**fields: Any) -> dict[str, Any]:
    return {**ENTRY, **fields}


class Caller:
    """Sends what a service would send, and refuses an error that is no problem document."""

    def __init__(self, key: str | None) -> None:
        self.client = Client(raise_request_exception=False)
        self.headers = {} if key is None else {"Authorization": f"Bearer {key}"}

    def post(self, body: Any, *, kind: str = "application/json", **headers: str) -> HttpResponse:
        """Bytes go as they are, anything else as JSON."""
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self._checked(
            self.client.post(ENTRIES, content, content_type=kind, headers={**self.headers, **named})
        )

    def get(self, path: str = ENTRIES, **query: Any) -> HttpResponse:
        return self._checked(self.client.get(path, query, headers=self.headers))

    @staticmethod
    def _checked(response: Any) -> HttpResponse:
        if response.status_code >= 400:
            assert response["Content-Type"] == "application/problem+json", response.content
            problem = response.json()
            assert problem.keys() == {"type", "title", "status", "detail", "errors"}
            assert problem["status"] == response.status_code
            assert problem["detail"]
        assert isinstance(response, HttpResponse)
        return response


def caller(tenant: Tenant, *scopes: str, name: str = "platform") -> Caller:
    """A service with a fresh key of this tenant. Making it is the first entry of the tenant's log."""
    ana = Actor(email="ana@acme.example")
    scopes = scopes or (Scope.INGEST, Scope.READ)
    _, key = make_key(tenant=tenant, name=name, scopes=scopes, now=timezone.now(), actor=ana)
    return Caller(key)


def errors(response: HttpResponse) -> dict[str, str]:
    """Place and code of each mistake."""
    return {problem["loc"]: problem["type"] for problem in json.loads(response.content)["errors"]}


def answered(response: Any) -> Any:
    return json.loads(response.content)
