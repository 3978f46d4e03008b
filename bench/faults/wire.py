"""A road of TCP between the product and an intake that can be closed, cut and silenced; TLS passes through unread."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
from collections.abc import Callable

RESET = struct.pack("ii", 1, 0)
# Of one request: more than a TLS handshake and a head, less than a batch.
INTO_THE_BODY = 6_000


class Wire:
    """Listens on `port` of 127.0.0.1 and carries bytes to and from `target`, another port there."""

    def __init__(self, target: int) -> None:
        self.target = target
        self._lock = threading.Lock()
        self._pairs: set[tuple[socket.socket, socket.socket]] = set()
        self._swallows_requests = self._swallows_answers = False
        self._resets_left = 0
        self.resets = 0
        self._listener: socket.socket | None = None
        self.port = 0
        self.open()

    def open(self) -> None:
        """Carry everything again. What was swallowed stays swallowed: its connections are cut."""
        self._swallows_requests = self._swallows_answers = False
        self._resets_left = 0
        self.cut()
        if self._listener is None:
            self._listener = socket.create_server(("127.0.0.1", self.port), backlog=128)
            self.port = self._listener.getsockname()[1]
            threading.Thread(target=self._accept, args=(self._listener,), daemon=True).start()

    def refuse(self) -> None:
        """Nobody listens any more, and what is open is reset."""
        listener, self._listener = self._listener, None
        if listener is not None:
            # Closing alone does not wake a thread that accepts.
            with contextlib.suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            listener.close()
        self.cut()

    def swallow_requests(self) -> None:
        """Connections are taken, and nothing that is sent arrives."""
        self._swallows_requests = True

    def swallow_answers(self) -> None:
        """All that is sent arrives, and no answer comes back."""
        self._swallows_answers = True

    def reset_in_body(self, times: int) -> None:
        """The next `times` requests that are long enough are reset in the middle."""
        self._resets_left = times

    def cut(self) -> None:
        """Reset every connection."""
        with self._lock:
            pairs, self._pairs = self._pairs, set()
        for pair in pairs:
            _reset(*pair)

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                near, _ = listener.accept()
            except OSError:
                return
            try:
                far = socket.create_connection(("127.0.0.1", self.target), timeout=5)
            except OSError:
                near.close()
                continue
            far.settimeout(None)
            for end in (near, far):
                end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._join(near, far)

    def _join(self, near: socket.socket, far: socket.socket) -> None:
        pair = (near, far)
        with self._lock:
            self._pairs.add(pair)
        sent = [0]

        def request(chunk: bytes) -> bool:
            sent[0] += len(chunk)
            if self._resets_left > 0 and sent[0] > INTO_THE_BODY:
                self._resets_left -= 1
                self.resets += 1
                far.sendall(chunk[: len(chunk) // 2])
                raise ConnectionResetError
            return not self._swallows_requests

        def answer(_chunk: bytes) -> bool:
            sent[0] = 0
            return not self._swallows_answers

        for source, target, passes in ((near, far, request), (far, near, answer)):
            threading.Thread(target=self._pump, args=(source, target, passes, pair), daemon=True).start()

    def _pump(
        self,
        source: socket.socket,
        target: socket.socket,
        passes: Callable[[bytes], bool],
        pair: tuple[socket.socket, socket.socket],
    ) -> None:
        try:
            while chunk := source.recv(65536):
                if passes(chunk):
                    target.sendall(chunk)
            # One side has ended in order: HTTP over TLS has no use for the other half.
            ending = _close
        except OSError:
            ending = _reset
        with self._lock:
            known = pair in self._pairs
            self._pairs.discard(pair)
        if known:
            ending(*pair)


def _reset(*ends: socket.socket) -> None:
    for end in ends:
        with contextlib.suppress(OSError):
            end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
            # A thread that reads keeps the socket open until it wakes.
            end.shutdown(socket.SHUT_RD)
        with contextlib.suppress(OSError):
            end.close()


def _close(*ends: socket.socket) -> None:
    for end in ends:
        with contextlib.suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
        end.close()
