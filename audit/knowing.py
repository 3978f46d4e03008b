"""What was done on a connection before, so that it need not be done again: it goes with the connection."""

from __future__ import annotations

from select import POLLIN, poll
from threading import Event
from typing import Any
from uuid import UUID
from weakref import WeakKeyDictionary

from django.db import DEFAULT_DB_ALIAS, connections
from psycopg import Connection

from audit.drafts import Draft

# Of a tenant: event, area, category, actor's type, outcome, whether in a workspace (audit.models.EntryKind).
Kind = tuple[str, str, str, str, str, bool]
MOST_KINDS = 5_000

SHARED = Event()
"""Set once a prepared statement was not there, or there already: a pooler gives each transaction another of the
server's connections. Then nothing is prepared any more."""


class Known:
    """The statements that a connection knows, and kinds of which it committed that they are noted.

    Kinds are never removed (migration 0007), so one that is noted stays so for as long as the connection lives.
    """

    def __init__(self) -> None:
        self.statements: set[object] = set()
        self._kinds: set[tuple[UUID, Kind]] = set()

    def lacks(self, tenant_id: UUID, kinds: set[Kind]) -> list[Kind]:
        """Those of the kinds that may not be noted yet."""
        return [kind for kind in kinds if (tenant_id, kind) not in self._kinds]

    def note(self, tenant_id: UUID, kinds: list[Kind]) -> None:
        """These were committed."""
        if len(self._kinds) + len(kinds) > MOST_KINDS:
            self._kinds.clear()
        self._kinds.update((tenant_id, kind) for kind in kinds)


_KNOWN: WeakKeyDictionary[Connection[Any], Known] = WeakKeyDictionary()


def connected() -> tuple[Connection[Any], Known]:
    """This thread's connection, made where there is none: as for a cursor, which takes longer than an entry."""
    database = connections[DEFAULT_DB_ALIAS]
    database.close_if_health_check_failed()
    database.ensure_connection()
    kept: Connection[Any] = database.connection
    known = _KNOWN.get(kept)
    if known is None:
        known = _KNOWN[kept] = Known()
    return kept, known


def is_quiet() -> bool:
    """Whether the server said nothing since its last answer, as it does before it ends a connection.

    A statement that is sent into a connection which ended fails, and nobody can tell whether it was done before.
    """
    watching = poll()
    watching.register(connected()[0].pgconn.socket, POLLIN)
    return not watching.poll(0)


def kind_of(draft: Draft) -> Kind:
    """Of what kind an entry is."""
    event = draft.event
    category = event.category._value_
    return event.code, event.area.code, category, draft.actor.type, draft.outcome, draft.workspace is not None
