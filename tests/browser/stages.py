"""Tenants whose streams stand still in the one state that a page is to be seen in. Runs inside the product's process.

No worker touches most of these streams: each is leased to nobody for a day, in the transaction that makes it.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.template.loader import render_to_string

from audit import people
from audit.management.base import OPERATOR
from audit.management.seeding import writing
from audit.models import ApiKey, AuditEntry, Export, ExportState, Person, Role, SavedView, Tenant
from audit.models.exports import MOST_ATTEMPTS
from streaming import asking, configuring, switching
from streaming.encryption import Secret
from streaming.models import ConnectionTest, Cursor, DeliveryAttempt, SetAside, State, Stream
from streaming.probing import run_connection_test
from tests.browser.people import PASSWORD, SID, SUE, UMA

ENTRIES, REFUSED = 400, 3
DAY = timedelta(days=1)
CHANGE = configuring.Change(OPERATOR)
# Pages that only a fault of ours, or a crowd, makes.
STANDING = ("500.html", "503.html", "429.html")
REFUSAL = "The destination answered 422 for this entry: `details` is longer than its index takes."


def make(*, intake: str, also: dict[str, int], tokens: dict[str, str], now: datetime) -> str:
    """All of them; as JSON the ids that addresses are made from, and the pages of `STANDING`."""
    sid = people.create_person(email=SID, password=PASSWORD, name="Sid Okafor")
    people.create_person(email=UMA, password=PASSWORD, name="Uma Berg")
    Person.objects.create_superuser(SUE, PASSWORD, name="Sue Lindqvist")
    known: dict[str, str] = {name: render_to_string(name, {"theme": "system"}) for name in STANDING}
    for name, arrange in STAGES.items():
        stream = _stream(name, intake, tokens["splunk_hec"], now=now)
        arrange(stream, now)
        known[name] = str(stream.pk)
    bare = _tenant("bare", "Bare", entries=0, now=now)
    for name, told in _tests(intake, also, tokens).items():
        known[name] = str(_tested(bare, sid, told, now=now, runs=name != "testing"))
    _exports(Stream.objects.get(pk=known["delivers"]).tenant, sid, now)
    _views(Tenant.objects.get(slug="delivers"), sid, now)
    known["key"] = str(_keys(_tenant("keys", "Keys", entries=0, now=now), sid, now))
    known["tenant"] = str(Tenant.objects.get(slug="held").pk)
    known["entry"] = str(AuditEntry.objects.filter(tenant_id=known["tenant"], sequence=ENTRIES).get().pk)
    return json.dumps(known)


def _tenant(slug: str, name: str, *, entries: int, now: datetime) -> Tenant:
    tenant = people.create_tenant(slug=slug, name=name)
    by = people.By(OPERATOR, now - 30 * DAY)
    writing.workspaces_of(tenant, at=by.now)
    for email, role in ((SID, Role.ADMIN), (UMA, Role.VIEWER)):
        people.set_membership(person=Person.objects.get(email=email), tenant=tenant, role=role, by=by)
    if entries:
        writing.seed(tenant, entries=entries, period=writing.Period(now - 30 * DAY, now), seed=7)
    return tenant


@transaction.atomic
def _stream(name: str, intake: str, token: str, *, now: datetime) -> Stream:
    """A stream that has delivered all of its tenant's log, leased to nobody."""
    tenant = _tenant(name, name.capitalize(), entries=ENTRIES, now=now)
    wanted = configuring.Settings(
        enabled=True,
        destination_kind="splunk_hec",
        url=intake,
        token=Secret(token),
        start_from=configuring.BEGINNING,
    )
    stream = configuring.save_settings(tenant=tenant, settings=wanted, change=CHANGE, now=now)
    head = _head(stream)
    _put(stream, place=head, delivered=head, lease_owner="nobody", leased_until=now + DAY)
    _put(stream, last_success_at=now - timedelta(seconds=2), last_attempt_at=now - timedelta(seconds=2))
    return stream


def _head(stream: Stream) -> int:
    head: int = Tenant.objects.get(pk=stream.tenant_id).log_head.last_sequence
    return head


def _put(stream: Stream, **values: Any) -> None:
    Cursor.objects.filter(pk=stream.pk).update(**values)


def _behind(stream: Stream, entries: int, **values: Any) -> None:
    place = _head(stream) - entries
    _put(stream, place=place, delivered=place, **values)


def _delivers(stream: Stream, _now: datetime) -> None:
    """The one that workers look after: what people do in its tenant is delivered."""
    _put(stream, lease_owner="", leased_until=None)


def _held(stream: Stream, now: datetime) -> None:
    said = "Splunk rejected the token: it is unknown, or it was switched off (403, code 4)."
    since = now - timedelta(hours=3)
    _behind(
        stream, 41, state=State.HELD_FOR_CREDENTIALS, held_since=since, troubled_since=since, last_error=said,
        last_error_code="token_rejected", last_error_at=since, failures=1, last_success_at=since,
    )  # fmt: skip


def _retrying(stream: Stream, now: datetime) -> None:
    said = "The service is busy (503). Nothing is wrong with the settings."
    due, since = now + timedelta(minutes=14), now - timedelta(hours=7)
    _behind(
        stream, 118, state=State.RETRYING, failures=60, next_attempt_at=due, last_error=said, troubled_since=since,
        last_error_code="busy", last_error_at=now - timedelta(minutes=1), last_success_at=since,
    )  # fmt: skip
    DeliveryAttempt.objects.create(
        stream=stream, at=now - timedelta(minutes=1), first_sequence=283, last_sequence=400, outcome="retry",
        delivered=0, code="busy", reason=said, http_status=503, milliseconds=31,
    )  # fmt: skip


def _off(stream: Stream, _now: datetime) -> None:
    settings = configuring.Settings(enabled=False)
    configuring.save_settings(tenant=stream.tenant, settings=settings, change=CHANGE, now=_now)


def _refused(stream: Stream, now: datetime) -> None:
    entries = AuditEntry.objects.filter(tenant_id=stream.tenant_id, sequence__lte=REFUSED)
    for entry in entries:
        SetAside.objects.create(
            stream=stream, sequence=entry.sequence, entry_id=entry.pk, at=now - DAY, code="refused",
            http_status=422, reason=REFUSAL, last_tried_at=now - DAY,
        )  # fmt: skip
    _put(stream, set_aside=REFUSED, delivered=_head(stream) - REFUSED, place=_head(stream))


def _paused(stream: Stream, now: datetime) -> None:
    _behind(stream, 12)
    switching.pause(stream.pk, change=CHANGE, now=now - timedelta(minutes=20))


STAGES: dict[str, Callable[[Stream, datetime], None]] = {
    "delivers": _delivers, "held": _held, "retrying": _retrying, "off": _off, "paused": _paused, "refused": _refused,
}  # fmt: skip


def _exports(tenant: Tenant, person: Person, now: datetime) -> None:
    """One in each state; no worker takes up the first two."""
    later, shown = now + DAY, {"file_format": "csv", "last_sequence": ENTRIES, "promised": 12_400}
    states: tuple[dict[str, Any], ...] = (
        {"state": ExportState.WAITING, "attempts": MOST_ATTEMPTS},
        {"state": ExportState.RUNNING, "written": 8_100, "leased_until": later, "started_at": now},
        {
            "state": ExportState.READY,
            "written": 12_400,
            "size": 3_481_002,
            "finished_at": now,
            "expires_at": later,
        },
        {"state": ExportState.FAILED, "failure": "The disk of the server is full.", "finished_at": now},
        {"state": ExportState.CANCELLED, "finished_at": now},
        {"state": ExportState.EXPIRED, "finished_at": now - 2 * DAY, "expires_at": now - DAY},
    )
    for number, state in enumerate(states, start=1):
        asked = {"number": number, "asked_at": now - number * timedelta(minutes=7)}
        words = ["Category is User actions", "Last 30 days"][: number % 3]
        Export.objects.create(tenant=tenant, person=person, words=words, **asked, **shown, **state)


def _views(tenant: Tenant, person: Person, now: datetime) -> None:
    kept = (("Failed sign-ins", None, "action=users.sign_in_failed"), ("What I shared", person, f"by={SID}"))
    for name, owner, filters in kept:
        SavedView.objects.create(
            tenant=tenant, owner=owner, name=name, filters=filters, created_at=now, changed_at=now
        )


def _keys(tenant: Tenant, person: Person, now: datetime) -> UUID:
    """One in each state; the id of the one that is used."""
    kept: tuple[dict[str, Any], ...] = (
        {"name": "platform", "expires_at": now + 80 * DAY, "last_used_at": now, "created_by": person},
        {"name": "Nightly reports of the data platform", "expires_at": now + 5 * DAY, "created_by": person},
        {"name": "old reader", "expires_at": now - DAY, "last_used_at": now - DAY},
        {"name": "lost laptop", "expires_at": now + DAY, "revoked_at": now, "created_by": person},
    )
    made = [
        ApiKey.objects.create(
            tenant=tenant,
            prefix=f"Kq7Zt0{n}x",
            digest=bytes([n]) * 32,
            scopes=["ingest", "read"][: n + 1],
            **key,
        )
        for n, key in enumerate(kept)
    ]
    return made[0].pk


_SO_FAR = [
    {
        "name": "address",
        "label": "Address",
        "status": "ok",
        "message": "The address can be called.",
        "milliseconds": 1,
    },
    {"name": "dns", "label": "DNS", "status": "ok", "message": "127.0.0.1", "milliseconds": 2},
    {"name": "tcp", "label": "TCP", "status": "running", "message": "", "milliseconds": None},
    *(
        {"name": name.lower(), "label": name, "status": "waiting", "message": "", "milliseconds": None}
        for name in ("TLS", "Authentication", "Ingest")
    ),
]


def _tests(intake: str, also: dict[str, int], tokens: dict[str, str]) -> dict[str, tuple[str, str]]:
    """Address and token of each test of a connection."""
    good = tokens["splunk_hec"]
    expired = f"https://127.0.0.1:{also['expired']}"
    return {
        "testing": (intake, good), "passed": (intake, good), "token": (intake, "no-token-of-this"),
        "tls": (expired, good),
    }  # fmt: skip


def _tested(tenant: Tenant, by: Person, told: tuple[str, str], *, now: datetime, runs: bool) -> UUID:
    """A test of Splunk that ran to its end; else one that never comes to its third step."""
    url, token = told
    wanted = configuring.Settings(enabled=True, destination_kind="splunk_hec", url=url, token=Secret(token))
    test = asking.ask_for_test(tenant=tenant, settings=wanted, stream=None, by=by, now=now)
    if runs:
        run_connection_test(test.pk, now=now)
    else:
        ConnectionTest.objects.filter(pk=test.pk).update(status="running", phases=_SO_FAR)
    return test.pk
