"""How the API answers: JSON, or a problem document (RFC 9457) that says what is wrong and what to do."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

import msgspec
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from audit import keys
from audit.api.shapes import ProblemDocument, ProblemItem
from audit.drafts import Problem
from audit.models import ApiKey

log = logging.getLogger(__name__)

JSON = "application/json"
PROBLEM = "application/problem+json"
MOST_PROBLEMS = 100
LONGEST_ECHO = 300


class Refusal(Exception):
    """The request is not taken. `code` is stable; `detail` says what to do; `problems` locate each mistake."""

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        *,
        problems: Sequence[Problem] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self.status, self.code, self.detail = status, code, detail
        self.problems, self.headers = problems, headers or {}
        super().__init__(detail)


class Answer(HttpResponse):
    """An answer to a key's holder. That the key was used is noted once the answer is out."""

    used_key: ApiKey | None = None

    def close(self) -> None:
        if self.used_key is not None:
            note_use(self.used_key)
        super().close()


def note_use(key: ApiKey) -> None:
    """The answer is out: a key that was used is noted now, and nobody waits for it."""
    try:
        keys.note_use(key, now=timezone.now())
    except DatabaseError as error:
        log.warning("That %s was used could not be noted: %s", key, error)


def answer(request: HttpRequest, body: bytes, *, status: int = 200, content_type: str = JSON) -> Answer:
    """A finished body as an answer to this request."""
    response = Answer(body, status=status, content_type=content_type)
    used = getattr(request, "auth", None)
    response.used_key = used if isinstance(used, ApiKey) else None
    return response


def json_answer(request: HttpRequest, value: Any, *, status: int = 200) -> Answer:
    return answer(request, msgspec.json.encode(value), status=status)


def problem_answer(request: HttpRequest, refusal: Refusal) -> Answer:
    """The refusal as a problem document: at most 100 mistakes, and no echo of what is long."""
    document = ProblemDocument(
        type=f"urn:auditsite:problem:{refusal.code}",
        title=HTTPStatus(refusal.status).phrase,
        status=refusal.status,
        detail=_short(refusal.detail),
        errors=[ProblemItem(_short(p.loc), _short(p.msg), p.type) for p in refusal.problems[:MOST_PROBLEMS]],
    )
    body = msgspec.json.encode(document)
    response = answer(request, body, status=refusal.status, content_type=PROBLEM)
    for name, value in refusal.headers.items():
        response[name] = value
    return response


def _short(text: str) -> str:
    """The text as far as it helps, in characters that every reader can take."""
    safe = text[: LONGEST_ECHO + 1].encode("utf-8", "backslashreplace").decode().replace("\x00", "\\u0000")
    return safe if len(safe) <= LONGEST_ECHO else f"{safe[:LONGEST_ECHO]}…"
