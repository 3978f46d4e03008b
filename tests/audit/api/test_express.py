"""What the short way takes and leaves; that both ways answer alike: tests/auditsite/test_ingest_road.py."""

from __future__ import annotations

import gzip
import json
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from audit.api import express, remembering
from audit.drafts import Actor
from audit.keys import make_key, recognise
from audit.models import AuditEntry, Tenant
from audit.signals import entries_recorded
from tests.audit.api.caller import entry

pytestmark = pytest.mark.usefixtures("committing_db")


def _key(scope: str = "ingest") -> str:
    acme = Tenant.objects.create(slug="acme", name="Acme")
    ana = Actor(email="ana@acme.example")
    _, text = make_key(tenant=acme, name="platform", scopes=[scope], now=timezone.now(), actor=ana)
    remembering.remember_key(text, recognise(text, now=timezone.now()))
    return text


def _take(value: Any, secret: str, *, packed: bool = False) -> express.Taken | None:
    content = json.dumps(value).encode()
    return express.take(
        gzip.compress(content) if packed else content, lines=False, packed=packed, secret=secret
    )


def test_one_entry_of_a_known_sender_asks_django_for_nothing(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    secret = _key()
    _take(entry(), secret)

    heard: list[object] = []

    def receiver(**_sent: object) -> None:
        heard.append(AuditEntry.objects.latest("sequence").sequence)

    entries_recorded.connect(receiver)
    try:
        with django_assert_num_queries(2):  # which streams there are, and the receiver's own
            taken = _take(entry(details="mine"), secret)
    finally:
        entries_recorded.disconnect(receiver)

    assert taken is not None
    assert json.loads(taken.answer) == {
        "accepted": 1, "duplicates": 0, "first_sequence": 3, "last_sequence": 3,
    }  # fmt: skip
    assert taken.key.name == "platform"
    assert (AuditEntry.objects.latest("sequence").details, heard) == ("mine", [3])


@pytest.mark.parametrize("packed", [True, False])
def test_a_batch_is_taken_whole(packed: bool) -> None:
    secret = _key()

    taken = _take([entry(), entry()], secret, packed=packed)

    assert taken is not None
    assert json.loads(taken.answer)["accepted"] == 2


@pytest.mark.parametrize(
    "value", [{}, [], [entry(), {}], entry(event="a.b"), entry(workspace="soc"), entry(details="\0"), 7]
)
def test_what_is_doubtful_is_left_and_nothing_is_recorded(value: Any) -> None:
    secret = _key()

    assert _take(value, secret) is None
    assert AuditEntry.objects.count() == 1


@pytest.mark.parametrize("value", [entry(), [entry(), entry()]])
def test_a_key_without_the_scope_or_unknown_to_the_process_is_left(value: Any) -> None:
    assert _take(value, _key("read")) is None
    assert _take(value, "alk_live_nothing") is None
    assert AuditEntry.objects.count() == 1


def test_a_sender_of_whom_something_changed_is_forgotten() -> None:
    secret = _key()
    Tenant.objects.update(name="Acme & Sons")

    assert _take(entry(), secret) is None
    assert remembering.key_of(secret) is None
