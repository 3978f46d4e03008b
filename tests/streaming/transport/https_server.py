"""A TLS server on loopback whose every answer a test writes by hand."""

from __future__ import annotations

import contextlib
import functools
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field


@dataclass
class Server:
    """Where it listens, and every request that it has read, as bytes."""

    port: int
    requests: list[bytes] = field(default_factory=list)
    connections: int = 0


Behaviour = Callable[[Server, socket.socket], None]


def read_request(connection: socket.socket) -> bytes:
    """One whole request: its head, and as much body as its head announces."""
    data = b""
    while b"\r\n\r\n" not in data:
        more = connection.recv(65536)
        if not more:
            return data
        data += more
    head, _, body = data.partition(b"\r\n\r\n")
    length = next(
        (
            int(line.split(b":")[1])
            for line in head.lower().split(b"\r\n")
            if line.startswith(b"content-length:")
        ),
        0,
    )
    while len(body) < length:
        body += connection.recv(65536)
    return head + b"\r\n\r\n" + body


def answer(status: str = "200 OK", body: bytes = b"{}", headers: str = "") -> bytes:
    return f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n{headers}\r\n".encode() + body


class _Listener:
    """A thread that accepts, and one for each connection; `stop` ends them all."""

    def __init__(self, behave: Behaviour, context: ssl.SSLContext | None) -> None:
        self._behave = behave
        self._context = context
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.server = Server(port=self._socket.getsockname()[1])
        self._open: set[socket.socket] = set()
        self._threads: list[threading.Thread] = []
        self._run(self._accept)

    def _run(self, work: Callable[[], None]) -> None:
        thread = threading.Thread(target=work, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                plain, _ = self._socket.accept()
                self.server.connections += 1
                self._run(functools.partial(self._serve, plain))

    def _serve(self, plain: socket.socket) -> None:
        with contextlib.suppress(OSError), contextlib.ExitStack() as stack:
            connection = stack.enter_context(plain)
            if self._context is not None:
                connection = stack.enter_context(self._context.wrap_socket(plain, server_side=True))
            self._open.add(connection)
            stack.callback(self._open.discard, connection)
            self._behave(self.server, connection)

    def stop(self) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        for connection in list(self._open):
            with contextlib.suppress(OSError):
                # Not the TLS socket's own, which would say goodbye first.
                socket.socket.shutdown(connection, socket.SHUT_RDWR)
        for thread in list(self._threads):
            thread.join(5)


@contextlib.contextmanager
def serving(behave: Behaviour, context: ssl.SSLContext | None) -> Iterator[Server]:
    """Runs `behave` for each connection, after TLS if there is a context."""
    listener = _Listener(behave, context)
    try:
        yield listener.server
    finally:
        listener.stop()


def answering(*answers: bytes) -> Behaviour:
    """Reads a request and writes the next answer; the last one again and again."""

    def behave(server: Server, connection: socket.socket) -> None:
        while data := read_request(connection):
            server.requests.append(data)
            connection.sendall(answers[min(len(server.requests), len(answers)) - 1])

    return behave
