"""Splunk's HTTP Event Collector, as a real one answers: the code table, the prefix rule, its silent losses.

Source of the rules: what third parties measured on real servers, not only the manual.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from auditsite.demo.intake.acknowledgements import Acknowledgements, is_channel
from auditsite.demo.intake.behaviour import Behaviour
from auditsite.demo.intake.exchange import (
    STRICT_JSON,
    Answer,
    BadEncoding,
    Request,
    TooLarge,
    html_answer,
    json_answer,
)
from auditsite.demo.intake.kinds import SPLUNK_HEC
from auditsite.demo.intake.ledger import Entry, Ledger, Offer
from auditsite.demo.intake.native import offer_of
from auditsite.demo.intake.rules import Rules
from auditsite.demo.intake.splunk_codes import CODES

PREFIX = "/services/collector"
EVENT_PATHS = frozenset({"", "/event", "/event/1.0"})
HEALTH_PATHS = frozenset({"/health", "/health/1.0"})
ENVELOPE_TEXTS = ("host", "source", "sourcetype", "index")
ENVELOPE_KEYS = frozenset({"time", "event", "fields", *ENVELOPE_TEXTS})


@dataclass
class SplunkHec:
    """One collector with one token."""

    token: str
    rules: Rules
    ledger: Ledger
    acks: Acknowledgements = field(default_factory=Acknowledgements)

    def answer(self, request: Request, behaviour: Behaviour) -> Answer:
        """Answer one request, and keep what it brought."""
        place = request.path[request.path.index(PREFIX) + len(PREFIX) :].rstrip("/")
        if place in HEALTH_PATHS:
            # It never looks at the token: a good answer proves nothing about it.
            return code_answer(17) if request.method == "GET" else _method_not_allowed("GET")
        if place not in EVENT_PATHS and place != "/ack":
            return json_answer(404, {"text": "The requested URL was not found on this server.", "code": 404})
        if request.method != "POST":
            return _method_not_allowed("POST")
        refused = self._refused_token(request)
        if refused is not None:
            return code_answer(refused)
        return self._acknowledge(request) if place == "/ack" else self._collect(request, behaviour)

    def _refused_token(self, request: Request) -> int | None:
        authorization = request.header("Authorization")
        if "token" in request.query:
            return 16
        if not authorization:
            return 2
        scheme, _, token = authorization.partition(" ")
        if scheme != "Splunk" or not token.strip():
            return 3
        return None if token.strip() == self.token else 4

    def _acknowledge(self, request: Request) -> Answer:
        channel = _channel(request)
        if not self.rules.hec_acknowledge:
            return code_answer(14)
        if not is_channel(channel):
            return code_answer(11 if channel else 10)
        try:
            wanted = json.loads(request.body)["acks"]
            confirmed = self.acks.confirmed(channel, wanted, self.rules.hec_ack_delay)
        except (ValueError, KeyError, TypeError):
            return code_answer(6)
        return json_answer(200, {"acks": confirmed})

    def _collect(self, request: Request, behaviour: Behaviour) -> Answer:
        channel = _channel(request)
        if self.rules.hec_acknowledge and not is_channel(channel):
            return code_answer(11 if channel else 10)
        if request.header("Content-Encoding").lower() not in {"", "identity", "gzip"}:
            return html_answer(415, "<html><body><h1>415 Unsupported Media Type</h1></body></html>")
        try:
            text = request.inflated().decode()
        except (BadEncoding, TooLarge, UnicodeDecodeError):
            return code_answer(6, number=0)
        if not text.strip():
            return code_answer(5)
        if len(text.encode()) > self.rules.hec_max_bytes:
            return code_answer(6, number=0)
        return self._index(request, behaviour, text)

    def _index(self, request: Request, behaviour: Behaviour, text: str) -> Answer:
        """Take objects until one is bad: those before it stay taken, whatever the answer says."""
        code, number, taken = 0, None, 0
        for position, (envelope, raw) in enumerate(_objects(text)):
            code, number = self._verdict(position, envelope, raw, behaviour)
            if code or not isinstance(envelope, dict) or not ENVELOPE_KEYS.issuperset(envelope):
                break
            # With index-time fields and no event the real one answers 200 and keeps nothing.
            if "event" in envelope:
                self.ledger.take(SPLUNK_HEC, _offer(envelope), request.at)
                taken += 1
        # An id comes also with a refusal whose prefix was taken.
        if self.rules.hec_acknowledge and (taken or not code):
            ack_id = self.acks.issue(_channel(request))
            return code_answer(code, number=number, ack_id=ack_id)
        return code_answer(code, number=number)

    def _verdict(
        self, position: int, envelope: object, raw: str, behaviour: Behaviour
    ) -> tuple[int, int | None]:
        if not isinstance(envelope, dict):
            return 6, position
        entry = envelope.get("event")
        entry_id = entry.get("id") if isinstance(entry, dict) else None
        refusal = behaviour.refusal_of(position=position, entry_id=entry_id, text=raw)
        code = refusal.code if refusal else _fault_of(envelope, self.rules)
        if code == 7:
            # Measured: the number names the object after the one with the wrong index.
            return 7, position + 1
        return (code, position) if code else (0, None)


def _fault_of(envelope: Entry, rules: Rules) -> int:
    if not ENVELOPE_KEYS.issuperset(envelope):
        # The nastiest: 200, and nothing from here on is indexed.
        return 0
    if "event" not in envelope:
        return 0 if "fields" in envelope else 12
    return _fault_of_event(envelope["event"]) or _fault_of_rest(envelope, rules)


def _fault_of_event(event: object) -> int:
    if event is None or event is False:
        return 6
    return 13 if isinstance(event, str) and not event.strip() else 0


def _fault_of_rest(envelope: Entry, rules: Rules) -> int:
    if not all(isinstance(envelope.get(key, ""), str) for key in ENVELOPE_TEXTS):
        return 6
    try:
        float(envelope.get("time", 0))
    except (TypeError, ValueError):
        return 6
    fields = envelope.get("fields", {})
    if not isinstance(fields, dict) or not all(_is_flat(value) for value in fields.values()):
        return 15
    return 7 if "index" in envelope and envelope["index"] not in rules.hec_indexes else 0


def _is_flat(value: object) -> bool:
    if isinstance(value, list):
        return all(isinstance(item, str) for item in value)
    return not isinstance(value, dict)


def _objects(text: str) -> Iterator[tuple[object, str]]:
    """The objects of a body with their text: one after the other, or in an array. What is no JSON comes as None."""
    place = 0
    while (place := _skip_blanks(text, place)) < len(text):
        try:
            value, end = STRICT_JSON.raw_decode(text, place)
        except (ValueError, RecursionError):
            yield None, text[place:]
            return
        if isinstance(value, list):
            yield from ((item, json.dumps(item, ensure_ascii=False)) for item in value)
        else:
            yield value, text[place:end]
        place = end


def _skip_blanks(text: str, place: int) -> int:
    while place < len(text) and text[place] in " \t\r\n":
        place += 1
    return place


def _offer(envelope: Entry) -> Offer:
    rest = {key: value for key, value in envelope.items() if key != "event"}
    return offer_of(envelope["event"], envelope=rest)


def _channel(request: Request) -> str:
    return request.header("X-Splunk-Request-Channel") or request.query.get("channel", "")


def code_answer(code: int, *, number: int | None = None, ack_id: int | None = None) -> Answer:
    """The answer of Splunk's table for `code`; `number` is the first object that was not taken."""
    status, text = CODES[code]
    content: dict[str, Any] = {"text": text, "code": code}
    if number is not None:
        content["invalid-event-number"] = number
    if ack_id is not None:
        content["ackId"] = ack_id
    return json_answer(status, content)


def _method_not_allowed(allowed: str) -> Answer:
    return json_answer(405, {"text": "Method Not Allowed", "code": 405}, headers=(("Allow", allowed),))
