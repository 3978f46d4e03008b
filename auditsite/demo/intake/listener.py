"""A port: accepts connections, speaks TLS in each one's own thread, and ends all of them when told to."""

from __future__ import annotations

import socket
import socketserver
import ssl
import sys
import traceback
from collections import deque
from http.server import ThreadingHTTPServer
from threading import Lock, Thread
from typing import Any

from auditsite.demo.intake.connection import Connection, Service

HANDSHAKE_SECONDS = 10


class Listener(ThreadingHTTPServer):
    """Listens from the moment it is made; `start()` begins to answer, `stop()` leaves nothing open."""

    request_queue_size = 128
    daemon_threads = True

    def __init__(self, *, host: str, port: int, context: ssl.SSLContext | None, service: Service) -> None:
        self.service = service
        self._context = context
        self._lock = Lock()
        self._open: set[socket.socket] = set()
        self._handlers: set[Thread] = set()
        self.faults: deque[str] = deque(maxlen=20)
        if ":" in host:
            self.address_family = socket.AF_INET6
        super().__init__((host, port), Connection)
        self._thread = Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    @property
    def scheme(self) -> str:
        return "http" if self._context is None else "https"

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Stop accepting, cut what is open, wait for the threads."""
        if self._thread.is_alive():
            self.shutdown()
            self._thread.join()
        self.server_close()
        with self._lock:
            connections, handlers = list(self._open), list(self._handlers)
        for connection in connections:
            _cut(connection)
        for handler in handlers:
            handler.join(timeout=5)

    def server_bind(self) -> None:
        # The HTTP server's own asks the DNS for this machine's name, which can take seconds.
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = str(self.server_address[0]), self.port

    def process_request(self, request: Any, client_address: Any) -> None:
        """One thread for each connection, remembered so that `stop` can wait for it."""
        thread = Thread(target=self._handle, args=(request, client_address), daemon=True)
        with self._lock:
            self._handlers.add(thread)
        thread.start()

    def _handle(self, raw: socket.socket, client_address: Any) -> None:
        connection = raw
        try:
            connection = self._secured(raw)
            with self._lock:
                self._open.add(connection)
            if not self.service.stopping.is_set():
                Connection(connection, client_address, self)
        except OSError:
            # A handshake that fails, a client that goes away: the client's tests are about just that.
            pass
        except Exception as error:  # noqa: BLE001  # told on standard error; the port lives on
            self.complain(error)
        finally:
            with self._lock:
                self._open.discard(connection)
            connection.close()
            with self._lock:
                self._handlers = {each for each in self._handlers if each.is_alive()}

    def _secured(self, raw: socket.socket) -> socket.socket:
        if self._context is None:
            return raw
        raw.settimeout(HANDSHAKE_SECONDS)
        try:
            return self._context.wrap_socket(raw, server_side=True)
        except BaseException:
            raw.close()
            raise

    def complain(self, error: BaseException) -> None:
        """A fault of the intake itself goes to standard error, whole, and is remembered."""
        fault = "".join(traceback.format_exception(error))
        self.faults.append(fault)
        sys.stderr.write(fault)


def _cut(connection: socket.socket) -> None:
    """Wake the thread that reads from it. The plain socket's method: the TLS one forgets its keys under that thread."""
    try:
        socket.socket.shutdown(connection, socket.SHUT_RDWR)
    except OSError:
        return
