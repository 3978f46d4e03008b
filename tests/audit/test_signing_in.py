"""No road into the site goes past the log: Django's own functions are heard too."""

from __future__ import annotations

import pytest
from django.contrib.auth import authenticate, login
from django.contrib.sessions.backends.db import SessionStore
from django.test import Client, RequestFactory

from audit.models import AuditEntry, Person, Tenant
from tests.conftest import PASSWORD

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


def test_a_sign_in_past_our_pages_is_recorded_too(ana: Person, acme: Tenant, rf: RequestFactory) -> None:
    request = rf.post("/elsewhere/")
    request.session = SessionStore()

    login(request, ana, BACKEND)

    assert AuditEntry.objects.of(acme).get().event == "users.user_logged_in"


def test_credentials_tried_past_our_pages_are_recorded_too(
    ana: Person, acme: Tenant, rf: RequestFactory
) -> None:
    assert authenticate(rf.post("/"), username=ana.email, password="a wrong password") is None

    assert AuditEntry.objects.of(acme).get().event == "users.sign_in_failed"


def test_a_session_that_a_program_made_is_no_sign_in(ana: Person, acme: Tenant, client: Client) -> None:
    client.force_login(ana)

    assert not AuditEntry.objects.of(acme).exists()


def test_an_entry_says_which_browser_it_was_and_names_the_request(
    ana: Person, acme: Tenant, client: Client
) -> None:
    form = {"login": ana.email, "password": PASSWORD}

    client.post("/accounts/login/", form, headers={"user-agent": "Firefox\x00 9"}, REMOTE_ADDR="2001:db8::1")

    body = bytes(AuditEntry.objects.of(acme).get().body)
    assert b'"ip":"2001:db8::1"' in body
    assert b'"user_agent":"Firefox 9"' in body
    assert b'"request_id":"' in body


@pytest.mark.django_db
def test_credentials_without_an_address_fail_quietly(rf: RequestFactory) -> None:
    assert authenticate(rf.post("/"), token="x") is None
    assert authenticate(None, email="nobody@acme.example", password="a wrong password") is None
