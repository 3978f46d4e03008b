"""Any HTTPS intake that takes a JSON array and a bearer token."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from hashlib import sha256
from uuid import uuid4

from streaming.destination import Destination, HelpLine, Send, Target, pasted_url
from streaming.transport.phases import PhaseResult, PhaseStatus, answered, skipped
from streaming.wire.judging import Exchange, judge_status
from streaming.wire.messages import Request, Response
from streaming.wire.outcome import Outcome, Verdict
from streaming.wire.payload import Payload
from streaming.wire.sample import marked_entry


class HttpBearer(Destination):
    """Posts the entries' stored bytes as one JSON array; any 2xx that is not a web page takes all of it."""

    kind = "http_bearer"
    label = "HTTP (Bearer Auth)"
    position = 2
    blurb = "Any HTTPS service that takes JSON and a bearer token"
    url_placeholder = "https://logs.example.com/intake"
    token_help = "Stored encrypted and never shown again. Use the token without the word Bearer."  # noqa: S105 - a help text
    compresses = False  # many intakes don't inflate
    scheme_words = ("Authorization:", "Bearer")
    setup_title = "Setting up an HTTP endpoint"
    setup = (
        HelpLine("Method", "`POST`, one JSON array of 1 to 200 entries"),
        HelpLine("Sent as", "`Authorization: Bearer <token>`"),
        HelpLine("Answer with", "Any 2xx within 15 s. 429 and 5xx are tried again; nothing is skipped."),
        HelpLine("Repeats", "Carry the same `id` and the same `Idempotency-Key`"),
    )
    test_note = "The test sends one clearly marked test event."
    most_payloads = 200
    most_bytes = 1_000_000

    def target_url(self, url: str) -> tuple[str, list[str]]:
        return str(pasted_url(url)), []

    def size_of(self, payload: Payload, target: Target) -> int:  # noqa: ARG002 - one format
        return len(payload.body) + 1

    def encode(self, payloads: Sequence[Payload], target: Target, *, now: datetime) -> Request:  # noqa: ARG002
        return _request(payloads, target, kind="batch")

    def judge_response(self, response: Response, exchange: Exchange) -> Verdict:
        return judge_status(response, exchange)

    def probes(self, target: Target, *, send: Send, now: datetime) -> Iterator[PhaseResult]:
        entry = marked_entry(entry_id=uuid4(), tenant_slug=target.tenant_slug, now=now)
        answer = send(_request([entry], target, kind="test"))
        verdict = self.judge(answer, sent=[entry], target=target, now=now)
        if verdict.outcome is Outcome.HELD_FOR_CREDENTIALS:
            yield answered("authentication", verdict, answer)
            return
        if verdict.outcome is not Outcome.DELIVERED:
            yield skipped("authentication", "The answer says nothing about the token.")
            yield answered("ingest", verdict, answer)
            return
        yield answered("authentication", verdict, answer, status=PhaseStatus.OK, message="Token accepted")
        message = f"HTTP {verdict.http_status}: the test event was accepted"
        yield answered("ingest", verdict, answer, status=PhaseStatus.OK, message=message)


def _request(payloads: Sequence[Payload], target: Target, *, kind: str) -> Request:
    first, last, count = payloads[0].sequence, payloads[-1].sequence, len(payloads)
    headers = {
        "Authorization": f"Bearer {target.token}",
        "Content-Type": "application/json",
        "Idempotency-Key": _idempotency_key(payloads, target),
        "X-Audit-Event-Type": kind,
        "X-Audit-Tenant": target.tenant_slug,
        "X-Audit-First-Seq": str(first),
        "X-Audit-Last-Seq": str(last),
        "X-Audit-Count": str(count),
    }
    body = b"[%b]" % b",".join(payload.body for payload in payloads)
    return Request(method="POST", url=target.url, headers=headers, body=body)


def _idempotency_key(payloads: Sequence[Payload], target: Target) -> str:
    """The same for the same batch of the same stream, so that an intake can tell a repeat."""
    first, last = payloads[0], payloads[-1]
    text = f"{target.channel}:{first.sequence}:{last.sequence}:{len(payloads)}:{first.id}:{last.id}"
    return sha256(text.encode()).hexdigest()
