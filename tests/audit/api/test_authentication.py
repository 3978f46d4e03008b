"""Keys open what their scopes say, and nothing else."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from audit.drafts import Actor
from audit.keys import revoke_key
from audit.models import ApiKey, AuditEntry, Scope, Tenant
from tests.audit.api.caller import ENTRIES, ENTRY, Caller, answered, caller, entry


def _refused(response: HttpResponse, *, says: str) -> None:
    assert response.status_code == 401
    assert response["WWW-Authenticate"].startswith("Bearer")
    assert says in answered(response)["detail"]
    assert not AuditEntry.objects.filter(event=ENTRY["event"]).exists()


@pytest.mark.django_db
@pytest.mark.parametrize("header", [{}, {"Authorization": "Basic YTpi"}, {"Authorization": ""}])
def test_without_a_bearer_key_the_caller_is_told_how_to_send_one(header: dict[str, str]) -> None:
    nobody = Caller(None)
    nobody.headers = header

    _refused(nobody.post(entry()), says="Authorization: Bearer <key>")


@pytest.mark.parametrize("key", ["", "x", "alk_live_short", "alk_live_" + "a" * 36, "ä" * 45])
def test_a_mistyped_key_is_refused_without_a_query(key: str) -> None:
    _, response = None, Caller(key).client.get(ENTRIES, headers={"Authorization": f"Bearer {key}"})

    assert response.status_code == 401  # no database is open here: a query would have failed the test


def test_an_unknown_key_with_a_right_checksum_is_refused(platform: Caller) -> None:
    ApiKey.objects.update(digest=bytes(32))

    _refused(platform.post(entry()), says="No such API key")


def test_a_revoked_key_opens_nothing(platform: Caller) -> None:
    revoke_key(ApiKey.objects.get(), now=timezone.now(), actor=Actor(email="ana@acme.example"))

    _refused(platform.post(entry()), says="revoked")


def test_an_expired_key_opens_nothing(platform: Caller) -> None:
    ApiKey.objects.update(expires_at=timezone.now() - timedelta(seconds=1))

    _refused(platform.post(entry()), says="expired")


@pytest.mark.parametrize("name", ["key", "api_key", "access_token", "q"])
def test_a_key_in_the_address_is_refused(platform: Caller, name: str) -> None:
    key = platform.headers["Authorization"].removeprefix("Bearer ")

    _refused(platform.get(**{name: key}), says="in the address")


def test_a_key_without_the_scope_is_told_which_it_needs(acme: Tenant) -> None:
    reader, sender = caller(acme, Scope.READ), caller(acme, Scope.INGEST)

    for response, scope in ((reader.post(entry()), "ingest"), (sender.get(), "read")):
        assert response.status_code == 403
        assert f"needs {scope}" in answered(response)["detail"]
        assert f'scope="{scope}"' in response["WWW-Authenticate"]


def test_any_key_reads_the_vocabulary(acme: Tenant) -> None:
    assert caller(acme, Scope.INGEST).get("/api/v1/catalog").status_code == 200
    assert caller(acme, Scope.READ).get("/api/v1/catalog").status_code == 200


def test_that_a_key_was_used_is_noted_to_the_minute(platform: Caller) -> None:
    platform.post(entry())

    used = ApiKey.objects.get().last_used_at
    assert used is not None
    assert (used.second, used.microsecond) == (0, 0)
    assert timezone.now() - used < timedelta(minutes=2)


def test_a_session_of_a_person_does_not_open_the_api(client: Client, ana: object) -> None:
    client.force_login(ana, backend="django.contrib.auth.backends.ModelBackend")  # type: ignore[arg-type] # a Person

    assert client.get(ENTRIES).status_code == 401
