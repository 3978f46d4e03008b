"""Who is behind a request, in the words of an entry: the person as actor, and where the request came from."""

from __future__ import annotations

import ipaddress
import re
from uuid import uuid4

from django.conf import settings
from django.http import HttpRequest

from audit.drafts import Actor, Context
from audit.models import Person

# What a proxy calls a request, when it is fit to be printed; else we name the request ourselves.
REQUEST_ID = re.compile(r"[A-Za-z0-9._:-]{1,128}")
LONGEST_USER_AGENT = 2_000


def actor_of(person: Person) -> Actor:
    """The person as an entry's actor, named as they are now."""
    return Actor(email=person.email, name=person.name, id=str(person.pk))


def request_context(request: HttpRequest) -> Context:
    """Where the request came from, and the name by which the log of the proxy knows it."""
    agent = request.headers.get("User-Agent", "").replace("\x00", "")
    return Context(
        ip=client_ip(request), user_agent=agent[:LONGEST_USER_AGENT] or None, request_id=request_id(request)
    )


def client_ip(request: HttpRequest) -> str | None:
    """The address that talked to us, or to our proxy; None where there is none, as with a Unix socket.

    Only the right-most hop of X-Forwarded-For was written by our proxy: the others are the client's own words.
    """
    address = request.META.get("REMOTE_ADDR", "")
    if settings.BEHIND_PROXY and "HTTP_X_FORWARDED_FOR" in request.META:
        address = request.META["HTTP_X_FORWARDED_FOR"].rpartition(",")[2]
    try:
        return str(ipaddress.ip_address(address.strip()))
    except ValueError:
        return None


def request_id(request: HttpRequest) -> str:
    """The proxy's X-Request-ID, else a name of our own; the same for as long as the request lasts."""
    given = request.headers.get("X-Request-ID", "") if settings.BEHIND_PROXY else ""
    name: str = request.META.setdefault(
        "auditsite.request_id", given if REQUEST_ID.fullmatch(given) else str(uuid4())
    )
    return name
