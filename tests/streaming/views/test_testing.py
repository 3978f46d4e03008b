from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.test import Client

from audit.models import Tenant
from streaming.models import ConnectionTest
from streaming.transport.phases import PHASES
from tests.streaming.broker import AWAY, broker_at, queued
from tests.streaming.views.conftest import PAGE, VALUES


def test_without_javascript_the_button_leads_back_to_the_page_with_the_test(admin: Client) -> None:
    answer = admin.post(f"{PAGE}test/", VALUES)

    assert answer["Location"] == f"{PAGE}?test={ConnectionTest.objects.get().pk}"


def test_all_steps_are_there_before_a_worker_has_begun(admin: Client) -> None:
    page = admin.post(f"{PAGE}test/", VALUES, headers={"HX-Request": "true"}).content.decode()

    assert [page.count(f"{name}<span") for name in PHASES.values()] == [1] * len(PHASES)
    assert page.count(": waiting</span>") == len(PHASES)


@pytest.mark.parametrize(("headers", "status"), [({"HX-Request": "true"}, 200), ({}, 422)])
def test_values_that_cannot_work_are_not_tested(admin: Client, headers: dict[str, str], status: int) -> None:
    answer = admin.post(f"{PAGE}test/", {**VALUES, "url": "http://10.0.0.1"}, headers=headers)

    assert answer.status_code == status
    assert "https://" in answer.content.decode()
    assert not ConnectionTest.objects.exists()


@pytest.mark.parametrize(("status", "code"), [("running", 200), ("passed", 286), ("failed", 286)])
def test_the_page_asks_again_until_the_test_has_ended(
    admin: Client, acme: Tenant, status: str, code: int
) -> None:
    now = datetime.now(UTC)
    test = ConnectionTest.objects.create(
        tenant=acme,
        destination_kind="splunk_hec",
        url="https://x",
        status=status,
        created_at=now,
        finished_at=now,
    )

    assert admin.get(f"{PAGE}test/{test.pk}/").status_code == code


def test_the_button_hands_the_typed_values_to_a_worker_and_shows_the_first_step(admin: Client) -> None:
    before = queued()

    answer = admin.post(f"{PAGE}test/", VALUES, headers={"HX-Request": "true"})

    test = ConnectionTest.objects.get()
    assert queued() == before + 1
    assert (test.url, test.status, getattr(test.asked_by, "email", "")) == (
        VALUES["url"],
        "waiting",
        "ana@acme.example",
    )
    assert f"{PAGE}test/{test.pk}/" in answer.content.decode()
    assert "canary" not in answer.content.decode()


def test_a_queue_that_is_away_is_told_in_words(admin: Client) -> None:
    with broker_at(AWAY):
        answer = admin.post(f"{PAGE}test/", VALUES, headers={"HX-Request": "true"})

    assert "The test could not be started: the queue does not answer" in answer.content.decode()


def test_without_javascript_what_a_test_does_not_keep_comes_back_into_the_form(admin: Client) -> None:
    values = {**VALUES, "name": "Blue", "entry_filter": "by:ana@acme.example", "framing": "ndjson"}

    page = admin.post(f"{PAGE}streams/new/test/", values, follow=True).content.decode()

    assert 'name="name" value="Blue"' in page
    assert 'value="by:ana@acme.example"' in page
    assert '<option value="ndjson" selected>' in page
    assert "canary" not in page
