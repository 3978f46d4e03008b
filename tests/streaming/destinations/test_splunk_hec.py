from __future__ import annotations

from typing import Any

import pytest

from streaming.destination import SettingsError, destination
from streaming.wire.messages import Response, TransportError
from tests.streaming.destinations.probing import NOW, TOKEN, Intake, target, told
from tests.streaming.wire.answers import response
from tests.streaming.wire.payloads import payloads

SPLUNK = destination("splunk_hec")
URL = "https://splunk.example.com:8088"
EVENT, HEALTH = "POST /services/collector/event", "GET /services/collector/health/1.0"
NO_DATA = response(400, {"text": "No data", "code": 5})
HEALTHY = response(200, {"text": "HEC is healthy", "code": 17})


@pytest.mark.parametrize(
    ("pasted", "called"),
    [
        ("https://h.example:8088", "https://h.example:8088/services/collector/event"),
        ("https://h.example:8088/", "https://h.example:8088/services/collector/event"),
        ("https://h.example:8088/services/collector", "https://h.example:8088/services/collector/event"),
        ("https://h.example:8088/services/collector/", "https://h.example:8088/services/collector/event"),
        (
            "https://h.example:8088/services/collector/event",
            "https://h.example:8088/services/collector/event",
        ),
        (
            "https://h.example:8088/services/collector/event/",
            "https://h.example:8088/services/collector/event",
        ),
        (
            "https://h.example:8088/services/collector/event/1.0",
            "https://h.example:8088/services/collector/event/1.0",
        ),
        ("https://gw.example/a/services/collector", "https://gw.example/a/services/collector/event"),
        ("https://log.example/api/v1/ingest/hec", "https://log.example/api/v1/ingest/hec"),
        (
            "https://http-inputs-acme.splunkcloud.com:443",
            "https://http-inputs-acme.splunkcloud.com/services/collector/event",
        ),
        ("https://acme.splunkcloud.com:8088", "https://acme.splunkcloud.com:8088/services/collector/event"),
    ],
)
def test_what_people_paste_becomes_the_event_address(pasted: str, called: str) -> None:
    assert SPLUNK.target_url(pasted) == (called, [])


@pytest.mark.parametrize("end", ["raw", "raw/1.0", "health", "health/1.0", "ack"])
def test_a_neighbour_of_the_event_address_is_rewritten_and_told(end: str) -> None:
    called, notes = SPLUNK.target_url(f"https://gw.example/a/services/collector/{end}")

    assert called == "https://gw.example/a/services/collector/event"
    assert called in notes[0]


@pytest.mark.parametrize(
    ("pasted", "told"),
    [
        ("https://acme.splunkcloud.com", "http-inputs-acme.splunkcloud.com"),
        ("https://acme.splunkcloud.com/en-US/app/search", "http-inputs-acme.splunkcloud.com"),
        ("https://splunk.example.com:8000", "Splunk Web"),
        ("https://splunk.example.com:8089/services/x", "management port"),
        ("https://splunk.example.com/en-US/account/login", "Splunk Web"),
        ("https://splunk.example.com:8088/services/collector?token=x", "Remove the part from ? on"),
    ],
)
def test_an_address_that_is_not_hec_is_refused_with_a_hint(pasted: str, told: str) -> None:
    with pytest.raises(SettingsError) as refusal:
        SPLUNK.target_url(pasted)

    assert told in refusal.value.message


@pytest.mark.parametrize("pasted", ["Splunk abc-1", "splunk abc-1", "Authorization: Splunk abc-1", "abc-1"])
def test_the_word_splunk_is_taken_off_the_token(pasted: str) -> None:
    assert SPLUNK.check_token(pasted) == "abc-1"


def test_the_headers_are_those_of_hec() -> None:
    request = SPLUNK.encode(payloads(2), target(SPLUNK, URL), now=NOW)

    assert (request.method, request.url) == ("POST", f"{URL}/services/collector/event")
    assert dict(request.headers) == {
        "Authorization": f"Splunk {TOKEN}",
        "Content-Type": "application/json",
        "X-Splunk-Request-Channel": "00000000-0000-0000-0000-000000000007",
    }


def probe(answers: dict[str, Any], url: str = URL) -> tuple[list[tuple[str, str, str]], Intake]:
    intake = Intake(answers)
    return told(list(SPLUNK.probes(target(SPLUNK, url), send=intake.send, now=NOW))), intake


def test_a_test_proves_the_token_and_writes_nothing() -> None:
    results, intake = probe({EVENT: NO_DATA, HEALTH: HEALTHY})

    assert results == [("authentication", "ok", ""), ("ingest", "ok", "")]
    assert intake.asked() == [EVENT, HEALTH]
    assert [request.body for request in intake.requests] == [b"", b""]


@pytest.mark.parametrize(
    ("answer", "status", "code"),
    [
        (response(401, {"code": 3, "text": "Invalid authorization"}), "fail", "hec_3"),
        (response(403, {"code": 4, "text": "Invalid token"}), "fail", "hec_4"),
        (response(403, {"code": 1, "text": "Token disabled"}), "fail", "hec_1"),
        (response(400, {"code": 10, "text": "Data channel is missing"}), "fail", "hec_10"),
        (response(404, {"code": 404, "text": "Not found"}), "fail", "http_404"),
        (response(200, b"<html>Splunk Web"), "fail", "html_200"),
        (response(302, location="https://sso.example/"), "fail", "unexpected_redirect"),
        (TransportError("timeout", "x"), "fail", "timeout"),
        (response(200, {"code": 0, "text": "Success"}), "warn", "hec_0"),
        (response(200, {}), "warn", "hec_0"),
        (response(503, {"code": 9, "text": "Server is busy"}), "warn", "hec_9"),
        (response(400, b"empty body"), "warn", "http_400"),
    ],
)
def test_the_answer_to_an_empty_post_tells_of_the_token(answer: Response, status: str, code: str) -> None:
    results, _ = probe({EVENT: answer, HEALTH: HEALTHY})

    assert results[0] == ("authentication", status, code)
    assert len(results) == (1 if status == "fail" else 2)


@pytest.mark.parametrize(
    ("answer", "status", "code"),
    [
        (HEALTHY, "ok", ""),
        (response(503, {"code": 18}), "warn", "busy_503"),
        (response(404), "warn", "http_404"),
        (response(400, {"code": 21}), "fail", "hec_21"),
        (TransportError("reset", "x"), "fail", "reset"),
    ],
)
def test_the_health_check_tells_whether_it_takes_entries(answer: Response, status: str, code: str) -> None:
    assert probe({EVENT: NO_DATA, HEALTH: answer})[0][1] == ("ingest", status, code)


def test_a_gateway_with_another_path_has_no_health_check() -> None:
    results, _ = probe({"POST /api/v1/ingest/hec": NO_DATA}, "https://log.example/api/v1/ingest/hec")

    assert results == [("authentication", "ok", ""), ("ingest", "skipped", "")]
