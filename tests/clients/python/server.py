"""A server on loopback that takes batches as Auditsite does, and answers otherwise where a test says so."""

from __future__ import annotations

import gzip
import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Entry = dict[str, Any]


@dataclass(frozen=True)
class Reply:
    """`cut`: the connection ends without an answer."""

    status: int = 201
    document: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    cut: bool = False


@dataclass
class Server:
    """`decide` sees a batch before it is taken; None lets it in. `requests` holds every batch that came."""

    port: int = 0
    decide: Callable[[list[Entry]], Reply | None] = lambda _: None
    requests: list[list[Entry]] = field(default_factory=list)
    headers: list[Mapping[str, str]] = field(default_factory=list)
    taken: dict[str, Entry] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def answer(self, batch: list[Entry]) -> Reply:
        self.requests.append(batch)
        decided = self.decide(batch)
        if decided is not None:
            return decided
        new = {entry["external_id"]: entry for entry in batch if entry["external_id"] not in self.taken}
        self.taken |= new
        return Reply(201, {"accepted": len(new), "duplicates": len(batch) - len(new)})

    def numbers(self) -> list[int]:
        return [entry["parameters"]["n"] for entry in self.taken.values()]


def refusal(status: int, code: str, **errors: str) -> Reply:
    """A problem document; `errors` are msgs by a loc whose slashes are underscores: _3_event."""
    listed = [{"loc": loc.replace("_", "/"), "msg": msg, "type": "x"} for loc, msg in errors.items()]
    return Reply(
        status, {"type": f"urn:auditsite:problem:{code}", "detail": f"Refused: {code}", "errors": listed}
    )


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    state: Server

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.state.headers.append(dict(self.headers))
        reply = self.state.answer(json.loads(gzip.decompress(body)))
        if reply.cut:
            self.close_connection = True
            return
        content = reply.document if isinstance(reply.document, bytes) else json.dumps(reply.document).encode()
        self.send_response(reply.status)
        for name, value in {**reply.headers, "Content-Length": str(len(content))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - as the base class names it
        """Nothing: a test's output is for the test."""


class Listening:
    """Starts and stops the server, on the same port each time."""

    def __init__(self) -> None:
        self.state = Server()
        self._listening: ThreadingHTTPServer | None = None

    def start(self) -> Server:
        handler = type("Bound", (Handler,), {"state": self.state})
        self._listening = ThreadingHTTPServer(("127.0.0.1", self.state.port), handler)
        self._listening.daemon_threads = True
        self.state.port = self._listening.server_address[1]
        threading.Thread(target=self._listening.serve_forever, args=(0.02,), daemon=True).start()
        return self.state

    def stop(self) -> None:
        if self._listening is not None:
            self._listening.shutdown()
            self._listening.server_close()
            self._listening = None
