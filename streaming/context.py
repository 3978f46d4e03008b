"""What pages of a tenant show above their content: streams that need a person."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from streaming.noticing import Notice, notices


def page(request: HttpRequest) -> dict[str, Any]:
    """`stream_notices`, asked for only where a template shows them: to those who administer the tenant."""
    slug = request.resolver_match.kwargs.get("slug") if request.resolver_match else None
    return {"stream_notices": SimpleLazyObject(lambda: _notices(slug))}


def _notices(slug: str | None) -> list[Notice]:
    return notices(slug, now=timezone.now()) if slug else []
