from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.template import Context, Template
from pytest_django import Settings

NOW = datetime(2026, 11, 24, 13, 32, 30, tzinfo=UTC)


def rendered(source: str, **context: object) -> str:
    return Template("{% load audit_tags %}" + source).render(Context(context))


@pytest.fixture(autouse=True)
def plain_static_files(settings: Settings) -> None:
    """Names as they stand in `static/`: no collected manifest is needed."""
    backend = "django.contrib.staticfiles.storage.StaticFilesStorage"
    settings.STORAGES = {**settings.STORAGES, "staticfiles": {"BACKEND": backend}}


def test_an_icon_points_into_the_sprite_and_is_hidden_from_readers() -> None:
    assert rendered('{% icon "plug" %}') == (
        '<svg class="icon" aria-hidden="true"><use href="/static/img/icons.svg#plug"/></svg>'
    )
    assert 'class="icon icon-sm"' in rendered('{% icon "plug" "sm" %}')


def test_a_moment_carries_utc_in_its_title() -> None:
    shown = rendered("{% moment when %}", when=NOW - timedelta(seconds=38), now=NOW)

    assert shown == (
        '<time datetime="2026-11-24T13:31:52.000000Z" title="2026-11-24T13:31:52.000000Z">24 Nov 13:31:52 UTC</time>'
    )


def test_a_moment_in_lines_says_below_how_long_ago() -> None:
    shown = rendered('{% moment when "lines" %}', when=NOW - timedelta(seconds=38), now=NOW)

    assert shown.endswith('24 Nov 13:31:52 UTC</time><span class="sub2">38 s ago</span>')


def test_age_alone_keeps_the_exact_time_in_its_title() -> None:
    shown = rendered('{% moment when "age" %}', when=NOW - timedelta(seconds=38), now=NOW)

    assert ">38 s ago</time>" in shown
    assert 'title="24 Nov 13:31:52 UTC, 2026-11-24T13:31:52.000000Z"' in shown


def test_without_the_present_a_moment_is_exact_only() -> None:
    assert "ago" not in rendered('{% moment when "lines" %}', when=NOW)
    assert ".000 UTC" in rendered('{% moment when "full" %}', when=NOW)


def test_no_moment_is_nothing() -> None:
    assert rendered("{% moment when %}", when=None, now=NOW) == ""


def test_numbers_have_their_thousands_apart_and_a_dash_where_there_is_none() -> None:
    assert rendered("{{ a|thousands }} {{ b|thousands }}", a=12408, b=None) == "12,408 –"
    assert rendered("{{ a|duration }} {{ b|duration }}", a=0.8, b=None) == "0.8 s –"


@pytest.mark.parametrize(
    ("email", "letters"),
    [
        ("priya.raman@acme.example", "PR"),
        ("ana@acme.example", "AN"),
        ("svc-terraform@acme.example", "ST"),
        ("", ""),
    ],
)
def test_an_avatar_has_two_letters_of_the_address(email: str, letters: str) -> None:
    assert rendered("{{ email|initials }}", email=email) == letters


def test_words_between_backticks_are_code_and_the_rest_is_escaped() -> None:
    shown = rendered("{{ text|code_spans }}", text="Listens at `/services/<x>`, not <b>")

    assert shown == "Listens at <code>/services/&lt;x&gt;</code>, not &lt;b&gt;"


def test_text_from_outside_is_isolated_and_marked() -> None:
    assert rendered("{{ a|safe_text }}", a="<b>\u202e") == (
        '<bdi>&lt;b&gt;<span class="unseen" data-code="U+202E">\u202e</span></bdi>'
    )
    assert rendered('<i title="{{ a|safe_plain }}">', a='">\u202e') == '<i title="&quot;&gt;[U+202E]">'


def test_chips_show_keys_and_values_and_lead_to_the_entry() -> None:
    values = {"workflow": "Phishing triage", "version": 14, "steps": 3, "note": "<b>"}

    shown = rendered('{% parameter_chips values "/t/acme/audit-log/1" %}', values=values)

    assert (
        '<span class="k"><bdi>workflow</bdi></span><span class="v"><bdi>Phishing triage</bdi></span>' in shown
    )
    assert '<a class="kv kv-more" href="/t/acme/audit-log/1" aria-label="2 more parameters">+2</a>' in shown


def test_no_parameters_leave_the_cell_empty() -> None:
    assert rendered("{% parameter_chips values %}", values=None).strip() == ""
