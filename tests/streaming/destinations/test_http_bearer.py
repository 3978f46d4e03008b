from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from standardwebhooks import Webhook

from streaming.destination import SettingsError, destination
from streaming.wire.formats import FORMATS
from streaming.wire.messages import Answer, TransportError
from tests.streaming.destinations.probing import NOW, TOKEN, Intake, target, told
from tests.streaming.wire.answers import response
from tests.streaming.wire.payloads import payload, payloads

HTTP = destination("http_bearer")
URL = "https://logs.example.com/intake?team=soc"
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


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


@pytest.mark.parametrize(
    ("framing", "kind", "body"),
    [
        ("array", "application/json", b"[%b,%b]"),
        ("ndjson", "application/x-ndjson", b"%b\n%b\n"),
    ],
)
def test_entries_stand_together_as_the_target_wants(framing: str, kind: str, body: bytes) -> None:
    given = payloads(2)

    request = HTTP.encode(given, target(HTTP, URL, framing=framing), now=NOW)

    assert request.headers["Content-Type"] == kind
    assert request.body == body % tuple(one.body for one in given)


def test_single_entries_go_one_a_request() -> None:
    alone = target(HTTP, URL, framing="single")

    batch = HTTP.take(payloads(5), alone)

    assert batch == payloads(1)
    assert HTTP.most_for(alone) == 1
    assert HTTP.encode(batch, alone, now=NOW).body == batch[0].body


@pytest.mark.parametrize(("name", "key"), [("ecs", "@timestamp"), ("ocsf", "class_uid")])
@pytest.mark.parametrize("framing", ["array", "ndjson"])
def test_entries_go_in_the_format_that_the_target_wants(name: str, key: str, framing: str) -> None:
    request = HTTP.encode(payloads(2), target(HTTP, URL, payload_format=name, framing=framing), now=NOW)

    made = (
        [json.loads(line) for line in request.body.splitlines()]
        if framing == "ndjson"
        else json.loads(request.body)
    )
    assert len(made) == 2
    assert all(key in one for one in made)


def test_reshaped_entries_are_counted_by_their_own_size() -> None:
    large = [payload(n, details="x" * 9_000) for n in range(1, 200)]

    taken = {name: len(HTTP.take(large, target(HTTP, URL, payload_format=name))) for name in FORMATS}

    assert taken["native"] > taken["ecs"] > 10


def test_a_batch_is_signed_and_keeps_its_id_when_it_is_repeated() -> None:
    signing = target(HTTP, URL, signing_secret=SECRET)
    now = datetime.now(UTC)

    first, again = (HTTP.encode(payloads(2), signing, now=when) for when in (now, now + timedelta(minutes=1)))

    assert Webhook(SECRET).verify(first.body, dict(first.headers)) == json.loads(first.body)
    assert (
        first.headers["webhook-id"]
        == again.headers["webhook-id"]
        == f"msg_{first.headers['Idempotency-Key']}"
    )
    assert first.headers["webhook-signature"] != again.headers["webhook-signature"]
    assert SECRET not in repr(signing)


def test_nothing_is_signed_without_a_secret() -> None:
    assert not [
        name for name in HTTP.encode(payloads(1), target(HTTP, URL), now=NOW).headers if "webhook" in name
    ]


def test_a_signing_secret_is_checked_before_it_is_kept() -> None:
    assert HTTP.check_signing_secret(f" {SECRET} ") == SECRET
    assert HTTP.check_signing_secret(" ") == ""
    with pytest.raises(SettingsError, match="whsec_") as refused:
        HTTP.check_signing_secret("hunter2!")
    assert refused.value.field == "signing_secret"


@pytest.mark.parametrize("pasted", ["Bearer abc", "bearer abc", "Authorization: Bearer abc", "abc"])
def test_the_word_bearer_is_taken_off_the_token(pasted: str) -> None:
    assert HTTP.check_token(pasted) == "abc"


def test_a_test_event_is_formed_and_signed_like_any_other() -> None:
    intake = Intake({"POST /intake": response(200)})
    wanted = target(HTTP, URL, payload_format="ocsf", framing="ndjson", signing_secret=SECRET)
    now = datetime.now(UTC)

    list(HTTP.probes(wanted, send=intake.send, now=now))

    (request,) = intake.requests
    event = Webhook(SECRET).verify(request.body, dict(request.headers))
    assert event["metadata"]["event_code"] == "tenant_admin_settings.audit_log_streaming_tested"
    assert request.headers["Content-Type"] == "application/x-ndjson"


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
