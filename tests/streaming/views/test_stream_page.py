from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from audit.models import Person, Tenant
from streaming.models import ConnectionTest, Cursor, Stream
from tests.streaming.views.conftest import PAGE, VALUES


@pytest.mark.parametrize("who", ["aud", "vic"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_only_admins_come_in(who: str, method: str, client: Client, request: pytest.FixtureRequest) -> None:
    client.force_login(request.getfixturevalue(who))

    answer = getattr(client, method)(PAGE)

    assert answer.status_code == 403
    assert "Ask an admin" in answer.content.decode()


def test_another_tenants_admin_finds_nothing(client: Client, gus: Person, acme: Tenant) -> None:
    client.force_login(gus)

    assert client.get(f"/t/{acme.slug}/audit-log/settings/").status_code == 404


def test_another_tenants_test_is_not_shown(admin: Client, gus: Person, globex: Tenant) -> None:
    theirs = ConnectionTest.objects.create(
        tenant=globex, asked_by=gus, destination_kind="splunk_hec", url="https://x", created_at=datetime.now(UTC),
        summary="canary of globex",
    )  # fmt: skip

    assert admin.get(f"{PAGE}test/{theirs.pk}/").status_code == 404
    assert "canary of globex" not in admin.get(f"{PAGE}?test={theirs.pk}").content.decode()


@pytest.fixture
def second(admin: Client) -> Stream:
    """The stream Blue, beside SIEM."""
    admin.post(PAGE, VALUES)
    admin.post(f"{PAGE}streams/new/", {**VALUES, "name": "Blue", "entry_filter": "category:user_actions"})
    return Stream.objects.get(name="Blue")


def test_one_stream_has_the_page_to_itself(admin: Client) -> None:
    admin.post(PAGE, VALUES)

    page = admin.get(PAGE).content.decode()

    assert "Add another stream" in page
    assert 'class="streamtab"' not in page


def test_several_streams_are_listed_with_their_state(admin: Client, second: Stream) -> None:
    page = admin.get(f"{PAGE}streams/{second.pk}/").content.decode()

    assert page.count('class="streamtab"') == 2
    assert f'href="{PAGE}"' in page
    assert f'href="{PAGE}streams/{second.pk}/" aria-current="page"' in page
    assert 'value="category:user_actions"' in page
    assert '<b title="User actions">' in page


def test_a_further_streams_form_leads_back_to_its_own_page(admin: Client, second: Stream) -> None:
    own = f"{PAGE}streams/{second.pk}/"

    answer = admin.post(own, {"enabled": "on", "name": "Green", "url": "https://splunk.acme.example:8088/x"})

    assert answer["Location"] == f"{own}?saved=1"
    assert list(Stream.objects.values_list("name", flat=True)) == ["SIEM", "Green"]
    assert Stream.objects.get(name="SIEM").url == VALUES["url"]


def test_a_form_of_a_stream_that_was_removed_meanwhile_changes_no_other(
    admin: Client, second: Stream
) -> None:
    first = Stream.objects.get(name="SIEM")
    page = admin.get(PAGE).content.decode()
    assert f'action="{PAGE}streams/{first.pk}/"' in page
    first.delete()

    answer = admin.post(f"{PAGE}streams/{first.pk}/", {"enabled": "on", "url": "https://other.example"})

    assert answer.status_code == 404
    assert Stream.objects.get().url == second.url


def test_another_tenants_stream_has_no_page_here(
    client: Client, second: Stream, gus: Person, globex: Tenant
) -> None:
    client.force_login(gus)

    assert client.get(f"/t/{globex.slug}/audit-log/settings/streams/{second.pk}/").status_code == 404


def test_what_no_stream_takes_is_said(admin: Client, acme: Tenant) -> None:
    admin.post(PAGE, {**VALUES, "entry_filter": "by:nobody", "start_from": "beginning"})
    assert 'id="untaken"' in admin.get(PAGE).content.decode()

    Stream.objects.filter(tenant=acme).update(entry_filter="")

    assert 'id="untaken"' not in admin.get(PAGE).content.decode()


@pytest.mark.parametrize(
    ("changes", "label", "words"),
    [
        ({"state": "retrying", "failures": 6}, "Retrying", "attempt 7 comes next"),
        ({"state": "held_for_credentials"}, "Action required: credentials", "Enter a working token and save"),
        ({"state": "held_for_settings"}, "Action required: settings", "Mend what the last error names"),
        ({"warning": "The index is missing."}, "Streaming", "The index is missing."),
    ],
)
def test_each_state_is_told_in_words_with_what_to_do(
    admin: Client, changes: dict[str, object], label: str, words: str
) -> None:
    admin.post(PAGE, VALUES)
    Cursor.objects.update(**changes)

    page = admin.get(PAGE, headers={"HX-Request": "true"}).content.decode()

    assert f"</span>{label}</span>" in page
    assert words in page


def test_a_stream_in_trouble_offers_to_try_again_now(admin: Client) -> None:
    admin.post(PAGE, VALUES)
    assert "data-clean" in admin.get(PAGE).content.decode()

    Cursor.objects.update(state="held_for_credentials")

    page = admin.get(PAGE).content.decode()
    assert "Save to try again now" in page
    assert "data-clean" not in page


def test_a_next_attempt_says_in_how_long(admin: Client) -> None:
    admin.post(PAGE, VALUES)
    Cursor.objects.update(
        state="retrying", next_attempt_at=datetime.now(UTC) + timedelta(minutes=4, seconds=30)
    )

    assert ">in 4 min " in admin.get(PAGE).content.decode()


def test_entries_that_were_set_aside_lead_to_their_list(admin: Client) -> None:
    admin.post(PAGE, VALUES)
    stream = Stream.objects.get()
    Cursor.objects.update(place=1, set_aside=1)

    page = admin.get(PAGE).content.decode()

    assert "Streaming, some set aside" in page
    assert f'<a href="{PAGE}streams/{stream.pk}/set-asides/">1 entry, and why</a>' in page


def test_a_stream_that_is_off_says_what_waits(admin: Client) -> None:
    admin.post(PAGE, VALUES)
    admin.post(PAGE, {})

    assert "Nothing is sent. 2 entries wait: switch it on" in admin.get(PAGE).content.decode()
