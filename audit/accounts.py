"""How accounts work here: nobody signs up by themselves, and no session begins or ends without its entry."""

from __future__ import annotations

from allauth.account.adapter import DefaultAccountAdapter
from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from django.http import HttpRequest

from audit.callers import client_ip
from audit.models import Person


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc] # allauth has no types
    """People are invited by a tenant's admins or made by staff."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": "The e-mail address or the password is not right.",
        "incorrect_password": "This is not your password.",
        "too_many_login_attempts": "Too many failed tries. Wait five minutes, then try again.",
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002 - allauth's signature
        return False

    def login(self, request: HttpRequest, user: Person) -> None:
        """Begin the session and record it (audit.signing_in) in one transaction: both are there, or neither."""
        try:
            with transaction.atomic():
                super().login(request, user)
                request.session.save()
        except BaseException:
            # What is left of it in memory must not be saved at the end of the request.
            request.session = type(request.session)()
            request.user = AnonymousUser()
            raise

    def logout(self, request: HttpRequest) -> None:
        with transaction.atomic():
            super().logout(request)

    def get_client_ip(self, request: HttpRequest) -> str:
        """For the limit of tries, by our own rule of which proxy is believed; callers without an address share one."""
        return client_ip(request) or "unknown"
