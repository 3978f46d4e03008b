"""Sends a batch over HTTP, on a connection that is kept open."""

from __future__ import annotations

import gzip
import http.client
import ipaddress
import re
import ssl
from collections.abc import Callable, Sequence
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from auditsite_client.judging import Answer, NoAnswer

PATH = "/api/v1/entries"
LONGEST_ANSWER = 1_000_000
# More compression costs more time than it saves on the road.
LEVEL = 3


class Poster:
    """`post(bodies)` sends entries as one JSON array. Redirects are not followed: the key is for this server only."""

    def __init__(
        self,
        url: str,
        key: str | Callable[[], str],
        *,
        timeout: float,
        ca_file: Path | None,
        plain_http: bool,
    ) -> None:
        self._url = _checked(url, plain_http=plain_http)
        self._key, self._timeout, self._ca_file = key, timeout, ca_file
        self._connection: http.client.HTTPConnection | None = None

    def post(self, bodies: Sequence[bytes]) -> Answer | NoAnswer:
        """The server's answer. The key is asked for each time: a new one needs no restart."""
        body = gzip.compress(b"[" + b",".join(bodies) + b"]", LEVEL, mtime=0)
        try:
            headers = {
                "Authorization": f"Bearer {self._checked_key()}",
                "Content-Type": "application/json",
                "Content-Encoding": "gzip",
                "User-Agent": "auditsite-client/0.1 (Python)",
            }
            return self._again_if_stale(body, headers)
        except (OSError, http.client.HTTPException, ValueError) as error:
            self.close()
            return NoAnswer(f"{type(error).__name__}: {error}")

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _checked_key(self) -> str:
        """Refused here, since the HTTP library would repeat it in its complaint, and that is logged."""
        key = (self._key() if callable(self._key) else self._key).strip()
        if not re.fullmatch(r"[!-~]+", key):
            raise ValueError("The key is empty, or holds characters that no key has.")
        return key

    def _again_if_stale(self, body: bytes, headers: dict[str, str]) -> Answer:
        """A kept connection may have been closed meanwhile: then once more on a new one."""
        if self._connection is not None:
            try:
                return self._exchange(self._connection, body, headers)
            except (ConnectionError, http.client.HTTPException):
                self.close()
        self._connection = self._connect()
        return self._exchange(self._connection, body, headers)

    def _exchange(
        self, connection: http.client.HTTPConnection, body: bytes, headers: dict[str, str]
    ) -> Answer:
        connection.request("POST", self._url.path.rstrip("/") + PATH, body, headers)
        response = connection.getresponse()
        content = response.read(LONGEST_ANSWER)
        answer = Answer(response.status, {k.lower(): v for k, v in response.getheaders()}, content)
        if not response.isclosed():
            self.close()  # an answer that goes on; whatever it is, this much told what it means
        return answer

    def _connect(self) -> http.client.HTTPConnection:
        host, port = self._url.hostname or "", self._url.port
        if self._url.scheme == "http":
            return http.client.HTTPConnection(host, port, timeout=self._timeout)
        trust = ssl.create_default_context(cafile=self._ca_file)
        return http.client.HTTPSConnection(host, port, timeout=self._timeout, context=trust)


def _checked(url: str, *, plain_http: bool) -> SplitResult:
    """The server's base address. Raises ValueError that says what to give instead."""
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError(f"{url!r} is no address of a server: give one like 'https://audit.example'.")
    if parts.username or parts.query or parts.fragment:
        raise ValueError("The address holds no user, query or fragment: the key is given by itself.")
    if parts.scheme == "http" and not plain_http and not _loopback(parts.hostname):
        raise ValueError(f"{url!r} would send the key in the clear: use https, or Options(plain_http=True).")
    return parts._replace(path=parts.path.rstrip("/").removesuffix(PATH))


def _loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
