"""From entries going in to drafts: codes become events, slugs and ids become the tenant's workspaces."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping
from uuid import UUID

from django.db import connection

from audit.api.answers import MOST_PROBLEMS
from audit.api.decoding import Item
from audit.api.remembering import remember_places
from audit.api.shapes import EntryIn
from audit.catalog.kinds import Event
from audit.catalog.lookup import CATALOG, UnknownEventError
from audit.drafts import Draft, DraftRefused, Place, Problem
from audit.models import Tenant, Workspace

SLUG = re.compile(r"[-a-zA-Z0-9_]{1,63}")
Places = Mapping[str, Place]
# In SQL: asked for each batch, and the ORM takes ten times as long to write it as the database to answer.
PLACES = (
    "SELECT id, slug, name FROM audit_workspace WHERE tenant_id = %s AND (slug = ANY(%s) OR id = ANY(%s))"
)
UNKNOWN_PLACE = "workspace_unknown"


def draft_all(items: list[Item], *, tenant: Tenant) -> list[Draft]:
    """The drafts of a batch, in its order; one query where workspaces are named.

    Raises DraftRefused with what is wrong with each item, located as ``/<index>/<field>``; it stops looking after
    a hundred problems.
    """
    places = _places(items, tenant)
    made: list[Draft] = []
    problems: list[Problem] = []
    for index, item in enumerate(items):
        found = item if isinstance(item, list) else draft_of(item, places)
        if isinstance(found, Draft):
            made.append(found)
            if not problems:
                continue
            found = _broken(found)
        elif not problems:
            problems += [p for at, draft in enumerate(made) for p in _at(at, _broken(draft))]
        problems += _at(index, found)
        if len(problems) >= MOST_PROBLEMS:
            break
    if problems:
        raise DraftRefused(_with_nearest_workspaces(problems[:MOST_PROBLEMS], tenant))
    return made


def draft_of(entry: EntryIn, places: Places) -> Draft | list[Problem]:
    """The draft of an entry whose workspace is among these, or what is wrong with it."""
    problems: list[Problem] = []
    event = _event(entry.event, problems)
    place = _place(entry.workspace, places, problems)
    if problems or event is None:
        return problems
    return Draft(
        event, entry.actor, place, entry.parameters, entry.details, entry.target, entry.outcome, entry.context,
        entry.occurred_at, entry.external_id,
    )  # fmt: skip


def _event(code: str, problems: list[Problem]) -> Event | None:
    try:
        return CATALOG.event(code)
    except UnknownEventError as unknown:
        hint = (
            f"; did you mean {unknown.nearest!r}?" if unknown.nearest else "; GET /api/v1/catalog lists them"
        )
        problems.append(Problem("/event", f"no event has the code {code[:129]!r}{hint}", "event_unknown"))
        return None


def _place(named: str | None, places: Places, problems: list[Problem]) -> Place | None:
    if named is None:
        return None
    if named not in places:
        problems.append(
            Problem("/workspace", f"no workspace of this tenant is {named[:63]!r}", UNKNOWN_PLACE)
        )
    return places.get(named)


def _places(items: list[Item], tenant: Tenant) -> Places:
    """The workspaces that the batch names, by what it calls them."""
    named = {item.workspace for item in items if isinstance(item, EntryIn) and item.workspace is not None}
    ids = {name: number for name in named if (number := _uuid(name)) is not None}
    slugs = {name for name in named if SLUG.fullmatch(name)}
    if not ids and not slugs:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(PLACES, [tenant.pk, list(slugs), list(ids.values())])
        places = [Place(*row) for row in cursor.fetchall()]
    by_id = {place.id: place for place in places}
    by_name = {name: by_id[number] for name, number in ids.items() if number in by_id}
    found = by_name | {place.slug: place for place in places}
    remember_places(tenant.pk, {name: found[name] for name in named if name in found})
    return found


def _uuid(name: str) -> UUID | None:
    try:
        return UUID(name) if len(name) in {32, 36} else None
    except ValueError:
        return None


def _broken(draft: Draft) -> list[Problem]:
    try:
        draft.check()
    except DraftRefused as refused:
        return refused.problems
    return []


def _at(index: int, problems: list[Problem]) -> Iterator[Problem]:
    for problem in problems:
        yield Problem(f"/{index}{problem.loc}", problem.msg, problem.type)


def _with_nearest_workspaces(problems: list[Problem], tenant: Tenant) -> list[Problem]:
    """Say which slug may have been meant; asked only where one is unknown."""
    if not any(problem.type == UNKNOWN_PLACE for problem in problems):
        return problems
    slugs = list(Workspace.objects.filter(tenant=tenant).values_list("slug", flat=True)[:1_000])
    return [
        _with_nearest(problem, slugs) if problem.type == UNKNOWN_PLACE else problem for problem in problems
    ]


def _with_nearest(problem: Problem, slugs: list[str]) -> Problem:
    named = problem.msg.partition("'")[2].rstrip("'")
    near = difflib.get_close_matches(named, slugs, n=1, cutoff=0.5)
    hint = f"; did you mean {near[0]!r}?" if near else "; leave it out for the tenant as a whole"
    return Problem(problem.loc, f"{problem.msg}{hint}", problem.type)
