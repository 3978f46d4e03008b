"""A TLS intake that does next to nothing: takes a body, counts its entries, answers as a destination would.

In a process of its own, the same for everybody who is measured. One thread for each connection; what costs in it is
TLS, gunzip and a count of one word.
"""

from __future__ import annotations

import multiprocessing
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import trustme
from isal import igzip

HEC, BULK, HTTP = "/services/collector/event", "/_bulk", "/intake"
# What is sent here is taken, and never answered.
SWALLOW = "/swallow"
# Stands in every entry once, and nowhere in the others' strings: a quote in a string is escaped.
MARK = b'"recorded_at":'
_ENTRIES, _BYTES, _REQUESTS, _OTHERS, _FIRST, _LAST, _IN_FIRST = range(7)
_PIECE = 262_144


@dataclass(frozen=True, slots=True)
class Taken:
    """What arrived since the last `forget`. `rate` leaves the first request out: its making was not seen."""

    entries: int
    body_bytes: int
    requests: int
    rate: float


class Receiver:
    """The intake as its parent sees it."""

    def __init__(self, port: int, ca_file: Path, counters: Any) -> None:
        self.port, self.ca_file, self._counters = port, ca_file, counters

    @property
    def address(self) -> str:
        return f"https://127.0.0.1:{self.port}"

    @property
    def entries(self) -> int:
        return int(self._counters[_ENTRIES])

    def forget(self) -> None:
        """Count from nothing again."""
        with self._counters.get_lock():
            self._counters[:] = [0] * len(self._counters)

    def taken(self) -> Taken:
        with self._counters.get_lock():
            entries, size, requests, _, first, last, in_first = self._counters[:]
        return Taken(entries, size, requests, (entries - in_first) / max((last - first) / 1e9, 1e-9))


@contextmanager
def receiving(folder: Path) -> Iterator[Receiver]:
    """An intake on a free port of loopback, with a certificate of its own in `folder`."""
    authority, certificate, ca_file = trustme.CA(), folder / "intake.pem", folder / "intake-ca.pem"
    authority.cert_pem.write_to_path(str(ca_file))
    authority.issue_cert("127.0.0.1").private_key_and_cert_chain_pem.write_to_path(str(certificate))
    context = multiprocessing.get_context("spawn")
    counters = context.Array("q", [0] * 7)
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(certificate, counters, theirs), daemon=True)
    process.start()
    try:
        yield Receiver(ours.recv(), ca_file, counters)
    finally:
        process.terminate()
        process.join()


def _serve(certificate: Path, counters: Any, told: Any) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with socket.create_server(("127.0.0.1", 0), backlog=100) as listening:
        told.send(listening.getsockname()[1])
        while True:
            connection, _ = listening.accept()
            threading.Thread(target=_talk, args=(connection, context, counters), daemon=True).start()


def _talk(connection: socket.socket, context: ssl.SSLContext, counters: Any) -> None:
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    with suppress(OSError), context.wrap_socket(connection, server_side=True) as secured:
        rest = b""
        while head := _head(secured, rest):
            path, headers, rest = _parsed(head)
            if headers.get(b"expect"):
                secured.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
            length = int(headers.get(b"content-length", b"0"))
            body = _body(secured, rest, length)
            rest = b""
            if path.startswith(SWALLOW):
                secured.recv(1)
                return
            plain = igzip.decompress(body) if headers.get(b"content-encoding") == b"gzip" and body else body
            number = _count(path, bytes(plain))
            answer = _answer(path, number)
            secured.sendall(
                b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b"
                % (len(answer), answer)
            )
            _note(counters, number, length)


def _head(secured: ssl.SSLSocket, begun: bytes) -> bytes:
    """The head of a request and what came along with it; nothing where the other side has gone."""
    found = begun
    while b"\r\n\r\n" not in found:
        piece = secured.recv(_PIECE)
        if not piece:
            return b""
        found += piece
    return found


def _parsed(head: bytes) -> tuple[str, dict[bytes, bytes], bytes]:
    lines, _, rest = head.partition(b"\r\n\r\n")
    first, *others = lines.split(b"\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(b":") for line in others)}
    return first.split()[1].decode(), headers, rest


def _body(secured: ssl.SSLSocket, begun: bytes, length: int) -> bytearray:
    body = bytearray(length)
    body[: len(begun)] = begun
    view, at = memoryview(body), len(begun)
    while at < length:
        taken = secured.recv_into(view[at : at + _PIECE])
        if not taken:
            raise ConnectionError("gone")
        at += taken
    return body


def _count(path: str, body: bytes) -> int:
    return body.count(b"\n") // 2 if _is_bulk(path) else body.count(MARK)


def _is_bulk(path: str) -> bool:
    return path.partition("?")[0].endswith(BULK)


@cache
def _answer(path: str, number: int) -> bytes:
    if _is_bulk(path):
        item = b'{"create":{"status":201}}'
        return b'{"errors":false,"items":[%b]}' % b",".join([item] * number)
    return b'{"text":"Success","code":0}'


def _note(counters: Any, number: int, size: int) -> None:
    with counters.get_lock():
        if not number:
            counters[_OTHERS] += 1
            return
        if not counters[_ENTRIES]:
            counters[_FIRST], counters[_IN_FIRST] = time.monotonic_ns(), number
        counters[_ENTRIES] += number
        counters[_BYTES] += size
        counters[_REQUESTS] += 1
        counters[_LAST] = time.monotonic_ns()
