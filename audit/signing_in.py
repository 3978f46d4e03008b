"""Signing in and out, and what did not succeed, as entries in the log of each tenant that the person belongs to.

Listens to Django's own signals, so that no road into the site goes past it. A receiver that cannot record raises:
the sign-in fails with it.
"""

from __future__ import annotations

import logging
from typing import Any

from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.http import HttpRequest
from django.utils import timezone

from audit import people
from audit.callers import actor_of, client_ip, request_context
from audit.catalog.areas import users
from audit.models import Person

METHOD = "password"
WRONG_PASSWORD, DEACTIVATED = "wrong password", "deactivated"

log = logging.getLogger(__name__)


def listen() -> None:
    """Record from now on; called once, when the app is ready."""
    user_logged_in.connect(_signed_in, dispatch_uid="audit.signed_in")
    user_logged_out.connect(_signed_out, dispatch_uid="audit.signed_out")
    user_login_failed.connect(_failed, dispatch_uid="audit.sign_in_failed")


def _signed_in(request: HttpRequest | None, user: Person, **_: Any) -> None:
    _record(user, people.Said(users.USER_LOGGED_IN, {"method": METHOD}), request)


def _signed_out(request: HttpRequest | None, user: Person | None, **_: Any) -> None:
    if user is not None:
        _record(user, people.Said(users.USER_LOGGED_OUT, {}), request)


def _failed(request: HttpRequest | None, credentials: dict[str, Any], **_: Any) -> None:
    """Django has taken the password out of the credentials before it tells us."""
    email = str(credentials.get("email") or credentials.get("username") or "")
    person = Person.objects.filter(email=email.lower()).first()
    if person is None:
        ip = client_ip(request) if request is not None else None
        log.warning("Sign-in failed: nobody here has the address %r; tried from %s.", email, ip)
        return
    reason = WRONG_PASSWORD if person.is_active else DEACTIVATED
    told = {"method": METHOD, "reason": reason}
    _record(person, people.Said(users.SIGN_IN_FAILED, told, outcome="failure"), request)


def _record(person: Person, said: people.Said, request: HttpRequest | None) -> None:
    if request is None or request.method is None:
        return  # A program made the session, as `Client.force_login` does: nobody came in over the network.
    now = timezone.now()  # noqa: TID251 - signals of a request's views carry no time
    by = people.By(actor_of(person), now, request_context(request))
    if not people.record_in_each_tenant(person, said, by=by):
        log.info(
            "%s: %s, a member of no tenant, from %s.", said.event.label, person.email, client_ip(request)
        )
