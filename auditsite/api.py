"""The HTTP API as a whole: the log's routes and streaming's, one way to refuse, its description and its docs."""

from __future__ import annotations

import copy
import functools
import json
import logging
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.exceptions import SuspiciousOperation
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import render
from django.urls import URLPattern
from django.views.decorators.csrf import csrf_exempt
from ninja import NinjaAPI
from ninja.errors import ValidationError
from ninja.openapi.docs import DocsBase
from ninja.openapi.schema import OpenAPISchema

from audit.api import description, routes
from audit.api.answers import Refusal, problem_answer
from audit.drafts import Problem
from streaming import api as streams

log = logging.getLogger(__name__)
View = Callable[..., HttpResponse]

ABOUT = (
    "Send entries into a tenant's audit log, and read it. Every operation needs an API key of the tenant in the "
    "header `Authorization: Bearer <key>`; its scopes (`ingest`, `read`) say what it opens. Every refusal is a problem "
    "document (RFC 9457) that says what is wrong and what to do."
)


FAILED = "Something failed here, and was logged. Try again: what has an external_id is never recorded twice."


class DocsPage(DocsBase):
    """The OpenAPI document as a page of the site: no script, nothing from elsewhere."""

    def render_page(self, request: HttpRequest, api: NinjaAPI, **kwargs: Any) -> HttpResponse:  # noqa: ARG002 - ninja's signature
        document = api.get_openapi_schema()
        operations = [
            _shown(operation, method=method, path=path)
            for path, methods in document["paths"].items()
            for method, operation in methods.items()
        ]
        schemas = document["components"]["schemas"]
        context = {"document": document, "operations": operations, "schemas": schemas}
        return render(request, "api/docs.html", context)


def _shown(operation: dict[str, Any], *, method: str, path: str) -> dict[str, Any]:
    """An operation as the docs page shows it: examples as text, and the names of the types of its answers."""
    shown = copy.deepcopy({**operation, "method": method.upper(), "path": path})
    for content in shown.get("requestBody", {}).get("content", {}).values():
        for example in content.get("examples", {}).values():
            value = example["value"]
            example["text"] = value if isinstance(value, str) else json.dumps(value, indent=2)
    for answer in shown["responses"].values():
        schemas = [content.get("schema", {}) for content in answer.get("content", {}).values()]
        answer["shapes"] = [schema["$ref"].rpartition("/")[2] for schema in schemas if "$ref" in schema]
    return shown


class AuditsiteAPI(NinjaAPI):
    """Adds the types of the bodies, which msgspec describes, to the description that ninja makes."""

    def get_openapi_schema(self, **kwargs: Any) -> OpenAPISchema:
        document = super().get_openapi_schema(**kwargs)
        document["components"]["schemas"].update({**description.schemas(), **streams.schemas()})
        return document


api = AuditsiteAPI(
    title="Auditsite",
    version=settings.VERSION,
    description=ABOUT,
    urls_namespace="api-v1",
    docs=DocsPage(),
)
api.add_router("", routes.router)
api.add_router("", streams.router)


@api.exception_handler(Refusal)
def refused(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    return problem_answer(request, refusal)


@api.exception_handler(ValidationError)
def invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    """A part of the address that is not of its type: an id that is no UUID names nothing."""
    if all(e["loc"][0] == "path" for e in error.errors):
        return missing(request)
    problems = [Problem("/".join(map(str, e["loc"])), e["msg"], e["type"]) for e in error.errors]
    refusal = Refusal(400, "query-invalid", "The query cannot be used: see errors.", problems=problems)
    return problem_answer(request, refusal)


@csrf_exempt
def missing(request: HttpRequest) -> HttpResponse:
    """Any other address below /api/."""
    detail = f"There is nothing at {request.path}. The API is described at /api/v1/docs."
    return problem_answer(request, Refusal(404, "address-unknown", detail))


def in_problems(view: View) -> View:
    """The view, with every refusal of the frameworks below it as a problem document too."""

    @csrf_exempt  # keys, not cookies, open this API
    @functools.wraps(view)
    def answered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            response = view(request, *args, **kwargs)
        except (OperationalError, InterfaceError):
            raise  # the database is away: DatabaseGoneMiddleware answers
        except Http404:
            return missing(request)
        except SuspiciousOperation as error:
            return problem_answer(
                request, Refusal(400, "request-refused", f"This request is refused: {error}")
            )
        except Exception:
            log.exception("%s %s failed", request.method, request.path)
            return problem_answer(request, Refusal(500, "failed", FAILED))
        if isinstance(response, HttpResponseNotAllowed):
            allowed = response["Allow"]
            detail = f"{request.method} is not taken here; {allowed} is."
            return problem_answer(request, Refusal(405, "method", detail, headers={"Allow": allowed}))
        return response

    return answered


def urls() -> tuple[list[Any], str, str]:
    """The API's addresses, for `path("api/v1/", …)`."""
    patterns, app_name, namespace = api.urls
    for pattern in patterns:
        if isinstance(pattern, URLPattern):
            pattern.callback = in_problems(pattern.callback)
    return patterns, app_name, namespace
