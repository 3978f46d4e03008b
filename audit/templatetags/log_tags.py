"""Links of the log that keep its filters: `{% load log_tags %}`. All need `address` in the context."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache
from typing import Any
from urllib.parse import quote_plus

from django import template
from django.template import Context
from django.template.base import NodeList
from django.template.loader import get_template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from audit.models import AuditEntry
from audit.templatetags import moments, parameters, visible_text

register = template.Library()
register.filter("safe_code", visible_text.as_code)
LONGEST_SHOWN, LONGEST_UNFOLDED = 600, 6_000
UNITS = (("day", 86_400), ("hour", 3_600), ("minute", 60))
A_MONTH = 30 * 86_400


@register.simple_tag(takes_context=True)
def entry_href(context: dict[str, Any], entry: AuditEntry) -> str:
    """The present address with this entry opened beside the table."""
    return f"{_begun(context['address'], 'entry')}{entry.pk}"


@register.simple_tag(takes_context=True)
def cells(context: Context, entry: AuditEntry, templates: Iterable[str]) -> SafeString:
    """A row of the log: each column's template, drawn where it stands. To include it takes as long as to draw it."""
    context["record"] = entry
    drawn = (_nodes(name).render(context) for name in templates)
    return mark_safe("".join(f"<td>{cell}</td>" for cell in drawn))  # noqa: S308 - what templates made


@lru_cache(maxsize=16)
def _nodes(name: str) -> NodeList:
    found: Any = get_template(name)
    nodes: NodeList = found.template.nodelist
    return nodes


@register.inclusion_tag("audit/chips.html", takes_context=True)
def linked_chips(context: dict[str, Any], entry: AuditEntry) -> dict[str, Any]:
    """The entry's parameters as chips that narrow the log to what has the same."""
    row = parameters.fit(entry.parameters)
    values = zip(row.chips, entry.parameters.items(), strict=False)
    chips = [(chip, parameter_href(context, key, value)) for chip, (key, value) in values]
    return {"chips": chips, "more": row.more, "href": entry_href(context, entry)}


@register.simple_tag(takes_context=True)
def parameter_href(context: dict[str, Any], key: str, value: object) -> str:
    """The log narrowed to this parameter; empty for what no filter can ask for."""
    text = parameters.askable(value)
    return only_href(context, f"p.{key}", text) if text else ""


@register.simple_tag(takes_context=True)
def only_href(context: dict[str, Any], name: str, value: object) -> str:
    """The log with this as the filter's only value, from its newest page."""
    return _begun(context["address"], name, newest=True) + quote_plus(str(value))


@register.simple_tag(takes_context=True)
def day_href(context: dict[str, Any], when: datetime) -> str:
    """The log narrowed to the day of this moment, in the reader's zone."""
    day = timezone.localtime(when).date()
    return f"{_begun_period(context['address'])}{day}T00%3A00&to={day}T23%3A59"


@lru_cache(maxsize=512)
def _begun(address: Any, name: str, *, newest: bool = False) -> str:
    """An address up to the value of this name, which every row of a page needs: `…?by=ana&name=`."""
    return str((address.filters if newest else address).having(name, ""))


@lru_cache(maxsize=64)
def _begun_period(address: Any) -> str:
    return str(address.filters.without("range", "to").having("from", ""))


@register.inclusion_tag("audit/long_text.html", takes_context=True)
def long_text(context: dict[str, Any], text: str, *, is_code: bool = False) -> dict[str, Any]:
    """A value of any length: its beginning, and the rest behind a button; all of it where `everything` is asked for.

    Of the longest values the rest is no part of the page: the entry's own page can show it.
    """
    everything, size = bool(context.get("everything")), len(text)
    shown = size if everything or size <= LONGEST_SHOWN else LONGEST_SHOWN
    return {
        "begin": text[:shown],
        "rest": text[shown:LONGEST_UNFOLDED],
        "size": size,
        "is_cut": not everything and size > LONGEST_UNFOLDED,
        "whole_page": context.get("whole_page"),
        "is_code": is_code,
    }


@register.simple_tag
def long_ago(when: datetime, *, now: datetime) -> SafeString:
    """A `<time>` as people say it: "12 minutes ago"; exact in its title, in the reader's zone and in UTC."""
    title = f"{moments.in_full(when)}, {moments.in_utc(when)}"
    words = said_ago(when, now=now)
    return format_html('<time datetime="{}" title="{}">{}</time>', moments.in_utc(when), title, words)


def said_ago(when: datetime, *, now: datetime) -> str:
    """`a moment ago`, `12 minutes ago`, `1 day ago`, and the day itself after a month or before it comes."""
    seconds = int((now - when).total_seconds())
    if not -60 < seconds < A_MONTH:
        local = timezone.localtime(when)
        return f"on {local.day} {local:%B %Y}"
    for unit, length in UNITS:
        if seconds >= length:
            number = seconds // length
            return f"{number} {unit}{'' if number == 1 else 's'} ago"
    return "a moment ago"


@register.filter
def local_part(done_by: str) -> str:
    """`ana` of `ana@acme.example`."""
    return done_by.rpartition("@")[0] or done_by


@register.filter
def domain_part(done_by: str) -> str:
    """`@acme.example` of `ana@acme.example`; empty where there is none."""
    local, at, domain = done_by.rpartition("@")
    return at + domain if local else ""
