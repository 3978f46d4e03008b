"""Answers and what they answer, for the tables of verdicts."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from streaming.wire.judging import Exchange
from streaming.wire.messages import Response

NOW = datetime(2026, 11, 24, 8, 0, 0, tzinfo=UTC)
TOKEN = "0123-secret-4567"


def response(status: int, body: Any = b"", **headers: str) -> Response:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return Response(status=status, body=raw, headers=names)


def exchange(sent: int = 10, *, gzip: bool = False, service: str = "The service") -> Exchange:
    return Exchange(service=service, sent=sent, token=TOKEN, now=NOW, gzip=gzip)
