"""How gunicorn serves the web process (gunicorn.conf.py names both classes).

A service that sends entry after entry has the next one ready as soon as it has its answer. gunicorn hands a connection
back to its main thread after each request, which takes half as long as the request does.
"""

from __future__ import annotations

from select import POLLIN, poll
from threading import Semaphore
from typing import Any

from gunicorn.config import AccessLogFormat
from gunicorn.glogging import Logger
from gunicorn.workers.gthread import TConn, ThreadWorker

# Milliseconds that a thread waits for the next request of a connection that it has just answered.
PATIENCE = 5


class PatientWorker(ThreadWorker):  # type: ignore[misc] # gunicorn has no types
    """Threads that stay with a connection while its sender is at it, unless others wait.

    One thread at least stays free for them, and nobody waits for a thread longer than `PATIENCE`.
    """

    def init_process(self) -> None:
        self._may_wait = Semaphore(self.cfg.threads - 1)
        super().init_process()

    def handle(self, conn: TConn) -> Any:
        """Requests of this connection, one after the other; what gunicorn's own says of the last one."""
        kept = super().handle(conn)
        while kept is True and self._next_comes(conn):
            kept = super().handle(conn)
        return kept

    def _next_comes(self, conn: TConn) -> bool:
        # Of TLS a request may be there already, unseen by the socket; gunicorn knows.
        if (
            not self.alive
            or self.cfg.is_ssl
            or self._others_wait()
            or not self._may_wait.acquire(blocking=False)
        ):
            return False
        try:
            watching = poll()
            watching.register(conn.sock, POLLIN)
            return bool(watching.poll(PATIENCE))
        except (OSError, ValueError):  # it is closed
            return False
        finally:
            self._may_wait.release()

    def _others_wait(self) -> bool:
        waiting: int = self.tpool._work_queue.qsize()  # noqa: SLF001 - concurrent.futures has no other way to ask
        return waiting > 0


class AccessLog(Logger):  # type: ignore[misc] # gunicorn has no types
    """Lines like gunicorn's own. That gathers all that any format could ask for, which took a tenth of a request."""

    def access(self, resp: Any, req: Any, environ: dict[str, Any], request_time: Any) -> None:
        """One line; of another format than the usual one, gunicorn's own way."""
        if self.cfg.access_log_format != AccessLogFormat.default:
            super().access(resp, req, environ, request_time)
        elif self.access_log_enabled:
            user, address = self._get_user(environ) or "-", environ.get("REMOTE_ADDR", "-")
            asked = f"{environ['REQUEST_METHOD']} {environ['RAW_URI']} {environ['SERVER_PROTOCOL']}"
            said = (asked, environ.get("HTTP_REFERER", "-"), environ.get("HTTP_USER_AGENT", "-"))
            user, asked, referer, agent = (text.replace('"', '\\"') for text in (user, *said))
            status = str(resp.status).partition(" ")[0]
            line = f'{address} - {user} {self.now()} "{asked}" {status} {resp.sent} "{referer}" "{agent}"'
            self.access_log.info("%s", line)
