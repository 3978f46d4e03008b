"""API keys: their form, their life, and what the log says of them."""

from __future__ import annotations

import hashlib
import json
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from audit import keys
from audit.drafts import Actor
from audit.keys import KeyInvalid, KeyRefused, make_key, note_use, recognise, revoke_key
from audit.models import ApiKey, AuditEntry, Person, Scope, Tenant
from tests.committing import workers
from tests.entries import NOON

ANA = Actor(email="ana@acme.example")


def _made(tenant: Tenant, **fields: Any) -> tuple[ApiKey, str]:
    return make_key(
        **{"tenant": tenant, "name": "platform", "scopes": ["ingest"], "now": NOON, "actor": ANA, **fields}
    )


def test_the_checksum_is_that_of_githubs_example() -> None:
    assert keys.checksum("zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ") == "0mLq17"


def test_a_key_has_its_form_and_is_kept_as_a_hash_only(acme: Tenant, ana: Person) -> None:
    key, text = _made(acme, scopes=["read", "ingest", "read"], created_by=ana)

    match = keys.PATTERN.fullmatch(text)
    assert match
    assert (match[1], match[2][:8]) == ("live", key.prefix)
    assert key.digest == hashlib.sha256(text.encode()).digest()
    assert (key.scopes, key.created_by) == (["ingest", "read"], ana)
    assert key.expires_at == NOON + timedelta(days=90)
    with connection.cursor() as cursor:
        cursor.execute("SELECT k::text FROM audit_apikey k UNION ALL SELECT e::text FROM audit_auditentry e")
        kept = str(cursor.fetchall())
    assert match[2][8:] not in kept


def test_two_keys_are_never_alike(acme: Tenant) -> None:
    assert len({_made(acme)[1] for _ in range(20)}) == 20


def test_a_key_is_recognised_with_its_tenant_by_one_query(acme: Tenant) -> None:
    key, text = _made(acme)

    with CaptureQueriesContext(connection) as asked:
        found = recognise(text, now=NOON)
        assert found.tenant == acme

    assert (found, len(asked)) == (key, 1)


@pytest.mark.usefixtures("committing_db")
def test_a_key_is_recognised_where_the_server_ended_the_kept_connection() -> None:
    key, text = _made(Tenant.objects.create(slug="acme", name="Acme"))
    recognise(text, now=NOON)
    _next_request()
    kept = connection.connection.info.backend_pid

    with workers(1) as start:
        assert start(_end_connection, kept).result()

    assert recognise(text, now=NOON) == key
    assert connection.connection.info.backend_pid != kept


@pytest.mark.usefixtures("committing_db")
def test_a_key_is_recognised_without_asking_first_whether_the_connection_stands(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    key, text = _made(Tenant.objects.create(slug="acme", name="Acme"))
    asked: list[str] = []

    def is_usable() -> bool:
        asked.append("is it?")
        return True

    monkeypatch.setattr(connection, "is_usable", is_usable)

    _next_request()
    assert recognise(text, now=NOON) == key
    assert asked == []

    _next_request()
    assert ApiKey.objects.get() == key
    assert asked == ["is it?"]


def _next_request() -> None:
    """What Django does when a request begins."""
    connection.close_if_unusable_or_obsolete()


def _end_connection(backend: int) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s)", [backend])
        return bool(cursor.fetchone()[0])


def test_a_slip_of_one_character_is_seen_without_a_query(acme: Tenant) -> None:
    _, text = _made(acme)

    with CaptureQueriesContext(connection) as asked:
        for place in range(9, len(text)):
            slip = text[:place] + ("a" if text[place] != "a" else "b") + text[place + 1 :]
            with pytest.raises(KeyInvalid, match="mistyped"):
                recognise(slip, now=NOON)

    assert len(asked) == 0


def test_keys_with_the_same_beginning_are_told_apart(acme: Tenant) -> None:
    made = [_made(acme) for _ in range(3)]
    ApiKey.objects.update(prefix=made[0][0].prefix)

    assert recognise(made[0][1], now=NOON) == made[0][0]


def test_a_key_ends_when_it_expires(acme: Tenant) -> None:
    _, text = _made(acme, expires_at=NOON + timedelta(days=1))

    recognise(text, now=NOON + timedelta(days=1, microseconds=-1))
    with pytest.raises(KeyInvalid, match="expired on 2026-11-25"):
        recognise(text, now=NOON + timedelta(days=1))


def test_a_key_ends_when_it_is_revoked_and_stays_so(acme: Tenant) -> None:
    key, text = _made(acme)

    revoke_key(key, now=NOON, actor=ANA)
    revoke_key(ApiKey.objects.get(), now=NOON + timedelta(days=1), actor=ANA)

    assert ApiKey.objects.get().revoked_at == NOON
    with pytest.raises(KeyInvalid, match="revoked"):
        recognise(text, now=NOON)


def test_making_and_revoking_are_entries_by_who_did_it(acme: Tenant) -> None:
    key, _ = _made(acme)
    revoke_key(key, now=NOON, actor=ANA)
    revoke_key(key, now=NOON, actor=ANA)

    made, ended = (json.loads(bytes(one.body)) for one in AuditEntry.objects.of(acme).order_by("sequence"))
    assert (made["event"], ended["event"]) == ("users.api_key_created", "users.api_key_deleted")
    assert made["actor"]["email"] == "ana@acme.example"
    assert made["parameters"] == {
        "key_name": "platform", "key_prefix": key.prefix, "expires_at": "2027-02-22T12:00:00+00:00",
    }  # fmt: skip
    assert ended["parameters"] == {"key_name": "platform", "key_prefix": key.prefix}


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"scopes": []}, "opens nothing"),
        ({"scopes": ["ingest", "root"]}, "'root' is no scope"),
        ({"name": " "}, "needs a name"),
        ({"name": "x" * 101}, "needs a name"),
        ({"name": "a\x00b"}, "needs a name"),
        ({"expires_at": NOON}, "in the future"),
        ({"expires_at": NOON + timedelta(days=367)}, "after a year"),
    ],
)
def test_a_key_that_makes_no_sense_is_not_made(acme: Tenant, fields: dict[str, Any], says: str) -> None:
    with pytest.raises(KeyRefused, match=says):
        _made(acme, **fields)

    assert not ApiKey.objects.exists()
    assert not AuditEntry.objects.of(acme).exists()


def test_use_is_noted_once_a_minute(acme: Tenant) -> None:
    key, text = _made(acme, scopes=[Scope.READ])

    with CaptureQueriesContext(connection) as asked:
        for second in range(120):
            moment = NOON + timedelta(seconds=second)
            note_use(recognise(text, now=moment), now=moment)

    assert ApiKey.objects.get(pk=key.pk).last_used_at == NOON + timedelta(minutes=1)
    assert sum("UPDATE" in query["sql"] for query in asked) == 2
