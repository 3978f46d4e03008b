"""What the producer's settings say, in one dictionary: `AUDITSITE_CLIENT`.

AUDITSITE_CLIENT = {
    "URL": "https://audit.example",
    "KEY": key_of,  # text, or a function of the tenant that `record()` was given
    "QUEUE": "/var/lib/app/audit-queue",  # a folder; needed for record(), not for the outbox
    "OPTIONS": {"timeout": 10},  # auditsite_client.Options
    "PROXIES": 1,  # trusted proxies in front, for the address of the request
    "ACTOR": actor_of,  # a function of the request; left out: its user
    "NUDGE": True,  # send the outbox from a thread after commit; False where the command runs
}
"""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from auditsite_client.client import Client, Options
from auditsite_client.posting import Poster

KNOWN = {"URL", "KEY", "QUEUE", "OPTIONS", "PROXIES", "ACTOR", "NUDGE"}

_clients: dict[tuple[str, str], Client] = {}
_opening = threading.Lock()


def configured() -> Mapping[str, Any]:
    """The dictionary. Raises ImproperlyConfigured that says what is missing or not known."""
    given: Mapping[str, Any] = getattr(settings, "AUDITSITE_CLIENT", {})
    if missing := {"URL", "KEY"} - given.keys():
        raise ImproperlyConfigured(f"AUDITSITE_CLIENT needs {', '.join(sorted(missing))}.")
    if unknown := given.keys() - KNOWN:
        raise ImproperlyConfigured(
            f"AUDITSITE_CLIENT knows no {', '.join(sorted(unknown))}; known are {', '.join(sorted(KNOWN))}."
        )
    return given


def options() -> Options:
    return Options(**configured().get("OPTIONS", {}))


def client_for(tenant: str) -> Client:
    """The client of a tenant, kept for the life of the process; each has a folder of its own below QUEUE."""
    given = configured()
    if "QUEUE" not in given:
        raise ImproperlyConfigured("AUDITSITE_CLIENT needs QUEUE, a folder on a local disk, for record().")
    if not re.fullmatch(r"[-a-zA-Z0-9_]*", tenant):
        raise ValueError(f"{tenant!r} is no tenant's slug: letters, digits, - and _ only.")
    folder = Path(given["QUEUE"]) / (tenant or "default")
    with _opening:
        if (given["URL"], str(folder)) not in _clients:
            _clients[given["URL"], str(folder)] = Client(
                url=given["URL"], key=key_for(tenant), queue=folder, options=options()
            )
    return _clients[given["URL"], str(folder)]


def poster_for(tenant: str) -> Poster:
    chosen = options()
    return Poster(
        configured()["URL"],
        key_for(tenant),
        timeout=chosen.timeout,
        ca_file=chosen.ca_file,
        plain_http=chosen.plain_http,
    )


def key_for(tenant: str) -> str | Callable[[], str]:
    key: str | Callable[[str], str] = configured()["KEY"]
    return partial(key, tenant) if callable(key) else key


def _in_child() -> None:
    """The clients look after themselves; only a lock that a thread held at the fork is replaced."""
    global _opening  # noqa: PLW0603 - a child has one thread
    _opening = threading.Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_in_child)
