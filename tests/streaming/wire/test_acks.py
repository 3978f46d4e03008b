from __future__ import annotations

import json
from uuid import UUID

import pytest

from streaming.wire.acks import Ack, ack_request, read_ack
from streaming.wire.messages import Response

CHANNEL = UUID(int=7)


@pytest.mark.parametrize("ending", ["/event", "/event/1.0"])
@pytest.mark.parametrize("prefix", ["", "/gateway"])
def test_the_question_goes_to_the_neighbour_of_the_event_endpoint(prefix: str, ending: str) -> None:
    base = f"https://splunk.example:8088{prefix}/services/collector"

    request = ack_request(base + ending, token="secret", channel=CHANNEL, ack_id=3)

    assert request is not None
    assert (request.method, request.url, json.loads(request.body)) == ("POST", f"{base}/ack", {"acks": [3]})
    assert request.headers["X-Splunk-Request-Channel"] == str(CHANNEL)
    assert request.headers["Authorization"] == "Splunk secret"


def test_an_address_of_another_form_has_no_such_neighbour() -> None:
    url = "https://logs.example/api/v1/ingest/hec"

    assert ack_request(url, token="secret", channel=CHANNEL, ack_id=3) is None


@pytest.mark.parametrize(
    ("status", "body", "ack"),
    [
        (200, {"acks": {"3": True}}, Ack.CONFIRMED),
        (200, {"acks": {"3": False}}, Ack.WAITS),
        (200, {"acks": {"4": True}}, Ack.WAITS),
        (200, {"acks": {"3": "true"}}, Ack.WAITS),
        (200, {"acks": [True]}, Ack.UNKNOWN),
        (400, {"text": "ACK is disabled", "code": 14}, Ack.NOT_USED),
        (403, {"text": "Invalid token", "code": 4}, Ack.UNKNOWN),
        (404, {"text": "not found", "code": 404}, Ack.UNKNOWN),
        (429, {"text": "ACK channel is at capacity", "code": 27}, Ack.WAITS),
        (503, {"text": "Server is busy", "code": 9}, Ack.WAITS),
        (503, None, Ack.WAITS),
        (200, None, Ack.UNKNOWN),
        (200, [], Ack.UNKNOWN),
    ],
)
def test_what_an_answer_says_of_the_id(status: int, body: object, ack: Ack) -> None:
    text = b"<html>" if body is None else json.dumps(body).encode()

    assert read_ack(Response(status=status, body=text), 3) is ack
