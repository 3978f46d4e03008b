from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.utils import timezone

from audit.callers import actor_of
from audit.keys import PATTERN, make_key, note_use, revoke_key
from audit.models import ApiKey, AuditEntry, Person, Tenant
from tests.conftest import PASSWORD

PAGE = "/t/acme/api-keys/"
NEW = f"{PAGE}new/"
CONFIRM = "/accounts/reauthenticate/"
ENTERED = {"name": "kiln", "scopes": ["ingest", "read"], "days": "30", "once": "one form"}


@pytest.fixture(autouse=True)
def _nobody_has_tried_before() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def admin(client: Client, ana: Person) -> Client:
    """Ana's browser; she signed in and did nothing else yet."""
    client.force_login(ana)
    return client


@pytest.fixture
def confirmed(admin: Client) -> Client:
    """Ana's browser, where she just gave her password again."""
    assert admin.post(CONFIRM, {"password": PASSWORD, "next": NEW}).headers["Location"] == NEW
    return admin


def made(tenant: Tenant, person: Person, **fields: Any) -> tuple[ApiKey, str]:
    told = {"name": "platform", "scopes": ["ingest"], "now": timezone.now(), "created_by": person}
    return make_key(tenant=tenant, actor=actor_of(person), **{**told, **fields})


def shown(client: Client, path: str = PAGE, status: int = 200) -> str:
    answer = client.get(path)
    assert answer.status_code == status
    return html.unescape(" ".join(answer.content.decode().split()))


def send(text: str) -> int:
    """What the API answers to a service that sends one entry in with this key."""
    entry = {"event": "workflows.workflow_published", "actor": {"email": "kim@acme.example"}}
    return (
        Client()
        .post("/api/v1/entries", entry, "application/json", headers={"Authorization": f"Bearer {text}"})
        .status_code
    )


def read(text: str) -> int:
    """What the API answers to a service that reads with this key."""
    return Client().get("/api/v1/entries", headers={"Authorization": f"Bearer {text}"}).status_code


def rows_of(page: str) -> list[tuple[str, str]]:
    """Name and state of each key, as the page lists them."""
    return re.findall(r'data-state="(\w+)"> <td><strong>(?:<bdi>)?([\w ]+)', page)


def test_the_page_lists_every_key_with_what_becomes_of_it(admin: Client, acme: Tenant, ana: Person) -> None:
    now = timezone.now()
    made(acme, ana, name="ended", now=now - timedelta(days=91))
    revoked, _ = made(acme, ana, name="revoked", created_by=None)
    revoke_key(revoked, now=now, actor=actor_of(ana))
    soon, _ = made(acme, ana, name="soon", expires_at=now + timedelta(days=13))
    used, _ = made(acme, ana, name="fresh", scopes=["read", "ingest"])
    note_use(used, now=now)

    page = shown(admin)

    assert sorted(rows_of(page)) == [
        ("active", "fresh"), ("expired", "ended"), ("expiring", "soon"), ("revoked", "revoked"),
    ]  # fmt: skip
    assert [name for _, name in rows_of(page)][:2] == ["fresh", "soon"]
    assert "Send entries in<br>Read entries and streams" in page
    assert f"{used.prefix}…" in page
    assert page.count(f'title="{ana.email}">by ') == 3
    assert page.count("Never") == 3
    assert "was made by the operator’s command" in page
    assert [str(key.pk) in page for key in (used, soon, revoked)] == [True, True, True]
    assert page.count("/revoke/") == 2


def test_without_keys_the_page_says_what_they_are_for(admin: Client) -> None:
    assert "No API keys yet" in shown(admin)


def test_the_menu_leads_an_admin_to_the_page_and_nobody_else(admin: Client, aud: Person) -> None:
    log = "/t/acme/audit-log/"
    other = Client()
    other.force_login(aud)

    assert f'href="{PAGE}"' in shown(admin, log)
    assert f'href="{PAGE}"' not in shown(other, log)


@pytest.mark.parametrize("who", ["aud", "vic"])
def test_only_admins_see_make_or_revoke_keys(
    request: pytest.FixtureRequest, client: Client, acme: Tenant, ana: Person, who: str
) -> None:
    key, text = made(acme, ana)
    client.force_login(request.getfixturevalue(who))
    revoke = f"{PAGE}{key.pk}/revoke/"

    answers = [client.get(path) for path in (PAGE, NEW, revoke)]
    answers += [client.post(path, ENTERED) for path in (NEW, revoke)]

    assert [answer.status_code for answer in answers] == [403] * 5
    assert all("see or change API keys" in answer.content.decode() for answer in answers)
    assert not any(key.prefix in answer.content.decode() for answer in answers)
    assert ApiKey.objects.get().revoked_at is None
    assert send(text) == 201


def test_who_is_not_signed_in_is_led_to_the_sign_in(client: Client, acme: Tenant, ana: Person) -> None:
    key, text = made(acme, ana)

    for path in (PAGE, NEW, f"{PAGE}{key.pk}/revoke/"):
        for answer in (client.get(path), client.post(path, ENTERED)):
            assert answer.headers["Location"].startswith("/accounts/login/?next=/t/acme/api-keys/")
    assert send(text) == 201


def test_keys_of_another_tenant_are_not_there(confirmed: Client, globex: Tenant, gus: Person) -> None:
    key, text = made(globex, gus, name="theirs")

    assert "theirs" not in shown(confirmed)
    for path in (f"{PAGE}{key.pk}/revoke/", f"/t/globex/api-keys/{key.pk}/revoke/"):
        assert confirmed.get(path).status_code == 404
        assert confirmed.post(path).status_code == 404
    for path in ("/t/globex/api-keys/", "/t/globex/api-keys/new/"):
        assert confirmed.get(path).status_code == 404
    assert confirmed.post("/t/globex/api-keys/new/", ENTERED).status_code == 404
    assert [one.tenant for one in ApiKey.objects.all()] == [globex]
    assert send(text) == 201


def test_a_key_is_shown_once_and_is_nowhere_else(
    confirmed: Client, acme: Tenant, ana: Person, caplog: pytest.LogCaptureFixture
) -> None:
    now = timezone.now()

    answer = confirmed.post(NEW, ENTERED)

    page = answer.content.decode()
    [text] = {found[0] for found in PATTERN.finditer(page)}
    assert answer.status_code == 201
    assert "no-store" in answer.headers["Cache-Control"]
    assert f'data-copy="{text}"' in page
    key = ApiKey.objects.get()
    assert (key.tenant, key.name, key.scopes, key.created_by) == (acme, "kiln", ["ingest", "read"], ana)
    assert abs(key.expires_at - now - timedelta(days=30)) < timedelta(minutes=1)
    secret = text.removeprefix("alk_live_")[8:]
    others = [confirmed.get(path) for path in (PAGE, NEW, f"{PAGE}{key.pk}/revoke/", "/t/acme/audit-log/")]
    assert [secret in other.content.decode() for other in others] == [False] * 4
    assert secret not in str(answer.headers) + caplog.text + json.dumps(dict(confirmed.session))
    with connection.cursor() as cursor:
        cursor.execute("SELECT k::text FROM audit_apikey k UNION ALL SELECT e::text FROM audit_auditentry e")
        assert secret not in str(cursor.fetchall())
    assert send(text) == 201


def test_making_and_revoking_are_entries_of_the_person_with_where_from(
    confirmed: Client, acme: Tenant, ana: Person
) -> None:
    confirmed.post(NEW, ENTERED, REMOTE_ADDR="203.0.113.7")
    key = ApiKey.objects.get()

    confirmed.post(f"{PAGE}{key.pk}/revoke/", REMOTE_ADDR="203.0.113.7")

    entries = list(AuditEntry.objects.of(acme).order_by("sequence"))
    assert [entry.event for entry in entries] == ["users.api_key_created", "users.api_key_deleted"]
    assert {(entry.done_by, entry.ip) for entry in entries} == {(ana.email, "203.0.113.7")}
    assert {entry.parameters["key_name"] for entry in entries} == {"kiln"}


def test_a_revoked_key_opens_nothing_from_the_next_request_on(
    admin: Client, acme: Tenant, ana: Person
) -> None:
    key, text = made(acme, ana, scopes=["ingest", "read"])
    assert (send(text), read(text)) == (201, 200)
    revoke = f"{PAGE}{key.pk}/revoke/"
    assert "opens nothing, everywhere and for good" in shown(admin, revoke)
    assert send(text) == 201

    answer = admin.post(revoke)

    assert answer.headers["Location"] == PAGE
    assert (send(text), read(text)) == (401, 401)
    assert "was revoked. It opens nothing any more." in shown(admin)
    admin.post(revoke)
    assert "was revoked already" in shown(admin)
    assert AuditEntry.objects.of(acme).filter(event="users.api_key_deleted").count() == 1
    assert "It opens nothing already: it was revoked." in shown(admin, revoke)
    assert '<button class="btn btn-danger"' not in shown(admin, revoke)


@pytest.mark.parametrize(
    ("entered", "says"),
    [
        ({"name": ""}, "Say who will use the key."),
        ({"name": "a\u202eb"}, "printable characters"),
        ({"scopes": []}, "Choose at least one."),
        ({"days": "3650"}, "after a year at the latest"),
    ],
)
def test_what_cannot_be_made_is_told_with_what_was_entered(
    confirmed: Client, entered: dict[str, Any], says: str
) -> None:
    answer = confirmed.post(NEW, {**ENTERED, "name": "<b>kiln", **entered})

    page = answer.content.decode()
    assert answer.status_code == 422
    assert says in page
    assert "<b>kiln" not in page
    assert not ApiKey.objects.exists()


def test_a_form_that_is_sent_again_makes_no_second_key(confirmed: Client) -> None:
    confirmed.post(NEW, ENTERED)

    again = confirmed.post(NEW, ENTERED)

    assert again.headers["Location"] == PAGE
    assert ApiKey.objects.count() == 1
    assert "That key is made already, and was shown once." in shown(confirmed)
    assert confirmed.post(NEW, {**ENTERED, "once": "another form"}).status_code == 201


def test_a_key_is_made_by_who_gave_their_password_lately(admin: Client, acme: Tenant) -> None:
    asked = admin.get(NEW)
    assert asked.headers["Location"] == f"{CONFIRM}?next=%2Ft%2Facme%2Fapi-keys%2Fnew%2F"
    assert f'name="next" value="{NEW}"' in shown(admin, asked.headers["Location"])

    wrong = admin.post(CONFIRM, {"password": "not it", "next": NEW})

    assert "This is not your password." in wrong.content.decode()
    assert admin.get(NEW).status_code == 302
    [entry] = AuditEntry.objects.of(acme)
    assert (entry.event, entry.outcome) == ("users.sign_in_failed", "failure")


def test_a_form_that_was_sent_too_late_goes_on_once_the_password_is_given(
    admin: Client, acme: Tenant, ana: Person
) -> None:
    asked = admin.post(NEW, ENTERED)
    assert asked.headers["Location"].startswith(CONFIRM)
    assert not ApiKey.objects.exists()

    answer = admin.post(CONFIRM, {"password": PASSWORD, "next": NEW})

    assert answer.status_code == 201
    assert PATTERN.search(answer.content.decode())
    key = ApiKey.objects.get()
    assert (key.tenant, key.name, key.created_by) == (acme, "kiln", ana)
