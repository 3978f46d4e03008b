"""The plain HTTPS intake: a JSON array, NDJSON or one object, all or nothing, behind a bearer token."""

from __future__ import annotations

import json
from dataclasses import dataclass

from auditsite.demo.intake.behaviour import Behaviour
from auditsite.demo.intake.exchange import Answer, BadEncoding, Request, TooLarge, json_answer, parse_json
from auditsite.demo.intake.kinds import HTTP_BEARER
from auditsite.demo.intake.ledger import Entry, Ledger
from auditsite.demo.intake.native import offer_of, text_of
from auditsite.demo.intake.rules import Rules

PATH = "/ingest"
NDJSON = "application/x-ndjson"
ENVELOPE_HEADERS = (
    "X-Audit-Event-Type",
    "X-Audit-Tenant",
    "X-Audit-First-Seq",
    "X-Audit-Last-Seq",
    "X-Audit-Count",
    "Idempotency-Key",
)


class _Refused(Exception):
    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


@dataclass
class HttpBearer:
    """One intake with one token."""

    token: str
    rules: Rules
    ledger: Ledger

    def answer(self, request: Request, behaviour: Behaviour) -> Answer:
        """Answer one request, and keep what it brought."""
        if request.method != "POST":
            return _error(405, "POST entries here", ("Allow", "POST"))
        if request.header("Authorization") != f"Bearer {self.token}":
            return _error(401, "Missing or unknown bearer token", ("WWW-Authenticate", "Bearer"))
        try:
            entries = self._entries_of(request)
        except _Refused as refused:
            return _error(refused.status, str(refused))
        return self._take(request, behaviour, entries)

    def _entries_of(self, request: Request) -> list[Entry]:
        if request.media_type not in {"application/json", NDJSON}:
            raise _Refused(415, f"Send application/json or {NDJSON}, not {request.media_type or 'nothing'}")
        try:
            body = request.inflated()
        except BadEncoding as error:
            raise _Refused(415, f"Content-Encoding {error} can't be read: send gzip or none") from error
        except TooLarge as error:
            raise _Refused(413, "The body is too large") from error
        if len(body) > self.rules.http_max_bytes:
            raise _Refused(413, f"The body is longer than {self.rules.http_max_bytes} bytes")
        try:
            return _entries(body, request.media_type)
        except (ValueError, RecursionError) as error:
            raise _Refused(400, f"The body is no JSON of entries: {error}") from error

    def _take(self, request: Request, behaviour: Behaviour, entries: list[Entry]) -> Answer:
        for position, entry in enumerate(entries):
            refusal = behaviour.refusal_of(
                position=position,
                entry_id=text_of(entry, "id"),
                text=json.dumps(entry, ensure_ascii=False) if behaviour.refusals else "",
            )
            if refusal is not None:
                return _error(refusal.status, f"Entry {position}: {refusal.reason}")
        if request.header("X-Audit-Event-Type") == "test":
            for entry in entries:
                self.ledger.take_test(HTTP_BEARER, entry)
            return json_answer(200, {"accepted": 0, "tests": len(entries)})
        envelope = {name: request.header(name) for name in ENVELOPE_HEADERS if request.header(name)}
        for entry in entries:
            self.ledger.take(HTTP_BEARER, offer_of(entry, envelope=envelope), request.at)
        return json_answer(200, {"accepted": len(entries)})


def _entries(body: bytes, media_type: str) -> list[Entry]:
    if media_type == NDJSON:
        content: object = [parse_json(line) for line in body.splitlines() if line.strip()]
    else:
        content = parse_json(body)
    found = content if isinstance(content, list) else [content]
    if not found:
        raise ValueError("it holds none")
    entries = [entry for entry in found if isinstance(entry, dict)]
    if len(entries) != len(found):
        raise ValueError("each must be an object")
    return entries


def _error(status: int, message: str, *headers: tuple[str, str]) -> Answer:
    return json_answer(status, {"error": message}, headers=headers)
