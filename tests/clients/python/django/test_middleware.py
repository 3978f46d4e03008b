from __future__ import annotations

import asyncio
import re
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from auditsite_client import Context, current
from auditsite_client.django.middleware import actor_of, address_of, audit_context
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from pytest_django import Settings

from audit.models import Person

pytestmark = pytest.mark.usefixtures("producer")
ANA = Person(pk=UUID(int=7), email="ana@acme.example", name="Ana")


def seen(request: HttpRequest, user: Any = ANA) -> tuple[Context, HttpResponse]:
    """The context that a view finds, and the answer."""
    found: list[Context] = []

    def view(request: HttpRequest) -> HttpResponse:
        request.user = user
        found.append(Context(current().who(), current().ip, current().user_agent, current().request_id))
        return HttpResponse()

    response: HttpResponse = audit_context(view)(request)
    return found[0], response


def test_a_view_records_as_the_person_who_asked(rf: RequestFactory) -> None:
    request = rf.get("/", headers={"User-Agent": "Firefox", "X-Request-ID": "r-1"}, REMOTE_ADDR="203.0.113.7")

    context, response = seen(request)

    ana = {"email": "ana@acme.example", "name": "Ana", "id": str(UUID(int=7))}
    assert context == Context(actor=ana, ip="203.0.113.7", user_agent="Firefox", request_id="r-1")
    assert response["X-Request-ID"] == "r-1"
    assert current() == Context()


@pytest.mark.parametrize("given", ["", "with blanks", "x" * 201, "line\nbreak"])
def test_a_request_without_a_usable_id_gets_one(rf: RequestFactory, given: str) -> None:
    context, response = seen(rf.get("/", headers={"X-Request-ID": given} if given else {}))

    assert re.fullmatch(r"[0-9a-f-]{36}", context.request_id or "")
    assert response["X-Request-ID"] == context.request_id


def test_nobody_signed_in_is_no_actor(rf: RequestFactory) -> None:
    context, _ = seen(rf.get("/"), AnonymousUser())

    assert context.actor is None


def test_a_user_without_an_address_is_a_service_account(rf: RequestFactory) -> None:
    request = rf.get("/")
    request.user = SimpleNamespace(is_authenticated=True, pk=3, get_username=lambda: "importer")  # type: ignore[assignment] # another project's

    assert actor_of(request) == {"type": "service_account", "name": "importer", "id": "3"}


def test_a_project_may_say_itself_who_acts(rf: RequestFactory, settings: Settings) -> None:
    settings.AUDITSITE_CLIENT = {
        **settings.AUDITSITE_CLIENT,
        "ACTOR": lambda request: request.headers["X-Who"],
    }

    context, _ = seen(rf.get("/", headers={"X-Who": "vic@acme.example"}))

    assert context.actor == "vic@acme.example"


@pytest.mark.parametrize(
    ("forwarded", "proxies", "address"),
    [
        ("", 0, "10.0.0.1"),
        ("6.6.6.6", 0, "10.0.0.1"),
        ("203.0.113.7", 1, "203.0.113.7"),
        ("6.6.6.6, 203.0.113.7", 1, "203.0.113.7"),
        ("6.6.6.6, 203.0.113.7, 10.0.0.2", 2, "203.0.113.7"),
        ("", 1, "10.0.0.1"),
    ],
)
def test_only_what_a_trusted_proxy_saw_counts(
    rf: RequestFactory, forwarded: str, proxies: int, address: str
) -> None:
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}

    assert address_of(rf.get("/", headers=headers, REMOTE_ADDR="10.0.0.1"), proxies=proxies) == address


def test_an_async_view_has_its_context_too(rf: RequestFactory) -> None:
    async def view(request: HttpRequest) -> HttpResponse:
        request.user = ANA
        await asyncio.sleep(0)
        return HttpResponse(str(current().ip))

    async def serve() -> HttpResponse:
        response: HttpResponse = await audit_context(view)(rf.get("/", REMOTE_ADDR="203.0.113.7"))
        return response

    assert asyncio.run(serve()).content == b"203.0.113.7"
