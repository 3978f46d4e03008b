from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from audit.models import Person, Tenant
from auditsite.demo.intake import Intake
from auditsite.demo.intake.behaviour import Behaviour
from streaming.encryption import Secret
from streaming.models import DeliveryAttempt, Stream
from tests.streams import MakeStream, deliver_once

CHANGES = [("stream", "add"), ("stream", "delete"), ("deliveryattempt", "add"), ("deliveryattempt", "delete")]


@pytest.fixture
def staff(client: Client, acme: Tenant) -> Client:  # noqa: ARG001 - opens the database
    """A superuser: nobody may do more."""
    client.force_login(Person.objects.create_superuser("sue@platform.example"))
    return client


@pytest.fixture
def held(make_stream: MakeStream, loopback: Intake) -> Stream:
    stream = make_stream(url=f"{loopback.url('http_bearer')}?key=canary-url", token=Secret("canary-token"))
    loopback.behave("http_bearer", Behaviour(status=401))
    deliver_once(stream)
    return stream


def page(staff: Client, name: str, *args: object) -> str:
    answer = staff.get(reverse(f"admin:streaming_{name}", args=args))
    assert answer.status_code == 200
    return answer.content.decode()


def test_staff_see_how_each_stream_is_doing(staff: Client, held: Stream) -> None:
    listed, alone = page(staff, "stream_changelist"), page(staff, "stream_change", held.pk)

    for shown in (listed, alone):
        assert "Action required: credentials" in shown
        assert "Acme" in shown
    assert "/ingest" in alone


def test_neither_token_nor_what_may_be_one_is_shown(staff: Client, held: Stream) -> None:
    assert "canary" not in page(staff, "stream_changelist") + page(staff, "stream_change", held.pk)


def test_staff_see_what_destinations_answered(staff: Client, held: Stream) -> None:
    shown = page(staff, "deliveryattempt_changelist")

    assert "held_for_credentials" in shown
    assert "401" in shown
    page(staff, "deliveryattempt_change", held.attempts.get().pk)


@pytest.mark.parametrize(("model", "door"), CHANGES)
def test_nobody_adds_or_removes_anything_here(model: str, door: str, staff: Client, held: Stream) -> None:
    pk = {"stream": held.pk, "deliveryattempt": held.attempts.get().pk}[model]
    url = reverse(f"admin:streaming_{model}_{door}", args=() if door == "add" else (pk,))

    assert staff.post(url, {"post": "yes"}).status_code == 403
    assert (Stream.objects.count(), DeliveryAttempt.objects.count()) == (1, 1)


def test_nobody_changes_a_stream_here(staff: Client, held: Stream) -> None:
    url = reverse("admin:streaming_stream_change", args=(held.pk,))

    answer = staff.post(url, {"url": "https://evil.example", "enabled": ""})

    assert answer.status_code == 403
    assert Stream.objects.get().url == held.url


def test_staff_see_which_entries_a_stream_takes(staff: Client, make_stream: MakeStream) -> None:
    stream = make_stream(entry_filter="category=user_actions&not.by=bot")

    for shown in (page(staff, "stream_changelist"), page(staff, "stream_change", stream.pk)):
        assert "category:user_actions -by:bot" in shown
