"""Beside the writing of a file, which waits for PostgreSQL in one long statement: somebody who can still act.

A thread with a connection of its own renews the lease, tells how far the file is, and stops the statement when the
lease was taken away (by a cancellation, say) or the process is to end.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from threading import Event, Thread
from typing import Self

import psycopg
from django.db import DatabaseError, connection

from audit.exporting import Tally
from audit.exports import leasing
from audit.models import Export

log = logging.getLogger(__name__)

BEAT = 1.0


class Watch:
    """`with Watch(export, tally=…, goes_on=…) as watch:` around the writing, in the thread that writes.

    `lost`: the lease is somebody else's business now. `stopped`: `goes_on` said no. Either way the statement that
    the writing thread waits for is cancelled, and raises there.
    """

    def __init__(self, export: Export, *, tally: Tally, goes_on: Callable[[], bool]) -> None:
        self._export, self._tally, self._goes_on = export, tally, goes_on
        self._ended = Event()
        self._thread = Thread(target=self._watch, name=f"watching export {export.pk}", daemon=True)
        self.lost = self.stopped = False

    def __enter__(self) -> Self:
        connection.ensure_connection()
        self._theirs: psycopg.Connection = connection.connection
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def _watch(self) -> None:
        try:
            while not self._ended.wait(BEAT):
                self._look()
                if self.lost or self.stopped:
                    self._theirs.cancel_safe()
        except psycopg.Error as error:
            log.warning("The statement of export %s could not be stopped: %s", self._export.pk, error)
        finally:
            connection.close()

    def _look(self) -> None:
        if not self._goes_on():
            self.stopped = True
            return
        try:
            self.lost = not leasing.renew(self._export, written=self._tally.written)
        except DatabaseError as error:
            log.warning("The lease of export %s could not be renewed: %s", self._export.pk, error)
            connection.close()
