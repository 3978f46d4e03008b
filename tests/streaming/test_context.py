from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from audit.models import Tenant
from streaming.models import Cursor, HourFigures, State, Stream
from tests.entries import make_entry

OVERVIEW = "/t/acme/audit-log/overview/"
PAGES = ["/t/acme/audit-log/", "/t/acme/audit-log/settings/"]


@pytest.fixture
def stream(acme: Tenant) -> Stream:
    made = Stream.objects.create(tenant=acme, url="https://x.example", name="North <SIEM>", enabled=True)
    Cursor.objects.create(stream=made, started_after=0)
    return made


def page(client: Client, who: str, path: str, request: pytest.FixtureRequest) -> str:
    client.force_login(request.getfixturevalue(who))
    return client.get(path).content.decode()


@pytest.mark.parametrize("path", PAGES)
def test_an_admin_is_told_on_both_pages(
    path: str, client: Client, stream: Stream, request: pytest.FixtureRequest
) -> None:
    assert 'class="messages notices"' not in page(client, "ana", path, request)
    since = datetime.now(UTC) - timedelta(hours=1)
    Cursor.objects.filter(pk=stream.pk).update(state=State.RETRYING, troubled_since=since)

    shown = page(client, "ana", path, request)

    assert "North &lt;SIEM&gt;" in shown
    assert "has taken no entries</strong> since" in shown
    assert f"/t/acme/audit-log/settings/streams/{stream.pk}/" in shown


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"state": State.HELD_FOR_SETTINGS}, "has stopped and waits for you"),
        ({"notice_stage": "recovered", "noticed_at": datetime.now(UTC)}, "delivers again"),
    ],
)
def test_a_held_stream_and_a_recovery_are_told_at_once(
    values: dict[str, object], words: str, client: Client, stream: Stream, request: pytest.FixtureRequest
) -> None:
    Cursor.objects.filter(pk=stream.pk).update(**values)

    assert words in page(client, "ana", PAGES[0], request)


@pytest.mark.parametrize("who", ["aud", "vic"])
def test_who_cannot_change_it_is_not_told(
    who: str, client: Client, stream: Stream, request: pytest.FixtureRequest
) -> None:
    Cursor.objects.filter(pk=stream.pk).update(state=State.HELD_FOR_SETTINGS)

    assert "has stopped" not in page(client, who, PAGES[0], request)


def test_the_overview_shows_all_streams_and_leads_admins_to_their_settings(
    client: Client, stream: Stream, acme: Tenant, request: pytest.FixtureRequest
) -> None:
    make_entry(acme, at=datetime.now(UTC))
    HourFigures.objects.create(stream=stream, tenant=acme, hour=datetime.now(UTC), delivered=31)
    Cursor.objects.filter(pk=stream.pk).update(place=1, delivered=0, set_aside=1)

    for_ana = page(client, "ana", OVERVIEW, request)
    for_aud = page(client, "aud", OVERVIEW, request)

    for shown in (for_ana, for_aud):
        assert "North &lt;SIEM&gt;" in shown
        assert "31 delivered in 24 hours" in shown
        assert "1 set aside" in shown
    assert f"/t/acme/audit-log/settings/streams/{stream.pk}/set-asides/" in for_ana
    assert "/settings/" not in for_aud


def test_the_overview_offers_to_set_streaming_up_where_nothing_is(
    client: Client, acme: Tenant, request: pytest.FixtureRequest
) -> None:
    make_entry(acme, at=datetime.now(UTC))

    assert "Set up streaming" in page(client, "ana", OVERVIEW, request)
    assert "Set up streaming" not in page(client, "aud", OVERVIEW, request)
