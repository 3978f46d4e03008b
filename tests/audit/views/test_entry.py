from __future__ import annotations

import json
import re
from datetime import timedelta

import pytest
from django.template.loader import render_to_string
from django.test import Client
from django.utils import timezone
from django.utils.html import strip_tags
from pytest_django import DjangoAssertNumQueries

from audit.drafts import Context, Target
from audit.models import Person, Tenant, Workspace
from audit.queries import readable
from audit.views.addresses import Address
from audit.views.entry import entry_context, find
from streaming.models import Cursor, State, Stream
from tests.audit.views.reading import LOG, read
from tests.entries import NOON, make_entry


@pytest.fixture
def browser(client: Client, ana: Person) -> Client:
    """Ana's browser."""
    client.force_login(ana)
    return client


def test_an_entry_shows_everything_it_holds(browser: Client, acme: Tenant, soc: Workspace) -> None:
    entry = make_entry(
        acme,
        workspace=soc,
        parameters={"workflow_name": "Triage", "steps": ["a", "b"], "nested": {"deep": 1}},
        details="Seven steps.",
        target=Target(type="workflow", id="wf-1", name="Triage"),
        outcome="failure",
        context=Context(ip="203.0.113.7", user_agent="Firefox", request_id="req-1"),
        external_id="evt-991",
    )

    html = read(browser, f"{LOG}{entry.pk}/").html

    for shown in (
        "Workflow published", "System configuration", "Workflows", "SOC", "soc", "ana@acme.example", "Seven steps.",
        "24 Nov 2026, 12:00:00.000 UTC", "2026-11-24T12:00:00.000000Z", "Failure", "wf-1", "Triage", "a, b",
        "203.0.113.7", "Firefox", "req-1", "auditsite", "evt-991", str(entry.pk), bytes(entry.leaf_hash).hex(),
        "workflows.workflow_published",
    ):  # fmt: skip
        assert shown in html, shown
    for label in ("Entry as JSON", "Canonical bytes of the entry"):
        raw = strip_tags(html.partition(f'aria-label="{label}">')[2].partition("</pre>")[0])
        assert json.loads(raw.replace("&quot;", '"')) == json.loads(bytes(entry.body))


def test_a_clock_that_was_off_is_explained(browser: Client, acme: Tenant) -> None:
    entry = make_entry(acme, at=NOON.replace(year=2025), now=NOON)

    html = read(browser, f"{LOG}{entry.pk}/").html

    assert "clock was off" in html
    assert "24 Nov 2025" in html
    assert "24 Nov 2026" in html


def test_the_way_back_has_the_filters_of_the_list(browser: Client, acme: Tenant) -> None:
    entry = make_entry(acme)

    page = read(browser, f"{LOG}{entry.pk}/?by=ana%40acme.example&range=7d")

    assert page.link("Audit Log") in {LOG, f"{LOG}?by=ana%40acme.example&range=7d"}
    assert f'href="{LOG}?by=ana%40acme.example&amp;range=7d"' in page.html


def test_entries_of_others_are_not_found_like_those_that_never_were(
    client: Client, vic: Person, acme: Tenant, globex: Tenant, lab: Workspace
) -> None:
    client.force_login(vic)
    missing = client.get(f"{LOG}0198a000-0000-7000-8000-000000000000/")

    for entry in (make_entry(globex), make_entry(acme, workspace=lab), make_entry(acme)):
        answer = client.get(f"{LOG}{entry.pk}/")

        assert answer.status_code == missing.status_code == 404
        assert answer.content == missing.content


def test_hostile_values_stay_values(browser: Client, acme: Tenant) -> None:
    bad = "</pre><script>alert(1)</script>\u202e\"'"
    entry = make_entry(
        acme, parameters={bad: bad}, details=bad, context=Context(user_agent=bad, request_id=bad)
    )

    html = read(browser, f"{LOG}{entry.pk}/").html

    assert "<script>alert" not in html
    assert html.count("</pre>") == html.count("<pre ")
    assert "\u202e" not in html.replace('data-code="U+202E">\u202e', "")


def test_an_entry_is_told_in_a_sentence(browser: Client, acme: Tenant, soc: Workspace) -> None:
    twelve_minutes_ago = timezone.now() - timedelta(minutes=12, seconds=5)
    entry = make_entry(
        acme, at=twelve_minutes_ago, workspace=soc, parameters={"workflow_name": "Triage"}, outcome="failure"
    )

    for address in (f"{LOG}{entry.pk}/", f"{LOG}?entry={entry.pk}"):
        html = read(browser, address).html
        sentence = strip_tags(html.partition('class="lead-s">')[2].partition("</p>")[0])

        assert sentence == (
            "ana@acme.example tried to publish workflow Triage in SOC, but it failed, 12 minutes ago."
        )


def test_before_and_after_stand_side_by_side_in_words(browser: Client, acme: Tenant) -> None:
    parameters = {
        "changes": {"owner": {"old": "ana", "new": "<b>bo"}, "tags": {"old": ["a"], "new": ["a", "b"]}}
    }
    entry = make_entry(acme, parameters=parameters)

    html = read(browser, f"{LOG}{entry.pk}/").html
    table = html.partition("What changed")[2].partition("</table>")[0]

    assert re.sub("<[^>]*>", " ", table).split() == [
        "Field", "Before", "After", "tags", "1", "added", "a", "a,", "b", "owner", "changed", "ana", "&lt;b&gt;bo",
    ]  # fmt: skip
    assert (table.count("<del>"), table.count("<ins>")) == (2, 2)


def test_without_changes_nothing_is_said_of_them(browser: Client, acme: Tenant) -> None:
    assert "What changed" not in read(browser, f"{LOG}{make_entry(acme).pk}/").html


def test_its_hash_is_checked_against_its_bytes(browser: Client, acme: Tenant) -> None:
    entry = find(readable(acme), make_entry(acme).pk)
    assert entry is not None
    assert "Its bytes match the hash" in read(browser, f"{LOG}{entry.pk}/").html
    entry.salt = bytes(16)

    context = entry_context(entry, Address(LOG), tenant=acme)

    assert context["hash_fits"] is False
    assert "do not match" in render_to_string("audit/entry_standing.html", context)


def test_a_script_gets_the_panel_alone(browser: Client, acme: Tenant) -> None:
    entry = make_entry(acme)

    answer = browser.get(f"{LOG}{entry.pk}/?by=ana%40acme.example", headers={"HX-Request": "true"})

    html = answer.content.decode()
    assert html.strip().startswith("<aside")
    assert f'href="{LOG}?by=ana%40acme.example"' in html
    assert "HX-Request" in answer["Vary"]


def test_the_bytes_are_given_as_they_were_recorded(
    client: Client, vic: Person, acme: Tenant, soc: Workspace
) -> None:
    client.force_login(vic)
    mine, other = make_entry(acme, workspace=soc), make_entry(acme)

    answer = client.get(f"{LOG}{mine.pk}/json/")

    assert answer.content == bytes(mine.body)
    assert answer["Content-Type"] == "application/json"
    assert answer["Content-Disposition"] == f'attachment; filename="entry-{mine.sequence}.json"'
    assert client.get(f"{LOG}{other.pk}/json/").status_code == 404


def test_an_opened_entry_costs_two_questions_at_most(
    browser: Client, acme: Tenant, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    entry = make_entry(acme, parameters={"x": 1})
    for number in range(3):
        stream = Stream.objects.create(tenant=acme, name=f"s{number}", entry_filter="q=x", enabled=True)
        Cursor.objects.create(stream=stream, started_after=0)
    browser.get(LOG)
    with django_assert_max_num_queries(60) as without:
        browser.get(LOG)
    with django_assert_max_num_queries(60) as with_it:
        browser.get(f"{LOG}?entry={entry.pk}")

    assert len(with_it.captured_queries) <= len(without.captured_queries) + 2


def test_where_it_went_is_told_and_links_are_for_those_who_may_follow_them(
    client: Client, ana: Person, aud: Person, acme: Tenant
) -> None:
    entry = make_entry(acme)
    stream = Stream.objects.create(tenant=acme, name="North <SIEM>", enabled=True)
    Cursor.objects.create(stream=stream, started_after=0, state=State.HELD_FOR_CREDENTIALS)

    for person, link in ((ana, True), (aud, False)):
        client.force_login(person)
        html = read(client, f"{LOG}{entry.pk}/").html

        assert "North &lt;SIEM&gt;" in html
        assert "Held: the token is not accepted" in html
        assert (f"/settings/streams/{stream.pk}/" in html) is link
