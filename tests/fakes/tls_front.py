"""TLS before a server that speaks plain HTTP: deciphers, carries on, and reads nothing of it."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from types import TracebackType
from typing import Self


class TlsFront:
    """Listens on `port` of 127.0.0.1 with `context`, and carries everything to and from `target`, a port there."""

    def __init__(self, target: int, context: ssl.SSLContext) -> None:
        self._target, self._context = target, context
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._open: list[socket.socket] = []
        self._threads = [threading.Thread(target=self._accept)]

    def __enter__(self) -> Self:
        self._threads[0].start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for end in self._open:
            _end(end)
        for thread in self._threads:
            thread.join(5)

    def _accept(self) -> None:
        while True:
            try:
                raw, _ = self._listener.accept()
                near = self._context.wrap_socket(raw, server_side=True)
                far = socket.create_connection(("127.0.0.1", self._target))
            except ssl.SSLError:
                continue
            except OSError:
                return
            self._open += [near, far]
            for source, target in ((near, far), (far, near)):
                thread = threading.Thread(target=_pump, args=(source, target))
                self._threads.append(thread)
                thread.start()


def _pump(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while chunk := source.recv(65536):
            target.sendall(chunk)
    _end(source)
    _end(target)


def _end(one: socket.socket) -> None:
    """Wake whoever reads from it, and close it."""
    with contextlib.suppress(OSError):
        # The plain socket's method: the TLS one forgets its keys under the thread that reads.
        socket.socket.shutdown(one, socket.SHUT_RDWR)
    one.close()
