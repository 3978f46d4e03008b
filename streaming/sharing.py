"""How a worker's threads are shared, so that one tenant's trouble is not another's delay. Knows no Celery.

A thread that waits for a dead destination waits for half a minute, one that carries a backlog works for as long. So of
the threads of a worker at most half are for streams that are in trouble or far behind, and at most a quarter are for
one tenant: there is always one for an entry that has just come. Who finds no room waits outside, is called when there
is some, and the sweep comes by besides. (How many may work on one host, over all workers: streaming.leasing.)
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from threading import Lock
from uuid import UUID

from django.db import connection

FAR_BEHIND = 2_000
"""Entries that wait, from which on a stream is catching up: more than the largest requests hold."""
MOST_WAITING = 1_000
# In SQL: asked before every run, and the ORM takes ten times as long to write it.
_STANDING = """
SELECT stream.tenant_id, cursor.failures > 0 OR coalesce(head.last_sequence, 0) - cursor.place > %s
FROM streaming_cursor AS cursor JOIN streaming_stream AS stream ON stream.id = cursor.stream_id
LEFT JOIN audit_loghead AS head ON head.tenant_id = stream.tenant_id WHERE cursor.stream_id = %s
"""


@dataclass(frozen=True, slots=True)
class Standing:
    """Whose a stream is, and whether it would keep a thread for long: in trouble, or far behind."""

    tenant_id: UUID
    slow: bool


def standing_of(stream_id: UUID) -> Standing | None:
    """How the stream stands now; None where there is no such stream."""
    with connection.cursor() as cursor:
        cursor.execute(_STANDING, [FAR_BEHIND, stream_id])
        row = cursor.fetchone()
    return None if row is None else Standing(*row)


class Threads:
    """The threads of one worker, who has them, and who found no room."""

    def __init__(self, number: int) -> None:
        self.number = number
        self._lock = Lock()
        self._slow = 0
        self._of_tenant: Counter[UUID] = Counter()
        self._waiting: dict[UUID, Standing] = {}

    def enter(self, stream_id: UUID, standing: Standing) -> bool:
        """Whether a stream that stands like this may have a thread now; whoever enters must leave."""
        with self._lock:
            self._waiting.pop(stream_id, None)
            if self._has_room(standing):
                self._slow += standing.slow
                self._of_tenant[standing.tenant_id] += 1
                return True
            if len(self._waiting) < MOST_WAITING:
                self._waiting[stream_id] = standing
            return False

    def leave(self, standing: Standing) -> UUID | None:
        """Give the thread back; the stream that has waited longest for such a one is to be called."""
        with self._lock:
            self._slow -= standing.slow
            self._of_tenant[standing.tenant_id] -= 1
            if not self._of_tenant[standing.tenant_id]:
                del self._of_tenant[standing.tenant_id]
            found = (stream_id for stream_id, waits in self._waiting.items() if self._has_room(waits))
            next_one = next(found, None)
            if next_one is not None:
                del self._waiting[next_one]
            return next_one

    def _has_room(self, standing: Standing) -> bool:
        crowded = standing.slow and self._slow >= max(self.number // 2, 1)
        return not crowded and self._of_tenant[standing.tenant_id] < max(self.number // 4, 1)
