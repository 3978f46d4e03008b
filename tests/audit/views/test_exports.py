from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from audit import exporting
from audit.exports import folders, links
from audit.models import AuditEntry, Export, ExportState, Membership, Person, Role, Tenant
from tests.entries import make_entry
from tests.exports import export_of

EXPORTS = "/t/acme/audit-log/exports/"
EXPORTED = "tenant_admin_settings.audit_logs_exported"


@pytest.fixture(autouse=True)
def folder(settings: Settings, tmp_path: Path) -> Path:
    settings.EXPORTS_DIR = tmp_path
    return tmp_path


@pytest.fixture
def browser(client: Client, ana: Person) -> Client:
    """Ana's browser."""
    client.force_login(ana)
    return client


def ready(person: Person, tenant: Tenant, **fields: Any) -> Export:
    """An export whose file says so."""
    day = timezone.now() + timedelta(hours=24)
    export = export_of(person, tenant, state="ready", written=8, expires_at=day, **fields)
    with folders.create(export) as file:
        file.write(b"the file")
    return export


def shown(client: Client, **how: Any) -> str:
    response = client.get(EXPORTS, **how)
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def press(client: Client, export: Export, do: str) -> Any:
    return client.post(f"{EXPORTS}{export.pk}/", {"do": do})


def test_the_page_tells_each_state(browser: Client, acme: Tenant, ana: Person) -> None:
    now = timezone.now()
    lease = {"leased_until": now + timedelta(seconds=30), "started_at": now - timedelta(seconds=10)}
    export_of(ana, acme, state="running", promised=20_000, written=5_000, **lease)
    export_of(ana, acme, words=["Last 7 days", "Done by is <b>"], compressed=True)
    ready(ana, acme, size=412_000, sha256="ab" * 32)
    export_of(ana, acme, state="failed", written=2, failure="There is no room left.")
    export_of(ana, acme, state="cancelled", finished_at=now)
    export_of(ana, acme, state="ready", written=8, expires_at=now - timedelta(seconds=1))

    page = shown(browser)

    assert re.search(r"5,000 of 20,000, about [345]\d s left", page)
    assert '<progress class="ex-bar" max="20000" value="5000"' in page
    assert "1 ahead of it" in page
    assert "Last 7 days" in page
    assert "Done by is &lt;b&gt;" in page
    assert "402.3" in page
    assert "Failed at 25%" in page
    assert "There is no room left." in page
    assert [page.count(f'data-state="{state}"') for state in ExportState.values] == [1, 1, 1, 1, 1, 1]
    assert [page.count(f'value="{do}"') for do in ("download", "cancel", "again")] == [1, 2, 3]


def test_a_person_sees_their_own_exports_in_this_tenant(
    browser: Client, acme: Tenant, globex: Tenant, ana: Person, aud: Person
) -> None:
    export_of(aud, acme, words=["of aud"])
    export_of(ana, globex, words=["of globex"])

    page = shown(browser)

    assert "No exports yet" in page
    assert "of aud" not in page
    assert "of globex" not in page


def test_the_page_asks_again_while_something_is_under_way(browser: Client, acme: Tenant, ana: Person) -> None:
    export = export_of(ana, acme)
    page = shown(browser)
    assert 'hx-trigger="every 2s"' in page
    assert '<noscript><meta http-equiv="refresh" content="5"></noscript>' in page

    Export.objects.filter(pk=export.pk).update(state=ExportState.CANCELLED)

    page = shown(browser)
    assert "hx-trigger" not in page
    assert "http-equiv" not in page


def test_what_is_new_is_told_once_to_who_cannot_see_it(browser: Client, acme: Tenant, ana: Person) -> None:
    until = timezone.now() + timedelta(seconds=30)
    export_of(ana, acme, state="running", promised=100, written=47, leased_until=until)
    htmx = {"headers": {"HX-Request": "true"}}
    told = "EXP-0001: 40% written."

    first = shown(browser, **htmx)
    again = shown(browser, data={"told": told}, **htmx)

    assert f'<p hx-swap-oob="innerHTML:#exports-told">{told}</p>' in first
    assert "<html" not in first
    assert "hx-swap-oob" not in again


def test_the_page_says_when_there_is_no_worker(browser: Client, acme: Tenant, ana: Person) -> None:
    assert "No worker was seen lately" not in shown(browser)

    export_of(ana, acme)

    assert "No worker was seen lately" in shown(browser)


def test_a_file_is_downloaded_by_a_link_that_works_once(browser: Client, acme: Tenant, ana: Person) -> None:
    export = ready(ana, acme, file_format="ndjson", compressed=True)

    link = press(browser, export, "download")["Location"]
    answer = browser.get(link)

    assert (answer.status_code, answer.getvalue()) == (200, b"the file")
    assert (answer["Content-Type"], answer["X-Content-Type-Options"]) == ("application/gzip", "nosniff")
    assert answer["Content-Disposition"] == (
        'attachment; filename="acme-audit-log-20261124T120000Z-8-entries.ndjson.gz"'
    )
    assert "no-store" in answer["Cache-Control"]
    again = browser.get(link)
    assert again.status_code == 410
    assert "works once, for 15 minutes" in again.content.decode()


def test_a_link_leads_nobody_else_anywhere(
    browser: Client, acme: Tenant, ana: Person, aud: Person, gus: Person
) -> None:
    link = press(browser, ready(ana, acme), "download")["Location"]

    for other in (aud, gus):
        stranger = Client()
        stranger.force_login(other)
        assert stranger.get(link).status_code == 404
        assert stranger.get(link.replace("/acme/", "/globex/")).status_code == 404
    assert Client().get(link).status_code == 302
    assert browser.get(link).getvalue() == b"the file"


def test_a_link_is_worth_nothing_once_the_role_has_changed(
    browser: Client, acme: Tenant, ana: Person
) -> None:
    link = press(browser, ready(ana, acme), "download")["Location"]
    Membership.objects.filter(person=ana).update(role=Role.VIEWER)

    assert browser.get(link).status_code == 403


@pytest.mark.parametrize("do", ["download", "cancel", "again"])
def test_nothing_can_be_done_with_another_persons_export(
    browser: Client, acme: Tenant, globex: Tenant, ana: Person, aud: Person, do: str
) -> None:
    for export in (ready(aud, acme), ready(ana, globex)):
        assert press(browser, export, do).status_code == 404


def test_a_file_that_is_not_on_this_server_is_said_to_be_away(
    browser: Client, acme: Tenant, ana: Person
) -> None:
    export = ready(ana, acme)
    folders.remove(export)

    answer = browser.get(press(browser, export, "download")["Location"])

    assert answer.status_code == 410
    assert "not on this server. Tell your operator." in answer.content.decode()


def test_an_export_that_waits_can_be_cancelled(browser: Client, acme: Tenant, ana: Person) -> None:
    export = export_of(ana, acme)

    press(browser, export, "cancel")

    export.refresh_from_db()
    assert export.state == ExportState.CANCELLED
    press(browser, export, "cancel")
    assert "had ended before it could be cancelled" in shown(browser)


@pytest.mark.parametrize("state", ["failed", "cancelled", "expired"])
def test_what_has_no_file_is_made_again_from_the_log_as_it_is_now(
    browser: Client, acme: Tenant, ana: Person, state: str
) -> None:
    for who in ("backup", "backup", "ana@acme.example"):
        make_entry(acme, by=who)
    before = export_of(ana, acme, state=state, filters="by=backup", file_format="json", compressed=True)

    press(browser, before, "again")

    new = Export.objects.get(number=2)
    assert (new.state, new.promised, new.last_sequence) == (ExportState.WAITING, 2, 3)
    assert (new.filters, new.file_format, new.compressed) == ("by=backup", "json", True)
    assert new.words == ["Done by is backup"]
    before.refresh_from_db()
    assert before.state == state
    assert AuditEntry.objects.of(acme).get(event=EXPORTED).parameters["row_count"] == 2


def test_what_is_here_or_under_way_is_not_made_again(browser: Client, acme: Tenant, ana: Person) -> None:
    for export in (ready(ana, acme), export_of(ana, acme)):
        press(browser, export, "again")

    assert Export.objects.count() == 2


def test_what_cannot_be_asked_any_more_is_not_made_again(browser: Client, acme: Tenant, ana: Person) -> None:
    answer = press(browser, export_of(ana, acme, state="failed", filters="colour=red"), "again")

    assert answer.status_code == 400
    assert "colour" in answer.content.decode()


def test_viewers_have_no_exports(client: Client, vic: Person, acme: Tenant) -> None:
    export = ready(vic, acme)
    client.force_login(vic)

    assert client.get(EXPORTS).status_code == 403
    assert press(client, export, "download").status_code == 403
    assert client.get(f"{EXPORTS}file/{links.make(export)}/").status_code == 403
    assert EXPORTS not in client.get("/t/acme/audit-log/").content.decode()


def test_no_other_site_can_do_anything_here(acme: Tenant, ana: Person) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(ana)
    export = export_of(ana, acme)

    assert press(browser, export, "cancel").status_code == 403
    assert browser.get(f"{EXPORTS}{export.pk}/").status_code == 405


@pytest.mark.parametrize("name", list(exporting.FORMATS))
def test_every_format_is_named_in_the_list(browser: Client, acme: Tenant, ana: Person, name: str) -> None:
    export_of(ana, acme, file_format=name)

    assert f">{name.partition('_')[0].upper()}</span>" in shown(browser)
