from __future__ import annotations

import gzip
import json

import pytest

from auditsite.demo.intake import HTTP_BEARER, Behaviour, Intake, Refusal, Rules
from tests.auditsite.demo.intake.sender import Sender, body_of, entry
from tests.fakes.intake import MakeIntake

NDJSON = {"Content-Type": "application/x-ndjson"}


def ids(intake: Intake) -> list[str | None]:
    return [arrival.id for arrival in intake.received(HTTP_BEARER)]


def test_an_array_is_taken_with_the_headers_of_its_batch(sender: Sender) -> None:
    response = sender.send(HTTP_BEARER, body_of(HTTP_BEARER, 1, 2), headers={"X-Audit-First-Seq": "1"})

    assert (response.status_code, response.json()) == (200, {"accepted": 2})
    assert ids(sender.intake) == ["id-1", "id-2"]
    assert sender.intake.received(HTTP_BEARER)[1].envelope == {"X-Audit-First-Seq": "1"}


def test_ndjson_and_one_object_and_gzip_are_taken(sender: Sender) -> None:
    sender.send(HTTP_BEARER, f"{json.dumps(entry(1))}\n{json.dumps(entry(2))}\n", headers=NDJSON)
    sender.send(HTTP_BEARER, json.dumps(entry(3)))
    squeezed = gzip.compress(body_of(HTTP_BEARER, 4).encode())
    sender.send(HTTP_BEARER, squeezed, headers={"Content-Encoding": "gzip"})

    assert ids(sender.intake) == ["id-1", "id-2", "id-3", "id-4"]


def test_test_events_are_kept_apart(sender: Sender) -> None:
    response = sender.send(HTTP_BEARER, '[{"test": true}]', headers={"X-Audit-Event-Type": "test"})

    assert response.status_code == 200
    assert ids(sender.intake) == []
    assert sender.intake.tests(HTTP_BEARER) == [{"test": True}]
    assert sender.intake.counts(HTTP_BEARER).tests == 1


@pytest.mark.parametrize("authorization", ["", "Bearer wrong", "Splunk {token}", "bearer {token}"])
def test_another_token_is_not_let_in(sender: Sender, authorization: str) -> None:
    shown = authorization.format(token=sender.intake.token(HTTP_BEARER))

    response = sender.send(HTTP_BEARER, body_of(HTTP_BEARER, 1), headers={"Authorization": shown})

    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"] == "Bearer"
    assert ids(sender.intake) == []


@pytest.mark.parametrize("body", ["", "[", "[]", "5", "[{}, 5]", "[NaN]", "[" * 100_000])
def test_what_is_no_json_of_entries_is_refused_whole(sender: Sender, body: str) -> None:
    response = sender.send(HTTP_BEARER, body)

    assert response.status_code == 400
    assert "no JSON of entries" in response.json()["error"]
    assert ids(sender.intake) == []


def test_another_type_or_encoding_or_method_is_refused(sender: Sender) -> None:
    body = body_of(HTTP_BEARER, 1)

    assert sender.send(HTTP_BEARER, body, headers={"Content-Type": "text/plain"}).status_code == 415
    assert sender.send(HTTP_BEARER, body, headers={"Content-Encoding": "br"}).status_code == 415
    assert sender.send(HTTP_BEARER, method="PUT").status_code == 405
    assert sender.send(HTTP_BEARER, method="GET").headers["Allow"] == "POST"


def test_a_long_body_is_too_large(make_intake: MakeIntake) -> None:
    with Sender(make_intake(Rules(http_max_bytes=50))) as sender:
        assert sender.send(HTTP_BEARER, body_of(HTTP_BEARER, 1)).status_code == 413


def test_one_refused_entry_refuses_its_batch(sender: Sender) -> None:
    refusal = Refusal(containing="id-2", status=422, reason="no such action")
    sender.intake.behave(HTTP_BEARER, Behaviour(refusals=(refusal,)))

    bad = sender.send(HTTP_BEARER, body_of(HTTP_BEARER, 1, 2))
    good = sender.send(HTTP_BEARER, body_of(HTTP_BEARER, 1))

    assert (bad.status_code, bad.json()["error"]) == (422, "Entry 1: no such action")
    assert good.status_code == 200
    assert ids(sender.intake) == ["id-1"]
