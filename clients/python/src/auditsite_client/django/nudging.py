"""After commit: a thread of this process sends the outbox. An optimisation; the command is the guarantee."""

from __future__ import annotations

import logging
import os
import threading
import time

from django.db import DatabaseError, connections

from auditsite_client.django.outbox import Outbox

log = logging.getLogger("auditsite_client")

# A thread with nothing to do ends after this; the next nudge starts another.
IDLE = 5.0
AFTER_TROUBLE = 5.0


class Nudged:
    """The thread of one database."""

    def __init__(self, using: str) -> None:
        self._using, self._lock, self._wake = using, threading.Lock(), threading.Event()
        self._running = False

    def nudge(self) -> None:
        with self._lock:
            self._wake.set()
            if not self._running:
                self._running = True
                threading.Thread(target=self._run, name="auditsite-outbox", daemon=True).start()

    def _run(self) -> None:
        try:
            with Outbox(self._using) as outbox:
                while self._woken():
                    if (pause := self._sent(outbox)) is not None:
                        # What is committed meanwhile is sent with the rest; it need not be told of.
                        time.sleep(pause)
                        self._wake.set()
        except BaseException:
            with self._lock:
                self._running = False
            raise
        finally:
            connections[self._using].close()

    def _woken(self) -> bool:
        """Whether there is a reason to look; without one for a while, the thread has ended."""
        self._wake.wait(IDLE)
        with self._lock:
            woken, self._running = self._wake.is_set(), self._wake.is_set()
            self._wake.clear()
        return woken

    def _sent(self, outbox: Outbox) -> float | None:
        try:
            return outbox.send_due()
        except DatabaseError:
            log.exception("The outbox of audit entries cannot be read; tried again.")
            connections[self._using].close()
            return AFTER_TROUBLE


_nudged: dict[str, Nudged] = {}


def nudge(using: str) -> None:
    """There is something in the outbox of this database."""
    _nudged.setdefault(using, Nudged(using)).nudge()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_nudged.clear)
