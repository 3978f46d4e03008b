from __future__ import annotations

import json

import pytest
from django.test import Client
from django.utils.html import strip_tags

from audit.drafts import Context, Target
from audit.models import Person, Tenant, Workspace
from audit.views.entry import json_lines
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
    raw = strip_tags(html[html.index("<pre") : html.index("</pre>")])
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


def test_what_lies_near_is_one_link_away(browser: Client, acme: Tenant) -> None:
    entry = make_entry(acme, context=Context(ip="203.0.113.7"), parameters={"name": "x"})
    page = read(browser, f"{LOG}{entry.pk}/")

    assert page.link("Same person") == f"{LOG}?by=ana%40acme.example"
    assert page.link("Same action") == f"{LOG}?action=workflows.workflow_published"
    assert page.link("Same IP address") == f"{LOG}?ip=203.0.113.7"
    assert page.link("x") == f"{LOG}?p.name=x"
    assert len(read(browser, page.link("5 min around this")).rows) == 1


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
    assert html.count("</pre>") == 1
    assert "\u202e" not in html.replace('data-code="U+202E">\u202e', "")


def test_json_is_broken_into_lines_without_changing_what_was_written() -> None:
    body = b'{"a":1e21,"b":"x: \\"y\\", z","c":[],"d":{"e":null,"f":[true,-0.5]}}'

    lines = list(json_lines(body))
    text = "\n".join(f"{o.indent}{o.key}{o.colon}{o.value}{o.comma}" for o in lines)

    assert "1e21" in text
    assert json.loads(text) == json.loads(body)
    assert [(o.key, o.value, o.kind) for o in lines if o.kind] == [
        ('"a"', "1e21", "jn"), ('"b"', '"x: \\"y\\", z"', "js"), ('"e"', "null", "jl"), ("", "true", "jl"),
        ("", "-0.5", "jn"),
    ]  # fmt: skip
