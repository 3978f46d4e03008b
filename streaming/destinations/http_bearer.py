"""Any HTTPS intake that takes JSON and a bearer token."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from hashlib import sha256
from uuid import uuid4

from streaming.destination import Destination, HelpLine, Send, SettingsError, Target, pasted_url
from streaming.transport.phases import PhaseResult, PhaseStatus, answered, skipped
from streaming.wire.formats import documents, largest_size
from streaming.wire.framing import SINGLE, framed
from streaming.wire.judging import Exchange, judge_status
from streaming.wire.messages import Request, Response
from streaming.wire.outcome import Outcome, Verdict
from streaming.wire.payload import Payload
from streaming.wire.sample import marked_entry
from streaming.wire.signing import SecretInvalid, checked_secret, signed_headers


class HttpBearer(Destination):
    """Posts the entries' stored bytes as one JSON array, or as its target wants them, and signed if it wants that.

    Any 2xx that is not a web page takes the whole of a request.
    """

    kind = "http_bearer"
    label = "HTTP (Bearer Auth)"
    position = 2
    blurb = "Any HTTPS service that takes JSON and a bearer token"
    url_placeholder = "https://logs.example.com/intake"
    token_help = "Stored encrypted and never shown again. Use the token without the word Bearer."  # noqa: S105 - a help text
    chooses_format = True
    compresses = False  # many intakes don't inflate
    scheme_words = ("Authorization:", "Bearer")
    setup_title = "Setting up an HTTP endpoint"
    setup = (
        HelpLine("Method", "`POST`, one JSON array of 1 to 1,000 entries"),
        HelpLine("Sent as", "`Authorization: Bearer <token>`"),
        HelpLine("Answer with", "Any 2xx within 15 s. 429 and 5xx are tried again; nothing is skipped."),
        HelpLine("Repeats", "Carry the same `id` and the same `Idempotency-Key`"),
    )
    test_note = "The test sends one clearly marked test event."
    # What a web server's usual limit of 1 MB holds; a batch is taken or refused as a whole.
    most_payloads = 1_000
    most_bytes = 1_000_000

    def target_url(self, url: str) -> tuple[str, list[str]]:
        return str(pasted_url(url)), []

    def check_signing_secret(self, secret: str) -> str:
        try:
            return checked_secret(secret) if secret.strip() else ""
        except SecretInvalid as error:
            raise SettingsError("signing_secret", str(error)) from error

    def most_for(self, target: Target) -> int:
        return 1 if target.framing == SINGLE else self.most_payloads

    def size_of(self, payload: Payload, target: Target) -> int:
        return largest_size(payload, target.payload_format) + 1

    def encode(self, payloads: Sequence[Payload], target: Target, *, now: datetime) -> Request:
        return _request(payloads, target, kind="batch", now=now)

    def judge_response(self, response: Response, exchange: Exchange) -> Verdict:
        return judge_status(response, exchange)

    def probes(self, target: Target, *, send: Send, now: datetime) -> Iterator[PhaseResult]:
        entry = marked_entry(entry_id=uuid4(), tenant_slug=target.tenant_slug, now=now)
        answer = send(_request([entry], target, kind="test", now=now))
        verdict = self.judge(answer, sent=[entry], target=target, now=now)
        if verdict.outcome is Outcome.HELD_FOR_CREDENTIALS:
            yield answered("authentication", verdict, answer)
            return
        if verdict.outcome is not Outcome.DELIVERED:
            yield skipped("authentication", "The answer says nothing about the token.")
            yield answered("ingest", verdict, answer)
            return
        yield answered("authentication", verdict, answer, status=PhaseStatus.OK, message="Token accepted")
        message = f"The service accepted the test event (HTTP {verdict.http_status})."
        yield answered("ingest", verdict, answer, status=PhaseStatus.OK, message=message)


def _request(payloads: Sequence[Payload], target: Target, *, kind: str, now: datetime) -> Request:
    first, last, count = payloads[0].sequence, payloads[-1].sequence, len(payloads)
    body, content_type = framed(documents(payloads, target.payload_format), target.framing)
    key = _idempotency_key(payloads, target)
    headers = {
        "Authorization": f"Bearer {target.token}",
        "Content-Type": content_type,
        "Idempotency-Key": key,
        "X-Audit-Event-Type": kind,
        "X-Audit-Tenant": target.tenant_slug,
        "X-Audit-First-Seq": str(first),
        "X-Audit-Last-Seq": str(last),
        "X-Audit-Count": str(count),
    }
    if target.signing_secret:
        headers |= signed_headers(body, message_id=f"msg_{key}", secret=target.signing_secret, now=now)
    return Request(method="POST", url=target.url, headers=headers, body=body)


def _idempotency_key(payloads: Sequence[Payload], target: Target) -> str:
    """The same for the same batch of the same stream, so that an intake can tell a repeat."""
    first, last = payloads[0], payloads[-1]
    text = f"{target.channel}:{first.sequence}:{last.sequence}:{len(payloads)}:{first.id}:{last.id}"
    return sha256(text.encode()).hexdigest()
