"""gzip for requests. By isal: at a tenth of zlib's time a body becomes a quarter larger than zlib would make it."""

from __future__ import annotations

from dataclasses import replace

from isal import igzip

from streaming.wire.messages import Request

# 0 to 3; the higher ones cost more than the bytes that they save.
LEVEL = 1


def compressed(request: Request) -> Request:
    """The request as it goes out: the body compressed where that was asked for, the same bytes each time."""
    if not request.gzip:
        return request
    body = igzip.compress(request.body, LEVEL, mtime=0)
    return replace(request, body=body, headers={**request.headers, "Content-Encoding": "gzip"}, gzip=False)
