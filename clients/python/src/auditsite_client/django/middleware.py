"""Who acts, from where, in which request: for everything that is recorded while a request is served."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from functools import partial
from inspect import iscoroutinefunction
from typing import Any
from uuid import uuid4

from django.http import HttpRequest, HttpResponse
from django.utils.decorators import sync_and_async_middleware

from auditsite_client.context import Actor, Context, acting
from auditsite_client.django.configured import configured

REQUEST_ID = re.compile(r"[-\w.:/+=]{1,200}", re.ASCII)


@sync_and_async_middleware
def audit_context(get_response: Callable[[HttpRequest], Any]) -> Callable[[HttpRequest], Any]:
    """Put "auditsite_client.django.middleware.audit_context" after AuthenticationMiddleware.

    The request's `X-Request-ID` is kept where it is in order, else one is made; the answer carries it. The actor
    is asked when an entry is recorded, so a sign-in during the request counts.
    """
    if iscoroutinefunction(get_response):
        waited: Callable[[HttpRequest], Awaitable[HttpResponse]] = get_response

        async def serve_async(request: HttpRequest) -> HttpResponse:
            context = context_of(request)
            with acting(context):
                return _marked(await waited(request), context)

        return serve_async

    def serve(request: HttpRequest) -> HttpResponse:
        context = context_of(request)
        with acting(context):
            return _marked(get_response(request), context)

    return serve


def context_of(request: HttpRequest) -> Context:
    given = request.headers.get("X-Request-ID", "")
    return Context(
        actor=partial(configured().get("ACTOR", actor_of), request),
        ip=address_of(request, proxies=configured().get("PROXIES", 0)),
        user_agent=request.headers.get("User-Agent"),
        request_id=given if REQUEST_ID.fullmatch(given) else str(uuid4()),
    )


def actor_of(request: HttpRequest) -> Actor | None:
    """The signed-in user; one without an e-mail address counts as a service account."""
    user: Any = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return None
    if email := getattr(user, "email", ""):
        return {"email": email, "name": _name(user), "id": str(user.pk)}
    return {"type": "service_account", "name": user.get_username(), "id": str(user.pk)}


def _name(user: Any) -> str:
    """A user model without AbstractUser has no `get_full_name()`."""
    named = getattr(user, "get_full_name", None)
    return str(named() if named else getattr(user, "name", ""))


def address_of(request: HttpRequest, *, proxies: int) -> str:
    """Each trusted proxy has added the address that it saw to X-Forwarded-For; what stands before was claimed."""
    forwarded = request.headers.get("X-Forwarded-For", "") if proxies else ""
    addresses = [
        *(part.strip() for part in forwarded.split(",") if part.strip()),
        request.META.get("REMOTE_ADDR", ""),
    ]
    return str(addresses[max(len(addresses) - 1 - proxies, 0)])


def _marked(response: HttpResponse, context: Context) -> HttpResponse:
    response.headers.setdefault("X-Request-ID", context.request_id or "")
    return response
