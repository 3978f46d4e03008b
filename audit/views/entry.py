"""One entry with everything it holds, at an address of its own."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import msgspec
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone

from audit import queries
from audit.access import NotFound
from audit.models import AuditEntry
from audit.views.addresses import Address, tidy
from audit.views.tenant_view import TenantView

AROUND = timedelta(minutes=5)
_LINE = re.compile(r'( *)("(?:[^"\\]|\\.)*"(?=: ))?(: )?(.*?)(,?)', re.DOTALL)


class EntryView(TenantView):
    """`GET /t/<slug>/audit-log/<id>/`. What stands behind the `?` are the filters to go back to."""

    def get(self, request: HttpRequest, slug: str, entry_id: UUID) -> HttpResponse:
        entry = queries.find(self.readable(), entry_id)
        if entry is None:
            raise NotFound(f"no entry {entry_id}")
        log = Address(reverse("audit:log", args=[slug]), tidy(request.path, request.GET).pairs)
        return self.render("audit/entry.html", entry_context(entry, log))


@dataclass(frozen=True, slots=True)
class JsonLine:
    """A line of JSON in parts; `kind` is a class of entry.css for its value."""

    indent: str
    key: str
    colon: str
    value: str
    kind: str
    comma: str


def entry_context(entry: AuditEntry, log: Address) -> dict[str, Any]:
    """What the entry's templates show; `log` is the address of the list that it was opened from."""
    return {
        "entry": entry,
        "document": msgspec.json.decode(entry.body),
        "json_lines": list(json_lines(bytes(entry.body))),
        "leaf_hash": bytes(entry.leaf_hash).hex(),
        "log": log,
        "entry_page": Address(f"{log.path}{entry.pk}/", log.pairs),
        "similar": list(_similar(entry, Address(log.path))),
        "apart": list(_apart(entry, log.filters)),
    }


def json_lines(body: bytes) -> Iterator[JsonLine]:
    """The entry's bytes with line breaks between its parts; numbers and texts stay as they were written."""
    for line in msgspec.json.format(body, indent=2).decode().split("\n"):
        match = _LINE.fullmatch(line)
        if match is None:
            yield JsonLine("", "", "", line, "", "")
            continue
        indent, key, colon, value, comma = (part or "" for part in match.groups())
        yield JsonLine(indent, key, colon, value, _kind(value), comma)


def _kind(value: str) -> str:
    if value.startswith('"'):
        return "js"
    if value in {"true", "false", "null"}:
        return "jl"
    return "" if value[:1] in {"{", "}", "[", "]", ""} else "jn"


def _similar(entry: AuditEntry, log: Address) -> Iterator[tuple[str, str, Address]]:
    """Icon, words and address of what lies near."""
    yield (
        "user",
        "Same person" if entry.actor_type == "user" else "Same actor",
        log.having("by", entry.done_by),
    )
    yield "filter", "Same action", log.having("action", entry.event)
    if entry.ip:
        yield "world", "Same IP address", log.having("ip", str(entry.ip))
    if entry.target:
        yield "link", "Same target", log.having("target", _target(entry))
    first, last = (timezone.localtime(entry.occurred_at + step) for step in (-AROUND, AROUND))
    span = log.having("from", f"{first:%Y-%m-%dT%H:%M}").having("to", f"{last:%Y-%m-%dT%H:%M}")
    yield "clock", "5 min around this", span


def _apart(entry: AuditEntry, log: Address) -> Iterator[tuple[str, Address]]:
    """Words and address of the present list without what is like this entry."""
    yield ("This person" if entry.actor_type == "user" else "This actor"), log.plus("not.by", entry.done_by)
    yield "This action", log.plus("not.action", entry.event)
    if entry.ip:
        yield "This IP address", log.plus("not.ip", str(entry.ip))
    if entry.target:
        yield "This target", log.plus("not.target", _target(entry))


def _target(entry: AuditEntry) -> str:
    """What tells the target best, of id, name and type."""
    told = entry.target or {}
    return str(told.get("id") or told.get("name") or told.get("type"))
