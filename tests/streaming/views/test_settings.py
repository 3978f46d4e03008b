from __future__ import annotations

import re
from datetime import UTC, datetime

from django.test import Client

from audit.models import AuditEntry, Person, Tenant
from streaming.models import ConnectionTest, Stream
from streaming.tokens import token_of
from tests.entries import make_entry
from tests.streaming.views.conftest import PAGE, VALUES
from tests.streams import MakeStream


def test_an_admin_saves_and_the_token_is_never_shown_again(admin: Client) -> None:
    answer = admin.post(PAGE, VALUES, follow=True)

    page = answer.content.decode()
    assert "Settings saved. New entries go to splunk.acme.example." in page
    assert "canary" not in page
    assert "https://splunk.acme.example:8088/services/collector/event" in page


def test_errors_stand_beside_their_fields_and_nothing_is_saved(admin: Client) -> None:
    answer = admin.post(PAGE, {**VALUES, "url": "http://10.0.0.1", "token": ""})

    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Two fields need attention" in page
    assert 'id="id_url_error"' in page
    assert 'id="id_token_error"' in page
    assert not Stream.objects.exists()


def test_switching_off_ignores_the_rest_of_the_form(admin: Client) -> None:
    admin.post(PAGE, VALUES)

    admin.post(PAGE, {"destination_kind": "nonsense", "url": "also nonsense"})

    stream = Stream.objects.get()
    assert (stream.enabled, stream.url) == (False, VALUES["url"])


def test_the_form_is_inactive_while_streaming_is_off(admin: Client) -> None:
    page = admin.get(PAGE).content.decode()
    assert '<fieldset class="fset stack" id="destination" disabled>' in page
    assert "Entries are still recorded and kept here for 395 days; none is sent." in page


def test_switching_on_without_the_other_fields_keeps_what_was_saved(admin: Client) -> None:
    admin.post(PAGE, VALUES)
    admin.post(PAGE, {})

    admin.post(PAGE, {"enabled": "on"})

    stream = Stream.objects.get()
    assert stream.enabled
    assert token_of(stream).reveal() == VALUES["token"]


def test_entries_that_wait_can_be_left_out_when_switching_on_again(admin: Client, acme: Tenant) -> None:
    admin.post(PAGE, VALUES)
    admin.post(PAGE, {})
    make_entry(acme)
    page = admin.get(PAGE).content.decode()
    assert "Leave out the 3 entries that wait and start from now" in page
    assert 'name="catch_up_through" value="3"' in page
    make_entry(acme)

    admin.post(PAGE, {"enabled": "on", "catch_up": "now", "catch_up_through": "3"})

    assert Stream.objects.get().cursor.left_out == 3


def test_the_change_is_recorded_with_the_person(admin: Client, acme: Tenant) -> None:
    admin.post(PAGE, VALUES)

    entry = AuditEntry.objects.of(acme).get(event="tenant_admin_settings.audit_log_streaming_enabled")
    assert (entry.done_by, entry.ip) == ("ana@acme.example", "127.0.0.1")


def test_the_health_card_says_how_the_stream_is_doing(admin: Client, make_stream: MakeStream) -> None:
    make_stream("splunk_hec")

    page = admin.get(PAGE, headers={"HX-Request": "true"}).content.decode()

    assert "Streaming health" in page
    assert "<html" not in page
    assert "1 <small>entry</small>" in page


def test_after_a_test_without_javascript_the_page_holds_what_was_typed_but_never_the_token(
    admin: Client, ana: Person, acme: Tenant
) -> None:
    typed = {"destination_kind": "elasticsearch", "url": "https://es.acme.example:9200"}
    test = ConnectionTest.objects.create(tenant=acme, asked_by=ana, created_at=datetime.now(UTC), **typed)

    page = admin.get(f"{PAGE}?test={test.pk}").content.decode()

    assert 'value="https://es.acme.example:9200"' in page
    assert 'value="elasticsearch" data-placeholder' in page
    assert '<fieldset class="fset stack" id="destination">' in page


def test_a_new_stream_is_called_what_is_still_free(admin: Client) -> None:
    admin.post(PAGE, VALUES)

    page = admin.get(f"{PAGE}streams/new/").content.decode()

    assert 'name="name" value="SIEM 2"' in page
    assert '<fieldset class="fset stack" id="destination">' in page


def test_a_name_that_is_taken_is_refused_beside_its_field(admin: Client) -> None:
    admin.post(PAGE, VALUES)

    answer = admin.post(f"{PAGE}streams/new/", {**VALUES, "name": "siem"})

    assert answer.status_code == 422
    assert 'id="id_name_error"' in answer.content.decode()
    assert Stream.objects.count() == 1


def test_a_filter_is_kept_shown_and_told_by_its_name(admin: Client, acme: Tenant) -> None:
    admin.post(PAGE, VALUES)

    admin.post(PAGE, {"enabled": "on", "entry_filter": '-by:"svc deploy"'})

    assert Stream.objects.get().entry_filter == "not.by=svc+deploy"
    page = admin.get(PAGE).content.decode()
    assert 'value="-by:&quot;svc deploy&quot;"' in page
    assert AuditEntry.objects.of(acme).order_by("-sequence")[0].parameters["changed"] == ["entry_filter"]


def test_a_filter_with_a_time_is_refused_with_what_to_do(admin: Client) -> None:
    answer = admin.post(PAGE, {**VALUES, "entry_filter": "range:7d"})

    assert answer.status_code == 422
    assert "A stream sends entries as they come" in answer.content.decode()
    assert not Stream.objects.exists()


def test_the_filters_of_a_view_of_the_log_stand_in_the_form(admin: Client) -> None:
    admin.post(PAGE, VALUES)
    query = "by=ana%2540acme.example%26range%3D7d%26entry%3Dx"

    page = admin.get(f"{PAGE}?filter={query}").content.decode()

    assert 'value="by:ana@acme.example"' in page
    assert "Its time was left out" in page
    assert f"{PAGE}streams/new/?filter=by%3Dana%2540acme.example" in page
    assert Stream.objects.get().entry_filter == ""


def test_a_view_that_cannot_be_used_says_why(admin: Client) -> None:
    assert "“colour” is no filter" in admin.get(f"{PAGE}?filter=colour%3Dred").content.decode()


def test_format_framing_and_signature_are_kept_for_http(admin: Client) -> None:
    http = {
        **VALUES,
        "destination_kind": "http_bearer",
        "url": "https://siem.acme.example/in",
        "payload_format": "ocsf",
        "framing": "ndjson",
        "signing_secret": "whsec_" + "Y2FuYXJ5" * 4,
    }
    answer = admin.post(PAGE, http, follow=True)

    stream = Stream.objects.get()
    assert (stream.payload_format, stream.framing) == ("ocsf", "ndjson")
    assert "Y2FuYXJ5" not in answer.content.decode()

    admin.post(PAGE, {"enabled": "on", "unsigned": "on"})

    assert Stream.objects.get().signing_secret_encrypted is None


def test_a_signing_secret_that_is_none_is_refused_beside_its_field(admin: Client) -> None:
    answer = admin.post(
        PAGE,
        {
            **VALUES,
            "destination_kind": "http_bearer",
            "url": "https://siem.acme.example",
            "signing_secret": "short",
        },
    )

    assert 'id="id_signing_secret_error"' in answer.content.decode()
    assert not Stream.objects.exists()


def test_a_view_of_the_log_leads_here_with_its_filters_for_those_who_may(
    admin: Client, vic: Person, acme: Tenant
) -> None:
    make_entry(acme)
    log = "/t/acme/audit-log/?by=ana%40acme.example"
    assert f'href="{PAGE}?filter=by%3Dana%2540acme.example"' in admin.get(log).content.decode()

    admin.force_login(vic)

    assert "Stream these" not in admin.get(log).content.decode()


def test_a_signing_secret_is_offered_that_the_form_takes(admin: Client) -> None:
    offered = re.search(r"(whsec_[^<]+)</code> <button", admin.get(PAGE).content.decode())
    assert offered is not None
    http = {**VALUES, "destination_kind": "http_bearer", "url": "https://siem.acme.example"}

    answer = admin.post(PAGE, {**http, "signing_secret": offered[1]}, follow=True)

    assert Stream.objects.get().signing_secret_encrypted is not None
    assert offered[1] not in answer.content.decode()
