"""The thread that sends: one a process, of which one at a time among all processes of a queue is at work."""

from __future__ import annotations

import logging
import threading
import time

from auditsite_client.queue import Queue, QueueUnavailable
from auditsite_client.sending import Sender

log = logging.getLogger("auditsite_client")

# How soon entries of a process that died, or that only records, are noticed.
LOOK_AGAIN = 1.0
# How soon the place of another sender is tried for while there is something to send.
CLAIM_AGAIN = 0.25
AFTER_TROUBLE = 5.0


class Background:
    """Runs `work()` in a thread, or in the caller's own for as long as it says."""

    def __init__(self, queue: Queue, sender: Sender) -> None:
        self._queue, self._sender = queue, sender
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None
        self._stopping, self._wake = threading.Event(), threading.Event()

    def nudge(self) -> None:
        """There is something to send: start the thread, or wake it."""
        self._wake.set()
        if self._thread is None or not self._thread.is_alive():
            with self._starting:
                if (self._thread is None or not self._thread.is_alive()) and not self._stopping.is_set():
                    self._thread = threading.Thread(target=self._run, name="auditsite-sender", daemon=True)
                    self._thread.start()

    def stop(self, patience: float) -> bool:
        """End the thread; a request that is under way may take `patience` seconds, then it is left behind: False."""
        self._stopping.set()
        self._wake.set()
        if self._thread is not None:
            self._thread.join(patience)
        return self._thread is None or not self._thread.is_alive()

    def drain(self, deadline: float | None = None) -> float:
        """Send until nothing is left, until the deadline (time.monotonic()), or until stopped.

        What is left for the caller is how long to wait before there may be something to do again.
        """
        if not self._queue.totals().entries:
            return LOOK_AGAIN
        with self._queue.only_sender() as mine:
            if not mine:
                return CLAIM_AGAIN
            while not self._stopping.is_set() and (deadline is None or time.monotonic() < deadline):
                pause = self._sender.send_next()
                if pause is None:
                    return 0.0
                # The claim is kept meanwhile, so that others do not try what was just asked not to be tried.
                self._stopping.wait(
                    pause if deadline is None else min(pause, max(deadline - time.monotonic(), 0))
                )
        return CLAIM_AGAIN

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._wake.clear()
            try:
                pause = self.drain()
            except QueueUnavailable:
                log.exception("The queue of audit entries cannot be read; tried again.")
                self._stopping.wait(AFTER_TROUBLE)
            else:
                self._wake.wait(pause)
