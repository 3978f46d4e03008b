from __future__ import annotations

from datetime import timedelta

import pytest
from django.template import Context, Template
from django.utils import timezone

from audit.models import Tenant
from audit.templatetags.log_tags import LONGEST_SHOWN, LONGEST_UNFOLDED, said_ago
from audit.views.addresses import Address
from tests.entries import NOON, make_entry

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


def test_a_value_takes_the_place_of_others_of_its_filter_and_leads_to_the_newest_page() -> None:
    assert rendered("{% only_href 'by' 'b & c' %}") == "/log/?by=b+%26+c"
    assert rendered("{% only_href 'area' 'users' %}") == "/log/?by=ana&amp;area=users"


def test_a_day_is_that_of_the_readers_zone() -> None:
    with timezone.override("Asia/Tokyo"):
        href = rendered("{% day_href when %}", when=NOON.replace(hour=20))

    assert href == "/log/?by=ana&amp;from=2026-11-25T00%3A00&amp;to=2026-11-25T23%3A59"


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


def test_a_value_with_a_key_of_any_length_leads_to_its_like(acme: Tenant) -> None:
    key = "k" * 400
    entry = make_entry(acme, parameters={key: "x" * 300})

    html = rendered("{% linked_chips entry %}", entry=entry)

    assert f"p.{key}={'x' * 300}" in html
    assert len(html) < 3_000


@pytest.mark.parametrize(
    ("ago", "words"),
    [
        (timedelta(seconds=-30), "a moment ago"),
        (timedelta(seconds=59), "a moment ago"),
        (timedelta(seconds=60), "1 minute ago"),
        (timedelta(minutes=12, seconds=59), "12 minutes ago"),
        (timedelta(hours=1), "1 hour ago"),
        (timedelta(hours=47), "1 day ago"),
        (timedelta(days=29), "29 days ago"),
        (timedelta(days=31), "on 24 October 2026"),
        (timedelta(minutes=-5), "on 24 November 2026"),
    ],
)
def test_how_long_ago_is_said_as_people_do(ago: timedelta, words: str) -> None:
    assert said_ago(NOON - ago, now=NOON) == words


def test_the_exact_time_stands_behind_the_words() -> None:
    html = rendered("{% long_ago when now=now %}", when=NOON, now=NOON)

    assert html == (
        '<time datetime="2026-11-24T12:00:00.000000Z" '
        'title="24 Nov 2026, 12:00:00.000 UTC, 2026-11-24T12:00:00.000000Z">a moment ago</time>'
    )


def test_a_long_text_shows_its_beginning_and_unfolds() -> None:
    text = "".join(f"<{number}>" for number in range(1_000))

    short, long = (
        rendered("{% long_text text %}", text=text[:size], whole_page="/all/")
        for size in (LONGEST_SHOWN, LONGEST_SHOWN + 7)
    )

    assert "<details" not in short
    assert f"The rest of {LONGEST_SHOWN + 7} characters" in long
    assert "/all/" not in long


def test_of_the_longest_texts_the_rest_is_on_a_page_of_its_own() -> None:
    text = "q" * (LONGEST_UNFOLDED + 1)

    cut = rendered("{% long_text text is_code=True %}", text=text, whole_page="/all/")
    everything = rendered("{% long_text text %}", text=text, whole_page="/all/", everything=True)

    assert (cut.count("q"), everything.count("q")) == (LONGEST_UNFOLDED, len(text))
    assert '<a class="xs longall" href="/all/">Show all 6,001 characters</a>' in cut
    assert "<details" not in everything
