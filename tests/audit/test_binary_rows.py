"""Rows as bytes: what goes in comes out of the database unchanged, and the body is the standard's canonical form."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st

from audit import recording
from audit.binary_rows import Batch, Told, row
from audit.canonical import LARGEST_INTEGER, timestamp
from audit.catalog.lookup import CATALOG
from audit.drafts import Actor, Context, Draft, DraftRefused, Place, Target
from audit.models import AuditEntry, ExternalId, Tenant, Workspace
from tests.entries import NOON, draft, place

CASES = Path(__file__).parent.parent / "cases" / "injection_cases.tsv"
ACME = Told(UUID(int=7), "acme", "Acmé \U0001f600")

TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=8)
NUMBERS = st.integers(-LARGEST_INTEGER, LARGEST_INTEGER) | st.floats(-1e9, 1e9)
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXT,
    lambda inside: st.lists(inside, max_size=3) | st.dictionaries(TEXT, inside, max_size=3),
    max_leaves=6,
)
PLACES = [None, Place(UUID(int=8), "soc", 'S"OC'), Place(UUID(int=9), "it", "Büro\\")]
DRAFTS = st.builds(
    Draft,
    event=st.sampled_from(CATALOG.events()),
    actor=st.builds(
        Actor, email=TEXT.map("{}ana@x".format).filter(lambda email: email.split() == [email]), name=TEXT
    )
    | st.just(Actor(name="runner", type="service_account")),
    workspace=st.sampled_from(PLACES),
    parameters=st.dictionaries(TEXT, VALUES, max_size=4),
    details=TEXT,
    target=st.none() | st.builds(Target, type=TEXT, id=TEXT, name=TEXT),
    outcome=st.sampled_from(["success", "failure"]),
    context=st.none()
    | st.builds(Context, ip=st.sampled_from([None, "198.51.100.7", "2001:db8::1"]), user_agent=TEXT),
    occurred_at=st.none()
    | st.datetimes(
        datetime(1971, 1, 1),  # noqa: DTZ001 - the zone comes beside it
        datetime(2998, 1, 1),  # noqa: DTZ001 - as above
        timezones=st.sampled_from([UTC, timezone(timedelta(hours=-5))]),
    ),
    external_id=st.none() | TEXT.map("x{}".format),
)


def _document(one: Draft, *, number: str, sequence: int) -> dict[str, Any]:
    """The entry as contract.md describes it, in plain Python."""
    actor, target, context, workspace = one.actor, one.target, one.context, one.workspace
    return {
        "schema": 1, "id": number, "sequence": sequence,
        "tenant": {"id": str(ACME.id), "slug": ACME.slug, "name": ACME.name},
        "workspace": workspace and {"id": str(workspace.id), "slug": workspace.slug, "name": workspace.name},
        "event": one.event.code, "action": one.event.label, "area": one.event.area.label,
        "category": one.event.category.label,
        "actor": {"type": actor.type, "id": actor.id, "email": actor.email, "name": actor.name},
        "parameters": one.parameters, "details": one.details,
        "target": target and {"type": target.type, "id": target.id, "name": target.name},
        "outcome": one.outcome,
        "context": context
        and {"ip": context.ip, "user_agent": context.user_agent, "request_id": context.request_id},
        "occurred_at": timestamp(one.occurred_at or NOON), "recorded_at": timestamp(NOON),
        "producer": "platform", "external_id": one.external_id,
    }  # fmt: skip


@settings(max_examples=500, deadline=None)
@given(st.lists(DRAFTS, min_size=1, max_size=4), st.integers(1, 2**53))
def test_bodies_are_the_documents_in_the_form_of_rfc_8785(drafts: list[Draft], first: int) -> None:
    batch = Batch(tenant=ACME, producer="platform", now=NOON)

    prepared = batch.prepare([(one, one.check()) for one in drafts], number=len(drafts))

    for sequence, (one, made) in enumerate(zip(drafts, prepared, strict=True), first):
        body = made.before + str(sequence).encode() + made.after
        document = _document(one, number=json.loads(body)["id"], sequence=sequence)
        assert body == rfc8785.dumps({**document, "sequence": 0}).replace(
            b'"sequence":0,', b'"sequence":%d,' % sequence
        )
        assert body in row(made, sequence)


def _hostile() -> list[str]:
    lines = CASES.read_text(encoding="utf-8").splitlines()
    cases = [json.loads(line.split("\t")[2]) for line in lines if line.startswith("I")]
    own = [
        "\\", "\\N", "\\.", "\t", "\n", "\r\n", "a\tb\\tc\nd", '"', "'; DROP TABLE audit_auditentry; --", "\x01\x7f",
        "\U0001f600", "\u202e", "\ufeff", "\ue000\U00010000", "e\u0301", "{}", "null", "\\u0000", "PGCOPY\n\xff\r\n",
        "x" * 480,
    ]  # fmt: skip
    return [text for text in [*cases, *own] if "\0" not in text]


def _drafts(texts: list[str], soc: Workspace) -> list[Draft]:
    named = Place(place(soc).id, "soc", "")
    return [
        draft(
            actor=Actor(email="ana@acme.example", name=text[:500], id=text[:500]),
            workspace=Place(named.id, named.slug, text),
            parameters={"text": text, text[:400]: [text], "deep": {"er": {text[:400]: 1.5}}},
            details=text[:10_000],
            target=Target(text[:500], text[:500], text[:500]),
            context=Context(user_agent=text[:500], request_id=text[:500]),
            external_id=f"{at} {text[:400]}",
        )
        for at, text in enumerate(texts)
    ]


def test_hostile_values_come_out_as_they_went_in(acme: Tenant, soc: Workspace) -> None:
    sendable = [one for one in _drafts(_hostile(), soc) if _can_be_held(one)]
    assert len(sendable) > 50

    recording.record_many(tenant=acme, drafts=sendable, now=NOON, producer="\\N\t")

    for one, entry in zip(sendable, AuditEntry.objects.of(acme).order_by("sequence"), strict=True):
        body = json.loads(bytes(entry.body))
        assert entry.parameters == body["parameters"] == one.parameters
        assert entry.details == body["details"] == one.details
        assert entry.workspace_name == body["workspace"]["name"] == (one.workspace and one.workspace.name)
        assert entry.actor_name == entry.actor_id == body["actor"]["name"] == one.actor.name
        assert (
            entry.target == body["target"] == {"type": one.actor.id, "id": one.actor.id, "name": one.actor.id}
        )
        assert entry.external_id == body["external_id"] == one.external_id
        assert entry.producer == body["producer"] == "\\N\t"
    ids = ExternalId.objects.filter(tenant=acme).order_by("sequence").values_list("external_id", flat=True)
    assert list(ids) == [one.external_id for one in sendable]


def _can_be_held(one: Draft) -> bool:
    try:
        one.check()
    except DraftRefused:
        return False
    return True


@pytest.mark.parametrize("text", ["\\" * 50_000, "\n\t" * 30_000, "ab " * 33_000, "\U0001f600" * 20_000])
def test_what_is_long_comes_out_whole(acme: Tenant, text: str) -> None:
    recording.record(tenant=acme, draft=draft(parameters={"text": text}, details=text[:10_000]), now=NOON)

    entry = AuditEntry.objects.of(acme).get()
    assert (entry.parameters, entry.details) == ({"text": text}, text[:10_000])
    assert json.loads(bytes(entry.body))["parameters"] == {"text": text}


@pytest.mark.parametrize(
    ("address", "stored"),
    [
        ("198.51.100.7", "198.51.100.7"),
        ("2001:DB8:0::1", "2001:db8::1"),
        ("0.0.0.0", "0.0.0.0"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        (None, None),
    ],
)
def test_addresses_are_stored_in_their_common_form(
    acme: Tenant, address: str | None, stored: str | None
) -> None:
    recording.record(tenant=acme, draft=draft(context=Context(ip=address)), now=NOON)

    entry = AuditEntry.objects.of(acme).get()
    assert entry.ip in {stored, f"::ffff:{stored}"}
    assert json.loads(bytes(entry.body))["context"]["ip"] == address


@pytest.mark.parametrize("year", [1970, 1999, 2000, 2026, 2999])
def test_times_are_exact_on_both_sides_of_the_epoch(acme: Tenant, year: int) -> None:
    moment = datetime(year, 3, 1, 1, 2, 3, 456_789, tzinfo=timezone(timedelta(hours=5, minutes=30)))

    recording.record(tenant=acme, draft=draft(occurred_at=moment), now=NOON)

    entry = AuditEntry.objects.of(acme).get()
    assert (entry.occurred_at, entry.recorded_at) == (moment, NOON)
