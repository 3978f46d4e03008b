"""What templates load: `{% load audit_tags %}`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime

from django import template
from django.template import Context
from django.templatetags.static import static
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe

from audit.templatetags import moments, parameters, visible_text

register = template.Library()

register.filter("safe_text", visible_text.as_html)
register.filter("safe_plain", visible_text.as_text)
register.filter("parameter_value", parameters.value_text)


@register.simple_tag
def icon(name: str, size: str = "") -> SafeString:
    """`{% icon "settings" %}`, or `{% icon "settings" "sm" %}`. Decoration: the words stand beside it."""
    classes = f"icon icon-{size}" if size else "icon"
    sprite = static("img/icons.svg")
    return format_html('<svg class="{}" aria-hidden="true"><use href="{}#{}"/></svg>', classes, sprite, name)


@register.simple_tag(takes_context=True)
def moment(context: Context, when: datetime | None, style: str = "") -> SafeString:
    """A `<time>` in the reader's zone, UTC in its title. Empty for None.

    `style`: "" is `24 Nov 14:31:52 CET`; "full" has year and milliseconds; "lines" adds how long ago in a
    second line, and "age" shows that alone: both need `now` in the context.
    """
    if when is None:
        return SafeString()
    now = context.get("now")
    exact, utc = moments.in_words(when, now=now), moments.in_utc(when)
    if style == "full":
        exact = moments.in_full(when)
    if style == "age" and now:
        return format_html(
            '<time datetime="{}" title="{}, {}">{}</time>', utc, exact, utc, moments.age(when, now=now)
        )
    if style == "lines" and now:
        line = '<time class="at" datetime="{}" title="{}">{}</time><span class="sub2">{}</span>'
        return format_html(line, utc, utc, exact, moments.age(when, now=now))
    return format_html('<time datetime="{}" title="{}">{}</time>', utc, utc, exact)


@register.filter
def duration(seconds: float | None) -> str:
    """`0.8 s`, `4 min 12 s`; a dash where there is nothing to measure."""
    return "–" if seconds is None else moments.duration(seconds)


@register.filter
def thousands(number: int | None) -> str:
    """`12,408`; a dash for None."""
    return "–" if number is None else f"{number:,}"


@register.filter
def initials(email: str) -> str:
    """Two letters for an avatar: `priya.raman@…` is PR, `ana@…` is AN."""
    words = [word for word in re.split(r"[._+-]", email.partition("@")[0]) if word]
    letters = words[0][0] + words[1][0] if len(words) > 1 else "".join(words)[:2]
    return letters.upper()


@register.filter
def code_spans(text: str) -> SafeString:
    """Escapes a sentence and shows what is unseen in it; words between backticks become `<code>`."""
    parts = enumerate(visible_text.as_text(text).split("`"))
    pieces = (f"<code>{escape(part)}</code>" if number % 2 else escape(part) for number, part in parts)
    return mark_safe("".join(pieces))  # noqa: S308 - every piece went through escape()


@register.inclusion_tag("partials/parameter_chips.html")
def parameter_chips(values: Mapping[str, object] | None, href: str = "") -> dict[str, object]:
    """As many chips as fit the column; `+3` leads to `href`, the entry."""
    return {"row": parameters.fit(values or {}), "href": href}
