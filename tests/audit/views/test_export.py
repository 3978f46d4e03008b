from __future__ import annotations

import csv
import gzip
import io
from typing import Any

import pytest
from django.test import Client

from audit.exporting import NotAsPromised
from audit.exports import asking
from audit.models import AuditEntry, Export, Person, Tenant, Workspace
from audit.views import export, wanting
from tests.entries import make_entry

EXPORT = "/t/acme/audit-log/export/"
EXPORTED = "tenant_admin_settings.audit_logs_exported"


@pytest.fixture
def browser(client: Client, ana: Person) -> Client:
    """Ana's browser."""
    client.force_login(ana)
    return client


def exported(client: Client, **form: Any) -> bytes:
    response = client.post(EXPORT, form)
    assert response.status_code == 200, response.content
    return response.getvalue()


def test_a_file_has_exactly_what_the_filters_show(browser: Client, acme: Tenant) -> None:
    make_entry(acme, "cases.case_shared")
    shown = [make_entry(acme, by=by) for by in ("ana@acme.example", "bob@acme.example")]
    make_entry(acme, by="backup")

    lines = exported(
        browser, format="ndjson", by=["ana@acme.example", "bob@acme.example"], **{"not.area": "cases"}
    )

    assert lines == b"".join(bytes(entry.body) + b"\n" for entry in reversed(shown))


def test_csv_is_safe_for_spreadsheets_unless_the_raw_one_is_asked_for(browser: Client, acme: Tenant) -> None:
    make_entry(acme, details="=cmd|'/c calc'!A1")

    safe = list(csv.DictReader(io.StringIO(exported(browser, format="csv").decode("utf-8-sig"))))
    raw = list(csv.DictReader(io.StringIO(exported(browser, format="csv_raw").decode())))

    assert [row["Details"] for row in safe] == ["'=cmd|'/c calc'!A1"]
    assert "=cmd|'/c calc'!A1" in [row["Details"] for row in raw]


def test_the_answer_is_a_file_with_its_mode_in_its_name(browser: Client) -> None:
    response = browser.post(EXPORT, {"format": "csv"})

    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert response["Content-Disposition"].startswith('attachment; filename="acme-audit-log-20')
    assert response["Content-Disposition"].endswith('Z-0-entries-spreadsheet-safe.csv"')


def test_a_file_is_compressed_where_that_is_asked_for(browser: Client, acme: Tenant) -> None:
    entry = make_entry(acme)

    response = browser.post(EXPORT, {"format": "ndjson", "compress": "gzip"})

    assert response["Content-Type"] == "application/gzip"
    assert response["Content-Disposition"].endswith('.ndjson.gz"')
    assert gzip.decompress(response.getvalue()) == bytes(entry.body) + b"\n"


@pytest.mark.parametrize("accepted", ["gzip", "br, gzip;q=0.5, deflate", "GZIP"])
def test_a_file_is_sent_compressed_to_a_reader_that_unpacks_it(
    browser: Client, acme: Tenant, accepted: str
) -> None:
    entry = make_entry(acme)

    response = browser.post(EXPORT, {"format": "ndjson"}, headers={"Accept-Encoding": accepted})

    assert (response["Content-Encoding"], response["Content-Type"]) == ("gzip", "application/x-ndjson")
    assert response["Content-Disposition"].endswith('.ndjson"')
    assert "Accept-Encoding" in response["Vary"]
    assert gzip.decompress(response.getvalue()) == bytes(entry.body) + b"\n"


@pytest.mark.parametrize("accepted", ["", "gzip;q=0", "br, gzip; q=0.000", "identity", "xgzip"])
def test_a_file_is_sent_plain_to_a_reader_that_does_not(browser: Client, acme: Tenant, accepted: str) -> None:
    entry = make_entry(acme)

    response = browser.post(EXPORT, {"format": "ndjson"}, headers={"Accept-Encoding": accepted})

    assert "Content-Encoding" not in response
    assert response.getvalue() == bytes(entry.body) + b"\n"


def test_a_compressed_file_is_not_compressed_again_on_its_way(browser: Client, acme: Tenant) -> None:
    entry = make_entry(acme)
    form = {"format": "ndjson", "compress": "gzip"}

    response = browser.post(EXPORT, form, headers={"Accept-Encoding": "gzip"})

    assert "Content-Encoding" not in response
    assert gzip.decompress(response.getvalue()) == bytes(entry.body) + b"\n"


def test_a_search_that_takes_too_long_is_not_exported_and_says_what_to_do(
    browser: Client, acme: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wanting, "LONGEST_COUNT", 0)

    response = browser.post(EXPORT, {"format": "csv"})

    assert response.status_code == 400
    assert "narrow it" in response.content.decode()
    assert not AuditEntry.objects.of(acme).exists()


@pytest.fixture
def two_at_most(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export, "MOST_AT_ONCE", 2)


@pytest.mark.usefixtures("two_at_most")
def test_more_than_an_answer_takes_is_prepared_and_the_log_says_where(
    browser: Client, acme: Tenant, ana: Person
) -> None:
    for _ in range(3):
        make_entry(acme, by="backup")
    browser.cookies["time_zone"] = "Asia/Tokyo"

    response = browser.post(
        EXPORT, {"format": "csv", "by": "backup", "range": "all", "compress": "gzip"}, follow=True
    )

    assert response.redirect_chain == [("/t/acme/audit-log/?by=backup&range=all", 302)]
    assert '<a href="/t/acme/audit-log/exports/">Exports</a>' in response.content.decode().replace("'", '"')
    assert "EXP-0001 is being prepared: 3 entries" in response.content.decode()
    made = Export.objects.get()
    assert (made.person, made.promised, made.last_sequence, made.filters) == (
        ana,
        3,
        3,
        "by=backup&range=all",
    )
    assert (made.compressed, made.words) == (True, ["All time", "Done by is backup"])
    assert made.time_zone == "Asia/Tokyo"
    assert AuditEntry.objects.of(acme).get(event=EXPORTED).parameters["row_count"] == 3


@pytest.mark.usefixtures("two_at_most")
def test_what_fits_an_answer_is_not_prepared(browser: Client, acme: Tenant) -> None:
    for _ in range(2):
        make_entry(acme)

    assert len(exported(browser, format="ndjson").splitlines()) == 2
    assert not Export.objects.exists()


@pytest.mark.usefixtures("two_at_most")
def test_whoever_starts_too_many_is_told_when_to_come_again(browser: Client, acme: Tenant) -> None:
    for _ in range(3):
        make_entry(acme)
    for _ in range(asking.AN_HOUR):
        assert browser.post(EXPORT, {"format": "csv"}).status_code == 302

    response = browser.post(EXPORT, {"format": "csv"})

    assert response.status_code == 429
    assert 3500 < int(response["Retry-After"]) <= 3600
    assert "5 large exports within an hour" in response.content.decode()
    assert Export.objects.count() == 5


def test_a_file_that_would_not_have_what_was_recorded_breaks_off(
    browser: Client, acme: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_entry(acme)
    monkeypatch.setattr(wanting, "counted", lambda _: 7)
    response = browser.post(EXPORT, {"format": "json"})

    with pytest.raises(NotAsPromised):
        response.getvalue()


def test_an_export_is_recorded_before_its_first_byte(browser: Client, acme: Tenant, ana: Person) -> None:
    make_entry(acme)
    make_entry(acme, by="backup")

    response = browser.post(
        EXPORT,
        {"format": "ndjson", "by": ["backup"], "range": ""},
        headers={"User-Agent": "Firefox"},
        REMOTE_ADDR="203.0.113.7",
    )

    entry = AuditEntry.objects.of(acme).get(event=EXPORTED)
    assert entry.parameters == {"format": "ndjson", "filters": "by=backup", "row_count": 1}
    assert (entry.done_by, entry.actor_id, entry.ip) == (ana.email, str(ana.pk), "203.0.113.7")
    assert b'"user_agent":"Firefox"' in bytes(entry.body)
    assert len(response.getvalue().splitlines()) == 1


def test_what_comes_after_the_start_is_not_in_the_file(browser: Client, acme: Tenant) -> None:
    first = make_entry(acme)

    response = browser.post(EXPORT, {"format": "ndjson"})
    make_entry(acme)

    assert response.getvalue() == bytes(first.body) + b"\n"
    assert AuditEntry.objects.of(acme).get(event=EXPORTED).parameters["row_count"] == 1


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"format": "xlsx"}, "csv, csv_raw, ndjson, json"),
        ({}, "csv"),
        ({"format": "csv", "colour": "red"}, "is no filter"),
        ({"format": "csv", "compress": "zip"}, "gzip"),
    ],
)
def test_what_cannot_be_exported_is_said_and_leaves_no_entry(
    browser: Client, acme: Tenant, form: dict[str, str], words: str
) -> None:
    response = browser.post(EXPORT, form)

    assert response.status_code == 400
    assert words in response.content.decode()
    assert not AuditEntry.objects.of(acme).exists()


def test_a_viewer_may_not_export_and_is_told_why(
    client: Client, vic: Person, acme: Tenant, soc: Workspace
) -> None:
    make_entry(acme, workspace=soc)
    client.force_login(vic)

    response = client.post(EXPORT, {"format": "csv"})

    assert response.status_code == 403
    assert "does not allow you to export entries" in response.content.decode()
    assert not AuditEntry.objects.of(acme).filter(event=EXPORTED).exists()


def test_an_auditor_may_export(client: Client, aud: Person) -> None:
    client.force_login(aud)

    assert client.post(EXPORT, {"format": "csv"}).status_code == 200


def test_no_other_site_can_cause_an_export(ana: Person, acme: Tenant) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(ana)

    assert browser.post(EXPORT, {"format": "csv"}).status_code == 403
    assert browser.get(EXPORT, {"format": "csv"}).status_code == 405
    assert not AuditEntry.objects.of(acme).exists()
