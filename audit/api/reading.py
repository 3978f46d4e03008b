"""GET /entries and GET /entries/<id>: the log as it was recorded, in stored bytes that nobody encodes again."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import msgspec
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from audit import queries
from audit.api.answers import Refusal, answer
from audit.api.cursors import Cursors
from audit.api.description import in_query
from audit.drafts import Problem
from audit.filters import AuditEntryFilter, FilterError, filtered
from audit.models import ApiKey, AuditEntry, Tenant
from audit.models.entries import EntryQuerySet

DEFAULT_LIMIT, LARGEST_LIMIT = 100, 1_000
BY_SEQUENCE = "sequence"
# A question that takes longer is stopped: the reader narrows it, and others are not held up.
LONGEST_SECONDS = 15
# The walk by sequence does not end so, for its reader could never go on: after a second it looks at so many numbers at
# a time, and answers after five with what there was and a cursor that has moved.
AT_ONCE_SECONDS, WINDOWS_SECONDS, WINDOW = 1, 5, 50_000

OWN: list[dict[str, Any]] = [
    in_query(
        "order", "sequence: walk the log forward, for pollers. Left out: newest first.", enum=[BY_SEQUENCE]
    ),
    in_query("cursor", "`next` or `previous` of an answer to the same query.", type="string"),
    in_query(
        "limit",
        "How many entries at most.",
        type="integer",
        minimum=1,
        maximum=LARGEST_LIMIT,
        default=DEFAULT_LIMIT,
    ),
]
OWN_NAMES = frozenset(parameter["name"] for parameter in OWN)


def parameters() -> list[dict[str, Any]]:
    """What may stand in the address: our own, and the page's filters."""
    return [*OWN, *filter_parameters()]


def filter_parameters() -> list[dict[str, Any]]:
    """The page's filters, as they may stand in an address."""
    several = {"type": "array", "items": {"type": "string"}}
    found = [
        in_query(name, f"{'All but these' if one.exclude else 'Filter'}: {one.label}.", **several)
        for name, one in AuditEntryFilter.get_filters().items()
    ]
    parameter = "by a parameter of the entry, by its key."
    further = [("p.<key>", f"Filter {parameter}"), ("not.p.<key>", f"All but these, {parameter}")]
    return [*OWN, *found, *(in_query(name, words, **several) for name, words in further)]


def get_entries(request: HttpRequest) -> HttpResponse:
    """The entries that the filters leave (the same as the page's), newest first by `occurred_at`.

    `next` leads to older entries and `previous` to newer ones; null: there are none that way. With `order=sequence`
    entries come in the order in which they were committed, oldest first: begin without a cursor and go on with
    `next`, which is always given, also where nothing is new yet. Nothing is skipped and nothing comes twice. A
    filter that leaves next to nothing of a long log may be answered with none and a `next` that has moved; at the end
    of the log `next` is the cursor that was sent.
    """
    key: ApiKey = request.auth  # type: ignore[attr-defined] # set by ApiKeyAuth
    limit, by_sequence = _limit(request), _by_sequence(request)
    cursors = Cursors.of(key.tenant, request.GET)
    with bounded():
        entries = asked(request, key.tenant, also=OWN_NAMES).only("id", "occurred_at", "sequence", "body")
        if by_sequence:
            return _forward(request, entries, key.tenant, cursors=cursors, limit=limit)
        return _page(request, entries, cursors=cursors, limit=limit)


def get_entry(request: HttpRequest, entry_id: str) -> HttpResponse:
    """One entry, in its canonical bytes: exactly what was hashed when it was recorded."""
    key: ApiKey = request.auth  # type: ignore[attr-defined] # set by ApiKeyAuth
    asked = _uuid(entry_id)
    bodies = queries.readable(key.tenant).values_list("body", flat=True)
    found = None if asked is None else bodies.filter(pk=asked).first()
    if found is None:
        raise Refusal(404, "entry-unknown", f"No entry of this tenant has the id {entry_id!r}.")
    return answer(request, bytes(found))


def _page(request: HttpRequest, entries: EntryQuerySet, *, cursors: Cursors, limit: int) -> HttpResponse:
    page = queries.page(entries, cursor=cursors.page(), limit=limit)
    return _spliced(
        request, page.entries, following=cursors.at_page(page.older), previous=cursors.at_page(page.newer)
    )


def _forward(
    request: HttpRequest, entries: EntryQuerySet, tenant: Tenant, *, cursors: Cursors, limit: int
) -> HttpResponse:
    """Entries after the cursor. The head is read first: all up to it is committed, so the cursor may go there."""
    after, head = cursors.sequence(), queries.last_sequence(tenant)
    try:
        rows, reached = at_once(entries, after=after, head=head, limit=limit)
    except queries.TookTooLong:
        rows, reached = by_windows(entries, after=after, head=head, limit=limit)
    return _spliced(request, rows, following=cursors.at_sequence(reached), previous=None)


def at_once(entries: EntryQuerySet, *, after: int, head: int, limit: int) -> tuple[list[AuditEntry], int]:
    """The first entries behind `after`, and the number up to which all were looked at. Raises TookTooLong."""
    with queries.time_limit(seconds=AT_ONCE_SECONDS):
        rows = list(_between(entries, after, head)[:limit])
    return rows, rows[-1].sequence if len(rows) == limit else max(head, after)


def by_windows(entries: EntryQuerySet, *, after: int, head: int, limit: int) -> tuple[list[AuditEntry], int]:
    """As `at_once`, for a filter that leaves so little that a long log is not searched in one go.

    It stops when its time is over: with what it found, and with how far it came, so that the reader goes on there.
    """
    rows: list[AuditEntry] = []
    end = time.monotonic() + WINDOWS_SECONDS
    while after < head and len(rows) < limit:
        until = min(after + WINDOW, head)
        rows += _between(entries, after, until)[: limit - len(rows)]
        after = until
        if time.monotonic() >= end:
            break
    return rows, rows[-1].sequence if len(rows) == limit else after


def _between(entries: EntryQuerySet, after: int, until: int) -> EntryQuerySet:
    return entries.filter(sequence__gt=after, sequence__lte=until).order_by("sequence")


def _spliced(
    request: HttpRequest, rows: Iterable[AuditEntry], *, following: str | None, previous: str | None
) -> HttpResponse:
    entries = b",".join(bytes(row.body) for row in rows)
    ends = msgspec.json.encode(following), msgspec.json.encode(previous)
    return answer(request, b'{"entries":[%b],"next":%b,"previous":%b}' % (entries, *ends))


def asked(request: HttpRequest, tenant: Tenant, *, also: frozenset[str]) -> EntryQuerySet:
    """The entries that the address asks for; names in `also` are no filters. Raises Refusal."""
    readable = queries.readable(tenant)
    try:
        return filtered(readable, request.GET, tenant=tenant, now=timezone.now(), also=also)
    except FilterError as error:
        problems = [
            Problem(name, reason, "filter_invalid") for name, why in error.problems.items() for reason in why
        ]
        raise Refusal(400, "query-invalid", f"The query cannot be used: {error}", problems=problems) from None


@contextmanager
def bounded() -> Iterator[None]:
    """Questions inside are stopped after LONGEST_SECONDS. Raises Refusal."""
    try:
        with queries.time_limit(seconds=LONGEST_SECONDS):
            yield
    except queries.TookTooLong:
        raise Refusal(
            400, "query-too-slow", "This took too long and was stopped: narrow it, for example by time."
        ) from None


def _limit(request: HttpRequest) -> int:
    given = request.GET.get("limit", str(DEFAULT_LIMIT))
    if not (given.isascii() and given.isdigit() and len(given) <= 4 and 1 <= int(given) <= LARGEST_LIMIT):
        raise wrong("limit", f"has to be a number from 1 to {LARGEST_LIMIT:,}, not {given!r}")
    return int(given)


def _by_sequence(request: HttpRequest) -> bool:
    order = request.GET.get("order")
    if order not in {None, BY_SEQUENCE}:
        raise wrong("order", f"has to be {BY_SEQUENCE!r} or left out, not {order!r}")
    return order == BY_SEQUENCE


def wrong(name: str, reason: str) -> Refusal:
    """The refusal of one parameter of the address."""
    return Refusal(
        400, "query-invalid", f"{name} {reason}.", problems=[Problem(name, reason, "filter_invalid")]
    )


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
