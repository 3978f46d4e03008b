"""The bytes of a request: their type, their compression, and how many are taken."""

from __future__ import annotations

import zlib
from typing import BinaryIO, NamedTuple, cast

from django.http import HttpRequest
from django.http.request import UnreadablePostError

from audit.api.answers import Refusal

LARGEST_BODY = 5_000_000
# A body that is too large is read on to here, so that its sender hears the answer instead of a broken connection.
LARGEST_HEARD = 32_000_000
CHUNK = 65_536

JSON_TYPES = frozenset({"application/json"})
NDJSON_TYPES = frozenset({"application/x-ndjson", "application/ndjson", "application/jsonl"})


class Body(NamedTuple):
    """What was sent, unpacked; `lines` when each line is an entry."""

    content: bytes
    lines: bool


def read_body(request: HttpRequest) -> Body:
    """The body of a request with entries. Raises Refusal: 413 above 5 MB, 415 for what cannot be read, 400."""
    lines = _lines(request)
    encoding = request.headers.get("Content-Encoding", "identity").strip().lower()
    if encoding not in {"identity", "gzip", "x-gzip"}:
        raise Refusal(
            415,
            "encoding-unknown",
            f"The Content-Encoding {encoding!r} is not taken: send gzip, or the plain body.",
            headers={"Accept-Encoding": "gzip"},
        )
    sent = _received(request)
    content = sent if encoding == "identity" else unpacked(sent)
    if not content.strip():
        raise Refusal(400, "body-empty", "The body is empty: send an entry, an array of entries, or NDJSON.")
    return Body(content, lines)


def _lines(request: HttpRequest) -> bool:
    kind, charset = (
        (request.content_type or "").lower(),
        (request.content_params or {}).get("charset", "utf-8"),
    )
    if kind not in JSON_TYPES | NDJSON_TYPES or charset.lower() not in {"utf-8", "utf8", "us-ascii"}:
        shown = request.headers.get("Content-Type") or "none"
        raise Refusal(
            415,
            "content-type",
            f"The Content-Type is {shown}: send application/json or application/x-ndjson, in UTF-8.",
            headers={"Accept": "application/json, application/x-ndjson"},
        )
    return kind in NDJSON_TYPES


def _received(request: HttpRequest) -> bytes:
    parts, size = [], 0
    stream = _stream(request)
    try:
        while size < LARGEST_HEARD and (part := stream.read(CHUNK)):
            size += len(part)
            if size <= LARGEST_BODY:
                parts.append(part)
    except (OSError, UnreadablePostError):
        raise Refusal(400, "body-cut", "The body ended early: send the request again.") from None
    if size > LARGEST_BODY:
        raise _too_large()
    return b"".join(parts)


def _stream(request: HttpRequest) -> BinaryIO:
    """Where the body comes from; Django itself does not read one that is sent in chunks without a length."""
    if "chunked" in request.headers.get("Transfer-Encoding", "").lower():
        if request.META.get("wsgi.input_terminated"):
            return cast("BinaryIO", request.META["wsgi.input"])
        raise Refusal(411, "length-missing", "Send the header Content-Length; chunks are not taken here.")
    return cast("BinaryIO", request)


def unpacked(packed: bytes) -> bytes:
    """All members of a gzip body. Inflating stops past the limit, however small the body that asks for it: Refusal."""
    parts, size, rest = [], 0, packed
    try:
        while rest:
            member = zlib.decompressobj(wbits=31)
            while not member.eof:
                part = member.decompress(rest, LARGEST_BODY + 1 - size)
                size += len(part)
                if size > LARGEST_BODY:
                    raise _too_large()
                if not part and not member.eof:
                    raise Refusal(400, "gzip-cut", "The gzip body ends early: send the request again.")
                parts.append(part)
                rest = member.unconsumed_tail
            rest = member.unused_data.lstrip(b"\x00")
    except zlib.error:
        raise Refusal(400, "gzip-broken", "The body is not gzip, though Content-Encoding says so.") from None
    return b"".join(parts)


def _too_large() -> Refusal:
    return Refusal(413, "body-too-large", f"At most {LARGEST_BODY:,} bytes are taken: send smaller batches.")
