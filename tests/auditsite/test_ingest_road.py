"""The short way before the site: it takes what is right, and answers as the site does, byte by byte."""

from __future__ import annotations

import gzip
import json
from typing import Any

import psycopg
import pytest
from django.db import connection
from django.utils import timezone
from pytest_django import Settings

from audit.api import remembering
from audit.drafts import Actor
from audit.keys import revoke_key
from audit.models import AuditEntry, LogHead, Scope, Tenant, Workspace
from auditsite import ingest_road
from auditsite.middleware import RETRY_AFTER
from tests.audit.api.caller import ENTRIES, entry
from tests.auditsite.ways_in import Answered, Way, new_key, request
from tests.committing import workers

pytestmark = pytest.mark.usefixtures("committing_db")


def packed(value: Any) -> bytes:
    return json.dumps(value).encode()


def named(workspace: str, **fields: Any) -> bytes:
    return packed(entry(workspace=workspace, **fields))


ONE = packed(entry(details="ü", context={"ip": "203.0.113.7"}, occurred_at="2026-11-24T09:15:30+01:00"))
LARGE = packed([entry(details="x" * 9_000)] * 600)
# What is sent, in order, and whether the short way takes it.
TAKEN: dict[str, tuple[bytes, dict[str, Any]]] = {
    "one": (ONE, {}),
    "in a workspace": (named("soc"), {}),
    "with an id of its own": (packed(entry(external_id="evt-1")), {}),
    "by a service": (
        packed(entry(actor={"type": "service_account", "name": "runner"}, outcome="failure")),
        {},
    ),
    "an array of one": (packed([entry()]), {}),
    "an array": (packed([entry(), entry(workspace="soc"), entry(external_id="evt-2")]), {}),
    "an array with a duplicate": (packed([entry(), entry(external_id="evt-2")]), {}),
    "lines": (ONE + b"\n" + ONE, {"kind": "application/x-ndjson"}),
    "gzip": (gzip.compress(packed([entry(), entry()])), {"HTTP_CONTENT_ENCODING": "gzip"}),
}
LEFT: dict[str, tuple[bytes, dict[str, Any]]] = {
    "a duplicate": (packed(entry(external_id="evt-1")), {}),
    "no JSON": (b"{", {}),
    "not UTF-8": (b'"\xff"', {}),
    "nothing": (b"", {}),
    "an empty array": (b"[]", {}),
    "a number": (b"7", {}),
    "a key twice": (b'{"event": "a", "event": "b"}', {}),
    "an unknown event": (packed(entry(event="workflows.nothing")), {}),
    "an unknown key": (packed(entry(sequence=7)), {}),
    "an unknown workspace": (named("nowhere"), {}),
    "a wrong type": (packed(entry(actor="ana")), {}),
    "an actor of no name": (packed(entry(actor={"email": "ana"})), {}),
    "one of an array wrong": (packed([entry(), entry(details=7)]), {}),
    "too many": (packed([entry()] * 1_001), {}),
    "too large": (LARGE, {}),
    "broken gzip": (b"no gzip", {"HTTP_CONTENT_ENCODING": "gzip"}),
    "an unknown encoding": (ONE, {"HTTP_CONTENT_ENCODING": "br"}),
    "another type": (ONE, {"kind": "text/plain"}),
    "a type in other words": (ONE, {"kind": "application/json; charset=utf-8"}),
    "a query": (ONE, {"path": f"{ENTRIES}?a=b"}),
    "a key in the address": (ONE, {"path": f"{ENTRIES}?api_key=secret"}),
    "another host": (ONE, {"HTTP_HOST": "evil.example"}),
    "a length that is none": (ONE, {"CONTENT_LENGTH": "x"}),
    "a length of nothing": (ONE, {"CONTENT_LENGTH": ""}),
    "cut": (ONE[:-9], {"CONTENT_LENGTH": str(len(ONE))}),
    "in chunks": (ONE, {"CONTENT_LENGTH": "", "HTTP_TRANSFER_ENCODING": "chunked"}),
    "another scheme": (ONE, {"HTTP_AUTHORIZATION": "Basic YTpi"}),
    "the scheme in small letters": (b"{", {"HTTP_AUTHORIZATION": "bearer nothing"}),
    "no key": (ONE, {"HTTP_AUTHORIZATION": None}),
    "no such key": (ONE, {"HTTP_AUTHORIZATION": "Bearer alk_live_nothing"}),
    **{method: (ONE, {"method": method}) for method in ("PUT", "DELETE", "GET", "HEAD", "OPTIONS")},
}  # fmt: skip


@pytest.fixture
def acme() -> Tenant:
    return _tenant("acme")


def _tenant(slug: str) -> Tenant:
    tenant = Tenant.objects.create(slug=slug, name=slug.capitalize())
    Workspace.objects.create(tenant=tenant, slug="soc", name="SOC")
    return tenant


def _known(way: Way, tenant: Tenant, *scopes: str, **fields: Any) -> str:
    """A key whose holder came by before, as the process and its connections know."""
    _, key = new_key(tenant, *scopes, **fields)
    for body in (packed(entry()), named("soc"), packed(entry()), named("soc")):
        way.send(request(body, key=key))
    return key


def _recorded(tenant: Tenant) -> list[dict[str, Any]]:
    bodies = [json.loads(bytes(one.body)) for one in AuditEntry.objects.of(tenant).order_by("sequence")]
    for body in bodies:
        for fresh in ("id", "tenant", "recorded_at"):
            body.pop(fresh)
        body["occurred_at"] = "2026-11-24T08:15:30" in body["occurred_at"]
        if body["workspace"]:
            body["workspace"].pop("id")
        if body["event"] == "users.api_key_created":
            body.pop("parameters")
    return bodies


def test_both_ways_answer_alike_and_write_alike(acme: Tenant) -> None:
    globex = _tenant("globex")
    short, long = Way(short=True), Way(short=False)
    ours, theirs = _known(short, acme), _known(long, globex)

    for expected, cases in ((0, TAKEN), (1, LEFT)):
        for name, (body, told) in cases.items():
            seen = short.long
            answer = short.send(request(body, **{"key": ours, **told}))
            assert short.long - seen == expected, name
            assert answer == long.send(request(body, **{"key": theirs, **told})), name

    assert _recorded(acme) == _recorded(globex)


@pytest.mark.parametrize("why", ["scope", "expired", "revoked"])
def test_a_key_that_opens_nothing_is_refused_alike(acme: Tenant, why: str) -> None:
    short, long = Way(short=True), Way(short=False)
    made, key = new_key(acme, *([Scope.READ] if why == "scope" else []))
    short.send(request(ONE, key=key))
    if why == "expired":
        type(made).objects.filter(pk=made.pk).update(expires_at=timezone.now())
    elif why == "revoked":
        revoke_key(made, now=timezone.now(), actor=Actor(email="ana@acme.example"))
    head = LogHead.objects.get(tenant=acme).last_sequence

    for body in (ONE, packed([entry(), entry()])):
        answer = short.send(request(body, key=key))

        assert answer.status == ("403 Forbidden" if why == "scope" else "401 Unauthorized")
        assert answer == long.send(request(body, key=key))
    assert LogHead.objects.get(tenant=acme).last_sequence == head


def test_an_entry_tells_of_its_tenant_workspace_and_key_as_they_are_called_now(acme: Tenant) -> None:
    short = Way(short=True)
    key = _known(short, acme)
    acme.api_keys.update(name="fleet")
    Workspace.objects.filter(tenant=acme).update(name="Operations")
    Tenant.objects.filter(pk=acme.pk).update(name="Acme & Sons")

    for _ in range(2):
        assert short.send(request(named("soc"), key=key)).status == "201 Created"

    for one in AuditEntry.objects.of(acme).order_by("-sequence")[:2]:
        body = json.loads(bytes(one.body))
        assert (body["producer"], body["tenant"]["name"]) == ("fleet", "Acme & Sons")
        assert body["workspace"]["name"] == one.workspace_name == "Operations"


def test_a_workspace_that_got_another_name_in_the_address_is_not_meant_any_more(acme: Tenant) -> None:
    short, long = Way(short=True), Way(short=False)
    key = _known(short, acme)
    Workspace.objects.filter(tenant=acme).update(slug="operations")

    answer = short.send(request(named("soc"), key=key))

    assert answer.status == "422 Unprocessable Entity"
    assert answer == long.send(request(named("soc"), key=key))


def test_where_pages_lead_to_https_entries_do_too(acme: Tenant, settings: Settings) -> None:
    key = _known(Way(short=False), acme)
    ingest_road._headers.cache_clear()
    settings.SECURE_SSL_REDIRECT, settings.SECURE_HSTS_SECONDS = True, 60
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    short, long = Way(short=True), Way(short=False)
    try:
        assert short.send(request(ONE, key=key)) == long.send(request(ONE, key=key))
        secure = request(ONE, key=key, HTTP_X_FORWARDED_PROTO="https")
        answer = short.send(secure)
    finally:
        ingest_road._headers.cache_clear()

    assert short.long == 1
    assert ("Strict-Transport-Security", "max-age=60") in answer.headers
    assert answer.status == "201 Created"


def test_a_connection_that_the_server_ended_meanwhile_loses_nothing(acme: Tenant) -> None:
    short = Way(short=True)
    key = _known(short, acme)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        [pid] = cursor.fetchone() or [0]
    _terminate(pid)

    assert short.send(request(ONE, key=key)).status == "201 Created"
    assert short.send(request(ONE, key=key)).status == "201 Created"


def test_a_connection_that_ends_while_an_entry_is_written_is_told_as_the_site_tells_it(acme: Tenant) -> None:
    short = Way(short=True)
    key = _known(short, acme)
    head = LogHead.objects.get(tenant=acme).last_sequence

    def send() -> Answered:
        return short.send(request(ONE, key=key))

    with psycopg.connect(**_parameters()) as other, workers(1) as start:
        other.execute("SELECT FROM audit_loghead FOR UPDATE")
        answer = start(send)
        _terminate(_waiting_for(other))
        answered = answer.result(10)

    assert answered.status == "503 Service Unavailable"
    assert ("Retry-After", RETRY_AFTER) in answered.headers
    assert json.loads(answered.body)["title"] == "Service unavailable"
    assert LogHead.objects.get(tenant=acme).last_sequence == head


def test_that_a_key_was_used_is_noted_once_the_answer_is_out(acme: Tenant) -> None:
    short = Way(short=True)
    key = _known(short, acme)
    acme.api_keys.update(last_used_at=None)
    remembered = remembering.key_of(key)
    assert remembered is not None
    remembered.last_used_at = None

    short.send(request(ONE, key=key))

    assert acme.api_keys.get().last_used_at is not None


def test_of_many_who_bring_the_same_entry_at_once_one_is_accepted(acme: Tenant) -> None:
    short = Way(short=True)
    key = _known(short, acme)
    before = LogHead.objects.get(tenant=acme).last_sequence

    def send() -> list[dict[str, int]]:
        bodies = [packed(entry(external_id=f"evt-{n}")) for n in range(20)]
        return [json.loads(short.send(request(body, key=key)).body) for body in bodies]

    with workers(8) as start:
        answers = [writer.result() for writer in [start(send) for _ in range(8)]]

    assert sum(one["accepted"] for mine in answers for one in mine) == 20
    for same in zip(*answers, strict=True):
        assert len({one["first_sequence"] for one in same}) == 1
    numbers = AuditEntry.objects.of(acme).order_by("sequence").values_list("sequence", flat=True)
    assert list(numbers) == list(range(1, before + 21))


def _parameters() -> dict[str, Any]:
    return connection.get_connection_params() | {"cursor_factory": psycopg.Cursor}


def _terminate(pid: int) -> None:
    with psycopg.connect(**_parameters()) as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])


def _waiting_for(other: psycopg.Connection[Any]) -> int:
    """Who waits for what this connection holds."""
    asked = "SELECT pid FROM pg_stat_activity WHERE %s = ANY (pg_blocking_pids(pid))"
    while True:
        with psycopg.connect(**_parameters()) as third:
            found = third.execute(asked, [other.info.backend_pid]).fetchone()
        if found:
            return int(found[0])
