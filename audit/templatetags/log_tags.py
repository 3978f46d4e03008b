"""Links of the log that keep its filters: `{% load log_tags %}`. All need `address` in the context."""

from __future__ import annotations

from typing import Any

from django import template

from audit.models import AuditEntry
from audit.templatetags import parameters

register = template.Library()
LONGEST_LINKED = 500
"""Longer values cannot be asked for by a filter."""


@register.simple_tag(takes_context=True)
def entry_href(context: dict[str, Any], entry: AuditEntry) -> str:
    """The present address with this entry opened beside the table."""
    return str(context["address"].having("entry", str(entry.pk)))


@register.inclusion_tag("audit/chips.html", takes_context=True)
def linked_chips(context: dict[str, Any], entry: AuditEntry) -> dict[str, Any]:
    """The entry's parameters as chips that narrow the log to what has the same."""
    row = parameters.fit(entry.parameters)
    chips = [(chip, parameter_href(context, chip.key, entry.parameters[chip.key])) for chip in row.chips]
    return {"chips": chips, "more": row.more, "href": entry_href(context, entry)}


@register.simple_tag(takes_context=True)
def parameter_href(context: dict[str, Any], key: str, value: object, name: str = "p.") -> str:
    """The log narrowed to this parameter, with `not.p.` to all without it; empty for what no filter can ask for."""
    text = parameters.value_text(value)
    if (
        isinstance(value, list | dict)
        or not text.strip()
        or text != text.strip()
        or len(text) > LONGEST_LINKED
    ):
        return ""
    log = context.get("log") or context["address"]
    return str(log.filters.plus(f"{name}{key}", text))


@register.filter
def local_part(done_by: str) -> str:
    """`ana` of `ana@acme.example`."""
    return done_by.rpartition("@")[0] or done_by


@register.filter
def domain_part(done_by: str) -> str:
    """`@acme.example` of `ana@acme.example`; empty where there is none."""
    local, at, domain = done_by.rpartition("@")
    return at + domain if local else ""
