from __future__ import annotations

import pytest
from django.template import Context, Template

from audit.models import Tenant
from audit.views.addresses import Address
from tests.entries import make_entry

HERE = Address("/log/", (("by", "ana"), ("before", "x")))


def rendered(source: str, **context: object) -> str:
    return Template("{% load log_tags %}" + source).render(Context({"address": HERE, **context})).strip()


def test_an_entry_opens_where_the_reader_is(acme: Tenant) -> None:
    entry = make_entry(acme)

    assert (
        rendered("{% entry_href entry %}", entry=entry) == f"/log/?by=ana&amp;before=x&amp;entry={entry.pk}"
    )


@pytest.mark.parametrize(
    ("value", "href"),
    [
        ("A & B", "/log/?by=ana&amp;p.name=A+%26+B"),
        (7, "/log/?by=ana&amp;p.name=7"),
        (True, "/log/?by=ana&amp;p.name=true"),
        (None, "/log/?by=ana&amp;p.name=null"),
        (["a"], ""),
        ({"a": 1}, ""),
        ("", ""),
        (" padded", ""),
        ("x" * 501, ""),
    ],
)
def test_a_parameter_leads_to_its_like_where_a_filter_can_ask_for_it(value: object, href: str) -> None:
    assert rendered("{% parameter_href 'name' value %}", value=value) == href


def test_chips_are_links_and_the_rest_leads_to_the_entry(acme: Tenant) -> None:
    entry = make_entry(acme, parameters={f"name{n}": "a value of some length" for n in range(5)})

    html = rendered("{% linked_chips entry %}", entry=entry)

    assert 'href="/log/?by=ana&amp;p.name0=a+value+of+some+length"' in html
    assert 'aria-label="4 more parameters"' in html


def test_an_entry_without_parameters_has_no_chips(acme: Tenant) -> None:
    assert rendered("{% linked_chips entry %}", entry=make_entry(acme)) == ""


@pytest.mark.parametrize(
    ("done_by", "local", "domain"),
    [
        ("ana@acme.example", "ana", "@acme.example"),
        ("backup", "backup", ""),
        ("@x", "@x", ""),
        ("a@b@c", "a@b", "@c"),
    ],
)
def test_an_address_is_shown_in_two_lines(done_by: str, local: str, domain: str) -> None:
    assert rendered("{{ by|local_part }}|{{ by|domain_part }}", by=done_by) == f"{local}|{domain}"
