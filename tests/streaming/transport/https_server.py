"""A TLS server on loopback whose every answer a test writes by hand."""

from __future__ import annotations

import contextlib
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


@contextlib.contextmanager
def serving(behave: Behaviour, context: ssl.SSLContext | None) -> Iterator[Server]:
    """Runs `behave` for each connection, after TLS if there is a context."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = Server(port=listener.getsockname()[1])
    stopping = threading.Event()
    workers: list[threading.Thread] = []
    open_now: set[socket.socket] = set()

    def one(plain: socket.socket) -> None:
        with contextlib.suppress(OSError), contextlib.ExitStack() as stack:
            stack.enter_context(plain)
            connection = plain
            if context is not None:
                connection = stack.enter_context(context.wrap_socket(plain, server_side=True))
            open_now.add(connection)
            stack.callback(open_now.discard, connection)
            behave(server, connection)

    def loop() -> None:
        while not stopping.is_set():
            try:
                plain, _ = listener.accept()
            except OSError:
                return
            server.connections += 1
            worker = threading.Thread(target=one, args=(plain,), daemon=True)
            workers.append(worker)
            worker.start()

    thread = threading.Thread(target=loop, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        stopping.set()
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(5)
        for connection in list(open_now):
            with contextlib.suppress(OSError):
                socket.socket.shutdown(connection, socket.SHUT_RDWR)
        for worker in workers:
            worker.join(5)


def answering(*answers: bytes) -> Behaviour:
    """Reads a request and writes the next answer; the last one again and again."""

    def behave(server: Server, connection: socket.socket) -> None:
        while data := read_request(connection):
            server.requests.append(data)
            connection.sendall(answers[min(len(server.requests), len(answers)) - 1])

    return behave
