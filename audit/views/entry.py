"""One entry with everything it holds, at an address of its own, and beside the log."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import msgspec
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.cache import patch_vary_headers

from audit import agents, changes, deliveries, queries, raw_json
from audit.access import NotFound
from audit.canonical import leaf_hash
from audit.models import AuditEntry, Tenant
from audit.models.entries import EntryQuerySet
from audit.sentences import Said, sentence
from audit.templatetags import parameters
from audit.views import pivots
from audit.views.addresses import Address, tidy
from audit.views.tenant_view import TenantView

WHOLE = "whole"
"""In the address of an entry's page: show all of what is long."""
MOST_ROWS, MOST_ROWS_OF_ALL = 50, 2_000


class EntryView(TenantView):
    """`GET /t/<slug>/audit-log/<id>/`. What stands behind the `?` are the filters to go back to.

    A script that opens entries beside the log asks with `HX-Request`, and gets the panel alone.
    """

    def get(self, request: HttpRequest, slug: str, entry_id: UUID) -> HttpResponse:
        entry = find(self.readable(), entry_id)
        if entry is None:
            raise NotFound(f"no entry {entry_id}")
        address = replace(tidy(request.path, request.GET), path=reverse("audit:log", args=[slug]))
        log, everything = address.without(WHOLE), WHOLE in request.GET
        context = entry_context(entry, log, tenant=self.tenant, everything=everything)
        panel = bool(request.htmx)  # type: ignore[attr-defined] # django-htmx sets it
        response = self.render("audit/panel.html" if panel else "audit/entry.html", context)
        patch_vary_headers(response, ["HX-Request"])
        return response


class EntryJsonView(TenantView):
    """`GET /t/<slug>/audit-log/<id>/json/`: the canonical bytes, as they were recorded, hashed and sent."""

    def get(self, request: HttpRequest, slug: str, entry_id: UUID) -> HttpResponse:  # noqa: ARG002 - the address's
        entry = queries.find(self.readable(), entry_id)
        if entry is None:
            raise NotFound(f"no entry {entry_id}")
        name = f"entry-{entry.sequence}.json"
        return HttpResponse(
            bytes(entry.body),
            content_type="application/json",
            headers={"Content-Disposition": f'attachment; filename="{name}"'},
        )


@dataclass(frozen=True, slots=True)
class Row:
    """A parameter: its text, whether that is JSON in lines, and the lists with it alone and without it.

    `above`: it says what changed, and stands in lines of its own above.
    """

    key: str
    text: str
    is_nested: bool
    only: str
    without: str
    above: bool = False


def find(entries: EntryQuerySet, entry_id: UUID | None) -> AuditEntry | None:
    """One of the entries with all that `entry_context` needs; None if it is not among them."""
    return queries.find(deliveries.asked(entries), entry_id)


def entry_context(
    entry: AuditEntry, log: Address, *, tenant: Tenant, everything: bool = False
) -> dict[str, Any]:
    """What the entry's templates show; `log` is the address of the list that it was opened from.

    Of what is long the beginning, unless `everything` is asked for. `entry` is as `find` gives it.
    """
    document = msgspec.json.decode(entry.body)
    origin = document["context"] or {}
    bare, page = Address(log.path), replace(log, path=f"{log.path}{entry.pk}/")
    return {
        "entry": entry,
        "document": document,
        "sentence": sentence(_said(entry)),
        "leaf_hash": bytes(entry.leaf_hash).hex(),
        "hash_fits": leaf_hash(bytes(entry.salt), bytes(entry.body)) == bytes(entry.leaf_hash),
        "agent": agents.in_words(origin.get("user_agent") or ""),
        "deliveries": deliveries.told(entry, tenant=tenant),
        "log": log,
        "entry_page": page,
        "whole_page": page.plus(WHOLE, "1"),
        "json_href": f"{log.path}{entry.pk}/json/",
        "similar": list(pivots.similar(entry, bare, context=origin)),
        "apart": list(pivots.apart(entry, log.filters)),
        **_of_any_length(entry, log.filters, everything=everything),
    }


def _of_any_length(entry: AuditEntry, log: Address, *, everything: bool) -> dict[str, Any]:
    """Changes, parameters and bytes: the beginning of each, or all."""
    most = MOST_ROWS_OF_ALL if everything else MOST_ROWS
    changed = changes.changes(entry.parameters)
    rows = [
        _row(key, value, log, above=bool(changed) and key in changes.LISTS)
        for key, value in list(entry.parameters.items())[:most]
    ]
    return {
        "changes": changed[:most],
        "more_changes": max(len(changed) - most, 0),
        "rows": rows,
        "more_rows": len(entry.parameters) - len(rows),
        "everything": everything,
        "raw": raw_json.shown(bytes(entry.body), everything=everything),
    }


def _said(entry: AuditEntry) -> Said:
    return Said(
        event=entry.event,
        action=entry.action,
        parameters=entry.parameters,
        actor=entry.actor_name or entry.done_by,
        actor_type=entry.actor_type,
        workspace=entry.workspace_name,
        outcome=entry.outcome,
    )


def _row(key: str, value: object, log: Address, *, above: bool) -> Row:
    is_nested = parameters.is_nested(value)
    text = json.dumps(value, indent=2, ensure_ascii=False) if is_nested else parameters.value_text(value)
    asked = parameters.askable(value)
    only, without = (str(log.plus(f"{name}{key}", asked)) if asked else "" for name in ("p.", "not.p."))
    return Row(key, text, is_nested, only, without, above=above and is_nested)
