from __future__ import annotations

from datetime import timedelta
from urllib.parse import quote

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from audit import queries
from audit.models import AuditEntry, Person, Tenant, Workspace
from audit.models.entries import EntryQuerySet
from tests.audit.views.reading import LOG, read
from tests.entries import NOON, make_entry

WORKFLOW, CASE, LOGIN = "workflows.workflow_published", "cases.case_shared", "users.user_logged_in"


@pytest.fixture
def browser(client: Client, ana: Person) -> Client:
    """Ana's browser."""
    client.force_login(ana)
    return client


def test_an_entry_is_shown_in_seven_columns_in_order(browser: Client, acme: Tenant, soc: Workspace) -> None:
    make_entry(acme, workspace=soc, parameters={"workflow_name": "Triage"}, details="Seven steps.")

    page = read(browser)

    category, action, parameters, details, workspace, done_by, when = page.rows[0]
    assert category == "System configuration"
    assert action == "Workflow published Workflows"
    assert parameters == "workflow_name Triage"
    assert details == "Seven steps."
    assert workspace == "SOC"
    assert done_by == "ana @acme.example"
    assert when.startswith("24 Nov")
    assert "12:00:00 UTC" in when
    assert 'title="2026-11-24T12:00:00.000000Z"' in page.html


def test_times_are_shown_in_the_readers_zone(browser: Client, acme: Tenant) -> None:
    make_entry(acme)
    browser.cookies["time_zone"] = "Asia/Tokyo"

    assert "21:00:00 JST" in read(browser).rows[0][6]


def test_filters_of_the_address_choose_the_rows_and_stand_as_chips(browser: Client, acme: Tenant) -> None:
    make_entry(acme, WORKFLOW)
    make_entry(acme, CASE)
    make_entry(acme, LOGIN)

    page = read(browser, f"{LOG}?action={WORKFLOW}&action={CASE}&not.by=bob%40acme.example")

    assert len(page.rows) == 2
    assert page.link("Remove filter Action is Workflow published") == (
        f"{LOG}?action={CASE}&not.by=bob%40acme.example"
    )
    assert (
        page.link("Remove filter Done by is not bob@acme.example") == f"{LOG}?action={WORKFLOW}&action={CASE}"
    )
    assert page.link("Clear all") == LOG


def test_what_a_form_sends_becomes_the_shortest_address(browser: Client) -> None:
    sent = "?q=&range=7d&from=2026-11-01T00:00&to=&category=user_actions&by=&parameter=name&equals=A+B&ip="

    response = browser.get(LOG + sent)

    assert response.status_code == 302
    assert response["Location"] == f"{LOG}?from=2026-11-01T00%3A00&category=user_actions&p.name=A+B"
    assert browser.get(response["Location"]).status_code == 200


def test_filters_that_cannot_be_used_are_named_and_no_row_is_shown(browser: Client, acme: Tenant) -> None:
    make_entry(acme)

    page = read(browser, f"{LOG}?colour=red&ip=nowhere")

    assert page.rows == []
    assert "2 filters cannot be used" in page.html
    assert "is no filter" in page.html
    assert "Write 203.0.113.7 or 203.0.113.0/24." in page.html


def test_pages_go_older_and_back(browser: Client, acme: Tenant) -> None:
    for minute in range(60):
        make_entry(acme, at=NOON + timedelta(minutes=minute))

    first = read(browser)
    second = read(browser, first.link("Older"))
    back = read(browser, second.link("Newer"))

    assert (len(first.rows), len(second.rows)) == (50, 10)
    assert set(first.entries).isdisjoint(second.entries)
    assert back.entries == first.entries
    assert first.link("Newer") == second.link("Older") == ""
    assert "Newest 50" in first.html


def test_paging_keeps_the_filters_and_ends_when_they_change(browser: Client, acme: Tenant) -> None:
    for minute in range(51):
        make_entry(acme, at=NOON + timedelta(minutes=minute))

    older = read(browser, f"{LOG}?action={WORKFLOW}").link("Older")

    assert older.startswith(f"{LOG}?action={WORKFLOW}&before=")
    assert read(browser, older).link("Remove filter Action is Workflow published") == LOG


@pytest.mark.parametrize("name", ["before", "after"])
def test_a_place_that_nobody_gave_out_is_said_and_the_newest_are_shown(
    browser: Client, acme: Tenant, globex: Tenant, name: str
) -> None:
    make_entry(acme)
    foreign = queries.Cursor("older", NOON, 7).sign(globex)

    for token in ("x", foreign):
        page = read(browser, f"{LOG}?{name}={quote(token)}")

        assert "This place in the log is not known." in page.html
        assert len(page.rows) == 1


def test_an_empty_log_says_so(browser: Client) -> None:
    assert "No entries yet" in read(browser).html


def test_where_nothing_is_found_the_filter_to_drop_is_named(browser: Client, acme: Tenant) -> None:
    make_entry(acme, CASE)

    page = read(browser, f"{LOG}?category=user_actions&by=nobody%40acme.example")

    assert page.link("Remove “Done by”") == f"{LOG}?category=user_actions"


def test_an_entry_opens_beside_the_table_with_everything_kept(browser: Client, acme: Tenant) -> None:
    older = make_entry(acme, details="The older one.")
    newer = make_entry(acme, at=NOON + timedelta(hours=1), details="The newer one.")

    page = read(browser, f"{LOG}?action={WORKFLOW}&entry={older.pk}")

    assert 'id="entry-title"' in page.html
    assert f'data-entry="{older.pk}" class="is-current"' in page.html
    assert page.link("Close") == f"{LOG}?action={WORKFLOW}"
    assert page.link("Newer entry") == f"{LOG}?action={WORKFLOW}&entry={newer.pk}"
    assert page.link("Open as a page") == f"{LOG}{older.pk}/?action={WORKFLOW}"


@pytest.mark.parametrize("entry", ["x", "0198a000-0000-7000-8000-000000000000"])
def test_an_entry_that_is_not_there_is_said_beside_the_rows(
    browser: Client, acme: Tenant, entry: str
) -> None:
    make_entry(acme)

    page = read(browser, f"{LOG}?entry={entry}")

    assert len(page.rows) == 1
    assert "is not here, or not yours to read" in page.html


def test_a_viewer_sees_own_workspaces_only(
    client: Client, vic: Person, acme: Tenant, soc: Workspace, lab: Workspace
) -> None:
    seen = make_entry(acme, workspace=soc)
    hidden = make_entry(acme, workspace=lab, details="canary")
    make_entry(acme, details="canary", by="canary@acme.example")
    client.force_login(vic)

    page = read(client, f"{LOG}?entry={hidden.pk}")

    assert page.entries == [str(seen.pk)]
    assert "canary" not in page.html
    assert "Lab" not in page.html


def test_export_and_settings_are_offered_to_those_who_may(
    client: Client, ana: Person, aud: Person, vic: Person
) -> None:
    for person, export, settings in ((ana, True, True), (aud, True, False), (vic, False, False)):
        client.force_login(person)

        html = read(client).html

        assert ("/export/" in html) == export
        assert ("Audit Log Settings" in html) == settings


def test_a_change_without_reload_gets_the_log_alone_and_the_short_address(
    browser: Client, acme: Tenant
) -> None:
    make_entry(acme)

    response = browser.get(
        f"{LOG}?q=&action={WORKFLOW}", headers={"HX-Request": "true", "HX-Trigger": "dd-action"}
    )

    html = response.content.decode()
    assert "<html" not in html
    assert html.strip().startswith('<div id="log">')
    assert response["HX-Push-Url"] == f"{LOG}?action={WORKFLOW}"
    assert 'id="dd-action" open' in html
    assert "HX-Request" in response["Vary"]


SHAPES = {
    "plain": "",
    "a kind of filter": "category=user_actions&by=ana%40acme.example",
    "a workspace": "category=system_configuration&workspace=soc&not.outcome=failure&range=7d",
    "a search": "q=workflow&area=workflows",
    "nothing found": "q=nothing&category=user_actions&by=x&workspace=soc",
    "a filter that cannot be used": "colour=red",
    "an entry opened": "category=system_configuration&workspace=soc&entry={entry}",
    "an older page": "before={older}",
    "back on the newest page": "after={newer}",
}


@pytest.mark.parametrize("person", ["ana", "vic"])
@pytest.mark.parametrize("shape", SHAPES)
def test_a_page_asks_the_database_a_dozen_questions_at_most(  # whatever it shows
    client: Client, request: pytest.FixtureRequest, acme: Tenant, soc: Workspace, *, shape: str, person: str
) -> None:
    client.force_login(request.getfixturevalue(person))
    # Few in the newest month, so that others are looked into.
    entries = [make_entry(acme, at=NOON - day * timedelta(days=2), workspace=soc) for day in range(60)]
    places = {
        "older": queries.Cursor("older", entries[5].occurred_at, entries[5].sequence).sign(acme),
        "newer": queries.Cursor("newer", entries[5].occurred_at, entries[5].sequence).sign(acme),
        "entry": str(entries[3].pk),
    }
    address = f"{LOG}?{SHAPES[shape].format(**places)}"
    client.get(address)

    with CaptureQueriesContext(connection) as asked:
        response = client.get(address)

    assert response.status_code == 200
    assert len(asked) <= 12, [one["sql"][:200] for one in asked.captured_queries]
    assert not any("OFFSET" in one["sql"] for one in asked.captured_queries)


def test_a_search_that_takes_too_long_is_said_and_not_taken_for_a_broken_database(
    browser: Client, acme: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_entry(acme)
    slow = "pg_sleep(2) IS NOT NULL"
    monkeypatch.setattr("audit.views.log.LONGEST_SEARCH", 0.05)
    monkeypatch.setattr(queries, "readable", lambda *_, **__: acme_entries(acme).extra(where=[slow]))

    page = read(browser, f"{LOG}?q=workflow")

    assert "could not be found in time" in page.html


def acme_entries(acme: Tenant) -> EntryQuerySet:
    return AuditEntry.objects.of(acme)
