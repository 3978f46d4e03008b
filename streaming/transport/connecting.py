"""From a checked address to a TLS connection, with a deadline over all of it."""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Sequence
from functools import lru_cache
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING

from requests.utils import DEFAULT_CA_BUNDLE_PATH

from streaming.transport.failures import CONNECT_TIMEOUT, READ_TIMEOUT, tcp_failure, tls_failure
from streaming.transport.urls import HttpsUrl, IPAddress

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer, WriteableBuffer


class Deadline:
    """An instant on the monotonic clock that every step of one attempt respects."""

    def __init__(self, seconds: float) -> None:
        self.restart(seconds)

    def restart(self, seconds: float) -> None:
        self._at = time.monotonic() + seconds

    def remaining(self, at_most: float) -> float:
        """Seconds that a step may take, `at_most` or less. Raises TimeoutError when none are left."""
        left = min(self._at - time.monotonic(), at_most)
        if left <= 0:
            raise TimeoutError("deadline")
        return left


class DeadlineSocket(ssl.SSLSocket):
    """A TLS socket that stops at a deadline.

    A plain time-out starts anew with every byte: a server that sends one now and then would hold a worker.
    """

    deadline: Deadline | None = None

    def recv_into(self, buffer: WriteableBuffer, nbytes: int | None = None, flags: int = 0) -> int:
        self._limit()
        return super().recv_into(buffer, nbytes, flags)

    def send(self, data: ReadableBuffer, flags: int = 0) -> int:
        self._limit()
        return super().send(data, flags)

    def _limit(self) -> None:
        if self.deadline is not None:
            self.settimeout(self.deadline.remaining(READ_TIMEOUT))


def tls_context(ca_file: Path | None) -> ssl.SSLContext:
    """Trusts the public authorities and the operator's file; nothing that the environment names."""
    changed = ca_file.stat().st_mtime_ns if ca_file else 0
    return _tls_context(ca_file, changed)


@lru_cache(maxsize=8)
def _tls_context(ca_file: Path | None, _changed: int) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.hostname_checks_common_name = False
    context.load_verify_locations(DEFAULT_CA_BUNDLE_PATH)
    if ca_file:
        context.load_verify_locations(ca_file)
    context.set_alpn_protocols(["http/1.1"])
    context.sslsocket_class = DeadlineSocket
    return context


def dial(url: HttpsUrl, addresses: Sequence[IPAddress], *, deadline: Deadline) -> socket.socket:
    """A TCP connection to the first of the checked addresses that answers. Raises TransportError."""
    error: OSError = TimeoutError()
    share = deadline.remaining(CONNECT_TIMEOUT) / len(addresses)
    for address in addresses:
        try:
            return _dial_one(address, url.port, timeout=deadline.remaining(share))
        except OSError as failure:
            error = failure
    raise tcp_failure(url, error) from error


def _dial_one(address: IPAddress, port: int, *, timeout: float) -> socket.socket:
    family = socket.AF_INET if address.version == 4 else socket.AF_INET6
    connection = socket.socket(family, socket.SOCK_STREAM)
    try:
        connection.settimeout(timeout)
        connection.connect((str(address), port))
        _check_peer(connection, address)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    except BaseException:
        connection.close()
        raise
    return connection


def _check_peer(connection: socket.socket, address: IPAddress) -> None:
    if ip_address(connection.getpeername()[0]) != address:
        raise ConnectionAbortedError("Connected to another address than the checked one.")


def secure(
    connection: socket.socket, url: HttpsUrl, *, context: ssl.SSLContext, deadline: Deadline
) -> ssl.SSLSocket:
    """TLS over the connection, the certificate checked for the name. Raises TransportError."""
    try:
        connection.settimeout(deadline.remaining(CONNECT_TIMEOUT))
        secured = context.wrap_socket(connection, server_hostname=url.host)
    except OSError as error:
        connection.close()
        raise tls_failure(url, error) from error
    if isinstance(secured, DeadlineSocket):
        secured.deadline = deadline
    return secured
