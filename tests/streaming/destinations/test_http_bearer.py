from __future__ import annotations

import json
from typing import Any

import pytest

from streaming.destination import destination
from streaming.wire.messages import Answer, TransportError
from tests.streaming.destinations.probing import NOW, TOKEN, Intake, target, told
from tests.streaming.wire.answers import response
from tests.streaming.wire.payloads import payloads

HTTP = destination("http_bearer")
URL = "https://logs.example.com/intake?team=soc"


def test_entries_travel_as_one_array_of_their_stored_bytes() -> None:
    given = payloads(3)

    request = HTTP.encode(given, target(HTTP, URL), now=NOW)

    assert request.url == URL
    assert request.body == b"[" + b",".join(one.body for one in given) + b"]"
    assert [one["sequence"] for one in json.loads(request.body)] == [1, 2, 3]


def test_the_headers_name_the_batch() -> None:
    headers = dict(HTTP.encode(payloads(3), target(HTTP, URL), now=NOW).headers)

    assert len(headers.pop("Idempotency-Key")) == 64
    assert headers == {
        "Authorization": f"Bearer {TOKEN}",
        "Content-Type": "application/json",
        "X-Audit-Event-Type": "batch",
        "X-Audit-Tenant": "acme",
        "X-Audit-First-Seq": "1",
        "X-Audit-Last-Seq": "3",
        "X-Audit-Count": "3",
    }


def test_another_batch_has_another_key() -> None:
    keys = {
        HTTP.encode(payloads(n), target(HTTP, URL), now=NOW).headers["Idempotency-Key"] for n in (1, 2, 3, 3)
    }

    assert len(keys) == 3


@pytest.mark.parametrize("pasted", ["Bearer abc", "bearer abc", "Authorization: Bearer abc", "abc"])
def test_the_word_bearer_is_taken_off_the_token(pasted: str) -> None:
    assert HTTP.check_token(pasted) == "abc"


def probe(answer: Answer) -> tuple[list[Any], Intake]:
    intake = Intake({"POST /intake": answer})
    return told(list(HTTP.probes(target(HTTP, URL), send=intake.send, now=NOW))), intake


def test_a_test_sends_one_marked_event() -> None:
    results, intake = probe(response(202))

    assert results == [("authentication", "ok", ""), ("ingest", "ok", "")]
    (request,) = intake.requests
    (entry,) = json.loads(request.body)
    assert request.headers["X-Audit-Event-Type"] == "test"
    assert entry["test"] is True
    assert entry["tenant"]["slug"] == "acme"


@pytest.mark.parametrize(
    ("answer", "results"),
    [
        (response(401), [("authentication", "fail", "http_401")]),
        (response(403), [("authentication", "fail", "http_403")]),
        (response(404), [("authentication", "skipped", ""), ("ingest", "fail", "http_404")]),
        (response(400), [("authentication", "skipped", ""), ("ingest", "fail", "http_400")]),
        (response(429), [("authentication", "skipped", ""), ("ingest", "warn", "http_429")]),
        (response(503), [("authentication", "skipped", ""), ("ingest", "warn", "http_503")]),
        (response(200, b"<html>"), [("authentication", "skipped", ""), ("ingest", "fail", "html_200")]),
        (TransportError("reset", "x"), [("authentication", "skipped", ""), ("ingest", "fail", "reset")]),
    ],
)
def test_the_answer_tells_what_is_wrong(answer: Answer, results: list[Any]) -> None:
    assert probe(answer)[0] == results
