"""What pages of a tenant show of streams: above their content those that need a person, on the overview all of them."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from streaming.noticing import Notice, notices
from streaming.surveying import Glance, glance


def page(request: HttpRequest) -> dict[str, Any]:
    """`stream_notices` and `stream_glances`, each asked for only where a template shows it to those who may see it."""
    slug = request.resolver_match.kwargs.get("slug") if request.resolver_match else None
    return {
        "stream_notices": SimpleLazyObject(lambda: _notices(slug)),
        "stream_glances": SimpleLazyObject(lambda: _glances(slug)),
    }


def _notices(slug: str | None) -> list[Notice]:
    return notices(slug, now=timezone.now()) if slug else []


def _glances(slug: str | None) -> list[Glance]:
    return glance(slug, now=timezone.now()) if slug else []
