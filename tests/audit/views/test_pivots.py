from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from audit.drafts import Context, Target
from audit.models import Person, Tenant
from tests.audit.views.reading import LOG, read
from tests.entries import NOON, make_entry


@pytest.fixture
def browser(client: Client, ana: Person) -> Client:
    """Ana's browser."""
    client.force_login(ana)
    return client


def test_what_lies_near_is_one_link_away(browser: Client, acme: Tenant) -> None:
    entry = make_entry(
        acme,
        context=Context(ip="203.0.113.7", request_id="req-1"),
        parameters={"name": "x"},
        target=Target(type="workflow", id="wf-1", name="Triage"),
    )
    make_entry(acme, at=NOON + timedelta(minutes=14))
    make_entry(acme, at=NOON - timedelta(minutes=16))

    page = read(browser, f"{LOG}{entry.pk}/?by=ana%40acme.example&range=90d")

    assert page.link("Same person") == f"{LOG}?by=ana%40acme.example"
    assert page.link("Same action") == f"{LOG}?action=workflows.workflow_published"
    assert page.link("Same target") == f"{LOG}?target=wf-1"
    assert page.link("Same IP address") == f"{LOG}?ip=203.0.113.7"
    assert len(read(browser, page.link("Same person, 15 min around this")).rows) == 2
    assert len(read(browser, page.link("5 min around this")).rows) == 1


def test_the_present_list_can_be_seen_without_what_is_like_it(browser: Client, acme: Tenant) -> None:
    entry = make_entry(acme, context=Context(ip="203.0.113.7"), target=Target(type="workflow", name="Triage"))

    page = read(browser, f"{LOG}{entry.pk}/?range=90d")

    for words, asked in (
        ("This person", "not.by=ana%40acme.example"), ("This action", "not.action=workflows.workflow_published"),
        ("This target", "not.target=Triage"), ("This IP address", "not.ip=203.0.113.7"),
    ):  # fmt: skip
        assert page.link(words) == f"{LOG}?range=90d&{asked}"


def test_parameters_filter_in_and_out(browser: Client, acme: Tenant) -> None:
    entry = make_entry(acme, parameters={"name": "x", "long": "y" * 501, "list": ["a"], "n": 7, "blank": " "})

    page = read(browser, f"{LOG}{entry.pk}/?range=90d")

    assert page.link("Only name x") == f"{LOG}?range=90d&p.name=x"
    assert page.link("Filter out name x") == f"{LOG}?range=90d&not.p.name=x"
    assert page.link("Only n 7") == f"{LOG}?range=90d&p.n=7"
    assert sum(words.startswith(("Only ", "Filter out ")) for words, _ in page.links) == 4


def test_of_an_entry_that_tells_little_there_is_little_to_ask(browser: Client, acme: Tenant) -> None:
    page = read(browser, f"{LOG}{make_entry(acme, by='deploy-bot').pk}/")

    words = [text for text, _ in page.links]

    assert "Same actor" in words
    assert not {"Same target", "Same request", "Same IP address", "This target"} & set(words)
