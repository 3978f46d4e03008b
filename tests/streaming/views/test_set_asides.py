from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client

from audit.models import AuditEntry, Person, Tenant
from streaming.models import Cursor, Resolution, SetAside, Stream
from streaming.views import set_asides
from tests.entries import NOON, make_entry
from tests.replays import catch_up, record_entries
from tests.streams import MakeStream


@pytest.fixture
def admin(client: Client, ana: Person) -> Client:
    client.force_login(ana)
    return client


@pytest.fixture
def stream(acme: Tenant, make_stream: MakeStream) -> Stream:
    """Entries 1 to 9, of which 2, 4 and 6 are set aside; the rest is delivered."""
    record_entries(acme, 8)
    made = make_stream()
    catch_up(made)
    for sequence in (2, 4, 6):
        aside(made, sequence)
    return made


def aside(stream: Stream, sequence: int, **more: Any) -> SetAside:
    entry = AuditEntry.objects.of(stream.tenant).filter(sequence=sequence).first()
    cursor = Cursor.objects.get(pk=stream.pk)
    Cursor.objects.filter(pk=stream.pk).update(delivered=cursor.delivered - 1, set_aside=cursor.set_aside + 1)
    values = {
        "code": "hec_6", "http_status": 400, "reason": "Invalid data format", "at": NOON, "last_tried_at": NOON,
        "entry_id": entry.pk if entry else stream.pk,
    }  # fmt: skip
    return SetAside.objects.create(stream=stream, sequence=sequence, **{**values, **more})


def page_of(stream: Stream) -> str:
    return f"/t/acme/audit-log/settings/streams/{stream.pk}/set-asides/"


def text_of(answer: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


def test_each_is_listed_with_its_entry_and_its_answer(admin: Client, stream: Stream, acme: Tenant) -> None:
    answer = admin.get(page_of(stream))

    entry = AuditEntry.objects.of(acme).get(sequence=4)
    assert f'href="/t/acme/audit-log/{entry.pk}/"' in answer.content.decode()
    text = text_of(answer)
    assert "Entry 4 by ana@acme.example" in text
    assert "Invalid data format hec_6 · HTTP 400" in text
    assert "1 try" in text
    assert "Open 3" in text


def test_chosen_ones_are_sent_again(admin: Client, stream: Stream) -> None:
    answer = admin.post(page_of(stream), {"sequence": ["2", "6"], "do": "send"}, follow=True)

    assert "2 entries go out again" in text_of(answer)
    assert list(SetAside.objects.filter(send_again=True).values_list("sequence", flat=True)) == [2, 6]
    catch_up(stream)
    assert list(SetAside.objects.filter(resolution="").values_list("sequence", flat=True)) == [4]
    ended = text_of(admin.get(f"{page_of(stream)}?show=ended"))
    assert ended.count("Sent again") == 2


def test_one_or_all_are_sent_again(admin: Client, stream: Stream) -> None:
    admin.post(page_of(stream), {"one": "4", "sequence": ["2"]})
    assert list(SetAside.objects.filter(send_again=True).values_list("sequence", flat=True)) == [4]

    answer = admin.post(page_of(stream), {"do": "send_all"}, follow=True)

    assert "2 entries go out again" in text_of(answer)
    assert SetAside.objects.filter(send_again=True).count() == 3
    again = text_of(admin.post(page_of(stream), {"do": "send_all"}, follow=True))
    assert "sent or dismissed meanwhile" in again


def test_dismissing_needs_a_reason_and_is_recorded(
    admin: Client, stream: Stream, acme: Tenant, ana: Person
) -> None:
    refused = admin.post(page_of(stream), {"sequence": "2", "do": "dismiss", "because": " "})
    assert (refused.status_code, "Say why" in text_of(refused)) == (422, True)

    admin.post(page_of(stream), {"do": "dismiss_all", "because": "Test data <b>"})

    assert set(SetAside.objects.values_list("resolution", "resolved_by")) == {(Resolution.DISMISSED, ana.pk)}
    entry = AuditEntry.objects.of(acme).get(event__endswith="set_asides_dismissed")
    assert (entry.parameters["reason"], entry.done_by) == ("Test data <b>", "ana@acme.example")
    ended = admin.get(f"{page_of(stream)}?show=ended").content.decode()
    assert "Test data &lt;b&gt;" in ended
    assert "ana@acme.example" in ended


@pytest.mark.parametrize("do", ["send", "dismiss"])
def test_nothing_chosen_is_said(do: str, admin: Client, stream: Stream) -> None:
    answer = admin.post(page_of(stream), {"do": do, "because": "x", "sequence": ["no", "٣"]})

    assert answer.status_code == 422
    assert "Choose entries first" in text_of(answer)


def test_thousands_are_shown_a_page_at_a_time(
    admin: Client, stream: Stream, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(set_asides, "PAGE_SIZE", 2)

    first = admin.get(page_of(stream)).content.decode()
    assert "?after=4" in first
    second = text_of(admin.get(f"{page_of(stream)}?after=4"))

    assert "Entry 6 by" in second
    assert "Entry 4 by" not in second
    assert "No more entries" in text_of(admin.get(f"{page_of(stream)}?after=99"))
    assert "Entry 2 by" in text_of(admin.get(f"{page_of(stream)}?after=nonsense"))


def test_an_entry_that_retention_removed_is_still_listed(admin: Client, stream: Stream) -> None:
    SetAside.objects.filter(sequence=2).update(sequence=900)

    assert "Entry 900 Removed by retention since" in text_of(admin.get(page_of(stream)))


def test_nothing_set_aside_is_good_news(admin: Client, make_stream: MakeStream) -> None:
    stream = make_stream()

    assert "Nothing is set aside" in text_of(admin.get(page_of(stream)))
    assert "Nothing has ended yet" in text_of(admin.get(f"{page_of(stream)}?show=ended"))


def test_what_a_destination_answered_cannot_become_markup(admin: Client, stream: Stream) -> None:
    SetAside.objects.filter(sequence=2).update(reason="<script>alert(1)</script>", code="<b>")

    page = admin.get(page_of(stream)).content.decode()

    assert "<script>alert" not in page
    assert "<code><b>" not in page


@pytest.mark.parametrize("who", ["aud", "vic"])
def test_only_admins_come_in(
    who: str, client: Client, stream: Stream, request: pytest.FixtureRequest
) -> None:
    client.force_login(request.getfixturevalue(who))

    assert client.get(page_of(stream)).status_code == 403
    assert client.post(page_of(stream), {"do": "send_all"}).status_code == 403


def test_another_tenants_stream_is_not_found(admin: Client, globex: Tenant) -> None:
    make_entry(globex)
    theirs = Stream.objects.create(tenant=globex, url="", created_at=datetime.now(UTC))

    assert admin.get(page_of(theirs)).status_code == 404
