"""A request as it came and an answer as it goes: what the protocols see of HTTP."""

from __future__ import annotations

import json
import zlib
from dataclasses import dataclass, field
from datetime import datetime
from email.message import Message

MAX_BODY = 100_000_000
"""Bytes that are read, and that are inflated, before a request is refused."""


class TooLarge(ValueError):
    """The body, as sent or inflated, is longer than `MAX_BODY`."""


class BadEncoding(ValueError):
    """The body isn't what its Content-Encoding says, or that encoding isn't known."""


@dataclass(frozen=True, slots=True)
class Request:
    """`path` without its query; `body` as it was sent, not inflated; `headers` are found in any case."""

    method: str
    path: str
    query: dict[str, str]
    headers: Message
    at: datetime
    peer: str = "127.0.0.1"
    body: bytes = b""

    def header(self, name: str) -> str:
        return str(self.headers.get(name, "")).strip()

    @property
    def media_type(self) -> str:
        return self.header("Content-Type").partition(";")[0].strip().lower()

    def inflated(self) -> bytes:
        """The body without its encoding; BadEncoding for anything but gzip, TooLarge for a bomb."""
        encoding = self.header("Content-Encoding").lower()
        if encoding in {"", "identity"}:
            return self.body
        if encoding != "gzip":
            raise BadEncoding(encoding)
        inflater = zlib.decompressobj(wbits=31)
        try:
            body = inflater.decompress(self.body, MAX_BODY)
        except zlib.error as error:
            raise BadEncoding(encoding) from error
        if inflater.unconsumed_tail:
            raise TooLarge
        if not inflater.eof:
            raise BadEncoding(encoding)
        return body


Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back. Content-Length, Date and Server are added by the connection."""

    status: int
    body: bytes = b""
    headers: Headers = field(default=())


def json_answer(status: int, content: object, headers: Headers = ()) -> Answer:
    body = json.dumps(content, separators=(",", ":")).encode()
    return Answer(status=status, body=body, headers=(("Content-Type", "application/json"), *headers))


def html_answer(status: int, page: str, headers: Headers = ()) -> Answer:
    return Answer(
        status=status,
        body=page.encode(),
        headers=(("Content-Type", "text/html; charset=utf-8"), *headers),
    )


def _no_constant(name: str) -> object:
    raise ValueError(f"{name} is no JSON")


STRICT_JSON = json.JSONDecoder(parse_constant=_no_constant)
"""Refuses NaN and Infinity as the real services do."""


def parse_json(text: str | bytes) -> object:
    """ValueError, with the place, when it is no JSON; UnicodeDecodeError (a ValueError) when it is no UTF-8."""
    if isinstance(text, bytes):
        text = text.decode()
    content: object = STRICT_JSON.decode(text)
    return content
