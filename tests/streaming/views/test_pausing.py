from __future__ import annotations

import re

import pytest
from django.test import Client

from audit.models import AuditEntry, Person, Tenant
from streaming.models import Stream
from tests.replays import record_entries
from tests.streaming.views.conftest import PAGE, VALUES


@pytest.fixture
def stream(admin: Client) -> Stream:
    admin.post(PAGE, VALUES)
    return Stream.objects.get()


def press(browser: Client, stream: Stream, do: str, **more: object) -> str:
    """What the page says then."""
    answer = browser.post(f"{PAGE}streams/{stream.pk}/pause/", {"do": do, **more}, follow=True)
    return answer.content.decode()


def test_pausing_is_said_and_the_form_stays_open(admin: Client, stream: Stream) -> None:
    page = press(admin, stream, "pause")

    assert "Paused. Entries wait here, in order, until you resume." in page
    assert 'data-state="paused"' in page
    assert '<fieldset class="fset stack" id="destination">' in page
    assert "by <bdi>ana@acme.example</bdi>" in page
    assert "On hold" in page


def test_saving_a_paused_stream_changes_it_and_leaves_it_paused(admin: Client, stream: Stream) -> None:
    press(admin, stream, "pause")

    page = admin.post(
        PAGE, {**VALUES, "url": "https://splunk.acme.example:8088/other"}, follow=True
    ).content.decode()

    stream.refresh_from_db()
    assert "Delivery stays paused until you resume it." in page
    assert (stream.enabled, stream.is_paused, stream.url[-6:]) == (False, True, "/other")


def test_the_number_that_is_left_out_is_told_beforehand_and_is_the_one(
    admin: Client, stream: Stream, acme: Tenant
) -> None:
    press(admin, stream, "pause")
    record_entries(acme, 1234)
    page = admin.get(PAGE).content.decode()
    told = re.search(r"The ([\d,]+) entries that wait, up to entry ([\d,]+), are left out", page)
    through = re.search(r'name="through" value="(\d+)"', page)
    assert told is not None
    assert through is not None
    record_entries(acme, 1)

    answer = press(admin, stream, "resume_from_now", through=through[1])

    assert told[1] == "1,236"
    assert f"Resumed from now. {told[1]} entries were left out and stay in the Audit Log." in answer
    stream.refresh_from_db()
    assert (stream.enabled, stream.cursor.left_out) == (True, 1236)


def test_resuming_says_how_many_follow(admin: Client, stream: Stream) -> None:
    press(admin, stream, "pause")

    assert "Resumed. 2 entries follow in order." in press(admin, stream, "resume")


def test_a_button_that_comes_too_late_changes_nothing_and_says_so(admin: Client, stream: Stream) -> None:
    assert "the stream is in another state by now" in press(admin, stream, "resume")
    press(admin, stream, "pause")

    assert "the stream is in another state by now" in press(admin, stream, "pause")


@pytest.mark.parametrize("through", ["", "-1", "many", "9" * 40, "\u0663"])
def test_a_number_that_is_none_leaves_out_what_waits(admin: Client, stream: Stream, through: str) -> None:
    press(admin, stream, "pause")

    press(admin, stream, "resume_from_now", through=through)

    stream.refresh_from_db()
    assert stream.cursor.left_out == 2


def test_reloaded_the_address_leads_to_the_settings(admin: Client, stream: Stream) -> None:
    assert admin.get(f"{PAGE}streams/{stream.pk}/pause/").headers["Location"] == PAGE


@pytest.mark.parametrize("who", ["aud", "vic", "gus"])
def test_only_admins_of_the_tenant_pause(
    who: str, client: Client, admin: Client, stream: Stream, acme: Tenant, request: pytest.FixtureRequest
) -> None:
    del admin
    person: Person = request.getfixturevalue(who)
    client.force_login(person)
    number = AuditEntry.objects.of(acme).count()

    answer = client.post(f"{PAGE}streams/{stream.pk}/pause/", {"do": "pause"})

    assert answer.status_code in {403, 404}
    stream.refresh_from_db()
    assert stream.enabled
    assert AuditEntry.objects.of(acme).count() == number


def test_a_stream_of_another_tenant_is_not_found(admin: Client, globex: Tenant) -> None:
    foreign = Stream.objects.create(tenant=globex, url="https://x.example", enabled=True)

    assert admin.post(f"{PAGE}streams/{foreign.pk}/pause/", {"do": "pause"}).status_code == 404
    foreign.refresh_from_db()
    assert foreign.enabled
