"""Splunk's HTTP Event Collector, on Splunk Cloud, Enterprise and what speaks like it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from streaming.destination import (
    SMALLEST_GZIP,
    Destination,
    HelpLine,
    Send,
    SettingsError,
    Target,
    pasted_url,
)
from streaming.transport.phases import PhaseResult, PhaseStatus, answered, failed, skipped
from streaming.transport.urls import HttpsUrl
from streaming.wire.acks import Ack, ack_request, read_ack
from streaming.wire.hec_codes import REJECTED, judge_hec, read_answer
from streaming.wire.hec_envelope import ENVELOPE_SIZE, hec_body
from streaming.wire.judging import Exchange
from streaming.wire.messages import Request, Response, TransportError
from streaming.wire.outcome import Outcome, Verdict
from streaming.wire.payload import Payload

_COLLECTOR = "/services/collector"
_EVENT = f"{_COLLECTOR}/event"
_NEIGHBOUR = re.compile(r"(?P<base>.*/services/collector)/(raw(/1\.0)?|health(/1\.0)?|ack)")
_WEB_PATH = re.compile(r"/[a-z]{2}-[A-Z]{2}(/|$)")
_WEB_PORTS = {8000: "Splunk Web", 8089: "Splunk's management port"}


class SplunkHec(Destination):
    """Posts the entries in HEC envelopes; success is what the body says, not the status."""

    kind = "splunk_hec"
    label = "Splunk HEC"
    position = 1
    service = "Splunk"
    blurb = "HTTP Event Collector on Splunk Cloud or Enterprise"
    url_placeholder = "https://splunk.example.com:8088"
    token_help = "Stored encrypted and never shown again. Use the HEC token value."  # noqa: S105 - a help text
    scheme_words = ("Authorization:", "Splunk")
    setup_title = "Setting up Splunk HEC"
    setup = (
        HelpLine("URL ends in", "`/services/collector/event`, added if it is missing"),
        HelpLine("Sent as", "`Authorization: Splunk <token>`"),
        HelpLine("In Splunk", "Settings, Data inputs, HTTP Event Collector"),
        HelpLine("Port", "8088 on Splunk Enterprise, 443 on Splunk Cloud"),
    )
    test_note = "The test writes nothing to Splunk."
    # Bytes are what Splunk counts: old releases refuse more than 1,000,000 of them, Splunk Cloud 5 MB with a misleading
    # error. The number bounds what one bad entry costs: ten halvings.
    most_payloads = 1_000
    most_bytes = 1_000_000

    def target_url(self, url: str) -> tuple[str, list[str]]:
        parsed = pasted_url(url)
        if "?" in parsed.path:
            raise SettingsError("url", "Remove the part from ? on. The token belongs in the field below.")
        path = parsed.path.rstrip("/")
        _refuse_web(parsed, path)
        if not path:
            return str(replace(parsed, path=_EVENT)), []
        if path.endswith(_COLLECTOR):
            return str(replace(parsed, path=f"{path}/event")), []
        neighbour = _NEIGHBOUR.fullmatch(path)
        if neighbour:
            final = str(replace(parsed, path=f"{neighbour['base']}/event"))
            return final, [f"{path} takes no entries of this form. They go to {final}."]
        return str(replace(parsed, path=path)), []

    def size_of(self, payload: Payload, target: Target) -> int:  # noqa: ARG002 - one format
        return len(payload.body) + ENVELOPE_SIZE

    def encode(self, payloads: Sequence[Payload], target: Target, *, now: datetime) -> Request:  # noqa: ARG002
        body = hec_body(payloads, tenant=target.tenant_slug, host=target.host)
        compress = target.gzip and len(body) >= SMALLEST_GZIP
        return replace(_request(target, body=body), gzip=compress)

    def judge_response(self, response: Response, exchange: Exchange) -> Verdict:
        return judge_hec(response, exchange)

    def ack_request(self, target: Target, *, channel: UUID, ack_id: int) -> Request | None:
        return ack_request(target.url, token=target.token, channel=channel, ack_id=ack_id)

    def read_ack(self, response: Response, ack_id: int) -> Ack:
        return read_ack(response, ack_id)

    def probes(self, target: Target, *, send: Send, now: datetime) -> Iterator[PhaseResult]:
        """An empty post: Splunk checks the token before it misses the data. Its health check knows no token."""
        proof = _token_proof(self, target, send=send, now=now)
        yield proof
        if not proof.stops:
            yield _health(target, send=send)


def _request(target: Target, *, body: bytes = b"") -> Request:
    headers = {
        "Authorization": f"Splunk {target.token}",
        "Content-Type": "application/json",
        # Ignored by most tokens; one with acknowledgements is refused without it.
        "X-Splunk-Request-Channel": str(target.channel),
    }
    return Request(method="POST", url=target.url, headers=headers, body=body)


def _refuse_web(url: HttpsUrl, path: str) -> None:
    cloud = url.host.endswith(".splunkcloud.com")
    stack = url.host.split(".")[0] if cloud and url.host.count(".") == 2 else ""
    if stack and not stack.startswith("http-inputs") and url.port == 443:
        raise SettingsError(
            "url",
            f"That is Splunk Web, not HEC. Splunk Cloud takes entries at https://http-inputs-{stack}.splunkcloud.com.",
        )
    if url.port in _WEB_PORTS and (cloud or _COLLECTOR not in path):
        raise SettingsError(
            "url", f"Port {url.port} is {_WEB_PORTS[url.port]}, not HEC. HEC listens on port 8088."
        )
    if _WEB_PATH.match(path):
        raise SettingsError("url", "That is a page of Splunk Web, not HEC. Enter the address of HEC.")


def _token_proof(self: Destination, target: Target, *, send: Send, now: datetime) -> PhaseResult:
    answer = send(_request(target))
    if isinstance(answer, TransportError):
        return failed("authentication", answer)
    verdict = self.judge(answer, sent=(), target=target, now=now)
    said = read_answer(answer)
    if said.code == 5:
        return answered("authentication", verdict, answer, status=PhaseStatus.OK, message="Token accepted")
    if said.code in {0, 24, 25} or (answer.status == 200 and said.is_json and said.code is None):
        message = "It took an empty post, which Splunk would refuse: the token is not proven."
        return answered("authentication", verdict, answer, status=PhaseStatus.WARN, message=message)
    if answer.status in {400, 422} and said.code is None:
        message = "It refused an empty post without Splunk's code: the token is not proven."
        return answered("authentication", verdict, answer, status=PhaseStatus.WARN, message=message)
    result = answered("authentication", verdict, answer)
    if verdict.outcome is not Outcome.HELD_FOR_CREDENTIALS or not said.text:
        return result
    # What Splunk said is a fact beside the sentence, not its beginning.
    shown = self.exchange(target, sent=0, now=now).show(said.text)
    return replace(result, message=REJECTED, detail=f"HTTP {answer.status}, “{shown}”")


def _health(target: Target, *, send: Send) -> PhaseResult:
    if _COLLECTOR not in target.url:
        return skipped("ingest", "This address has no health check. The first entry will show.")
    base = target.url[: target.url.rindex(_COLLECTOR)]
    health = replace(_request(target), method="GET", url=f"{base}{_COLLECTOR}/health/1.0")
    answer = send(health)
    if isinstance(answer, TransportError):
        return failed("ingest", answer)
    said = read_answer(answer)
    milliseconds = round(answer.elapsed.total_seconds() * 1000)
    result = PhaseResult(
        name="ingest",
        status=PhaseStatus.OK,
        message="HEC is ready. Nothing was written; whether the token's index is right, the first entry will show.",
        milliseconds=milliseconds,
    )
    if answer.status == 200 and said.code in {17, 0}:
        return result
    if said.code in {21, 22}:
        message = "Splunk says that the token is unknown or disabled. Check that it is enabled."
        return replace(result, status=PhaseStatus.FAIL, code=f"hec_{said.code}", message=message)
    if answer.status == 503 or said.code in {18, 19, 20, 23}:
        message = f"The service is busy ({answer.status}). Try again in a minute."
        hint = "Entries will wait here until it has caught up."
        return replace(result, status=PhaseStatus.WARN, code="busy_503", message=message, hint=hint)
    message = (
        f"The health check answered {answer.status}. The first entry will show whether HEC takes entries."
    )
    return replace(result, status=PhaseStatus.WARN, code=f"http_{answer.status}", message=message)
