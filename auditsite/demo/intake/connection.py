"""One client's connection: HTTP/1.1 with keep-alive, and the ways of breaking it on command."""

from __future__ import annotations

import socket
import struct
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from threading import Event
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

from auditsite.demo.intake.behaviour import Behaviour
from auditsite.demo.intake.exchange import MAX_BODY, Answer, Request

if TYPE_CHECKING:
    from auditsite.demo.intake.listener import Listener

IDLE_SECONDS = 60
LINGER_NOT = struct.pack("ii", 1, 0)


class Dropped(Exception):
    """The connection ends here, without an answer."""


@dataclass(frozen=True, slots=True)
class Service:
    """What a connection talks to.

    `choose(request)` says how to behave, before the body is read; `answer(request, behaviour)` makes the answer;
    `saw(request, status)` is told at the end, with None for a dropped connection.
    """

    choose: Callable[[Request], Behaviour]
    answer: Callable[[Request, Behaviour], Answer]
    saw: Callable[[Request, int | None], None]
    stopping: Event


class Connection(BaseHTTPRequestHandler):
    """Reads requests one after the other. Answers leave in one write, unless they shall drip."""

    server: Listener
    protocol_version = "HTTP/1.1"
    server_version = "auditsite-intake"
    sys_version = ""
    timeout = IDLE_SECONDS
    disable_nagle_algorithm = True

    def handle_one_request(self) -> None:
        """Read, behave, answer; the base class calls this again while the connection is kept."""
        try:
            self.raw_requestline = self.rfile.readline(65537)
            if not self.raw_requestline or len(self.raw_requestline) > 65536 or not self.parse_request():
                self.close_connection = True
                return
            self._serve(self.server.service)
        except (Dropped, OSError):
            # A client that goes away, or that we drop, is daily bread here.
            self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the base class's name
        """Nothing: what came is on the page and in `requests`."""

    def _serve(self, service: Service) -> None:
        request = self._head()
        behaviour = service.choose(request)
        status: int | None = None
        try:
            if behaviour.connection == "close_before_reading":
                raise Dropped
            request = self._with_body(request)
            if behaviour.connection in {"close_after_reading", "reset"}:
                self._drop(reset=behaviour.connection == "reset")
            answer = self._answer(service, request, behaviour)
            if behaviour.delay and service.stopping.wait(behaviour.delay):
                raise Dropped
            if behaviour.connection == "take_then_drop":
                raise Dropped
            status = None if behaviour.connection == "half_an_answer" else answer.status
        finally:
            # Before the answer leaves: who has the answer finds the request in the list.
            service.saw(request, status)
        if behaviour.connection == "half_an_answer":
            self.wfile.write(self._head_of(answer) + answer.body[: len(answer.body) // 2])
            raise Dropped
        self._send(answer, behaviour.drip, service.stopping)

    def _answer(self, service: Service, request: Request, behaviour: Behaviour) -> Answer:
        try:
            return service.answer(request, behaviour)
        except Exception as error:  # noqa: BLE001  # told on standard error, and answered as 500
            self.close_connection = True
            self.server.complain(error)
            return Answer(status=500, body=b"the intake itself failed: see its standard error")

    def _head(self) -> Request:
        parts = urlsplit(self.path)
        return Request(
            method=self.command,
            path=parts.path,
            query=dict(parse_qsl(parts.query, keep_blank_values=True)),
            headers=self.headers,
            at=datetime.now(UTC),
            peer=str(self.client_address[0]),
        )

    def _with_body(self, head: Request) -> Request:
        return Request(
            method=head.method,
            path=head.path,
            query=head.query,
            headers=head.headers,
            at=head.at,
            peer=head.peer,
            body=self._read_body(head),
        )

    def _read_body(self, head: Request) -> bytes:
        if "chunked" in head.header("Transfer-Encoding").lower():
            return self._read_chunks()
        length = head.header("Content-Length") or "0"
        if not length.isdecimal() or int(length) > MAX_BODY:
            refused = (
                HTTPStatus.BAD_REQUEST if not length.isdecimal() else HTTPStatus.REQUEST_ENTITY_TOO_LARGE
            )
            self.send_error(refused)
            raise Dropped
        body = self.rfile.read(int(length))
        if len(body) < int(length):
            raise Dropped
        return body

    def _read_chunks(self) -> bytes:
        chunks = bytearray()
        while True:
            try:
                size = int(self.rfile.readline(1024).partition(b";")[0], 16)
            except ValueError:
                self.send_error(HTTPStatus.BAD_REQUEST)
                raise Dropped from None
            if size < 0 or len(chunks) + size > MAX_BODY:
                self.send_error(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
                raise Dropped
            chunks += self.rfile.read(size)
            self.rfile.readline(1024)
            if size == 0:
                return bytes(chunks)

    def _drop(self, *, reset: bool) -> None:
        if reset:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER_NOT)
        raise Dropped

    def _send(self, answer: Answer, drip: float, stopping: Event) -> None:
        without_body = self.command == "HEAD" or answer.status in {204, 304}
        # Head and body in one write: a second small packet would wait for the client's acknowledgement.
        content = self._head_of(answer) + (b"" if without_body else answer.body)
        if not drip:
            self.wfile.write(content)
            return
        for byte in content:
            self.wfile.write(bytes([byte]))
            if stopping.wait(drip):
                raise Dropped

    def _head_of(self, answer: Answer) -> bytes:
        names = {name.lower() for name, _ in answer.headers}
        headers = [("Server", self.server_version), ("Date", self.date_time_string()), *answer.headers]
        if answer.status >= 200 and answer.status not in {204, 304} and "content-length" not in names:
            headers.append(("Content-Length", str(len(answer.body))))
        if self.close_connection and "connection" not in names:
            headers.append(("Connection", "close"))
        lines = [f"HTTP/1.1 {answer.status} {self.responses.get(answer.status, ('',))[0]}"]
        lines += [f"{name}: {value}" for name, value in headers]
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")
