from __future__ import annotations

import gzip
import json

import pytest
import requests

from auditsite.demo.intake import SPLUNK_HEC, Behaviour, Intake, Refusal, Rules
from tests.auditsite.demo.intake.sender import Sender, entry, splunk_body
from tests.fakes.intake import MakeIntake

CHANNEL = {"X-Splunk-Request-Channel": "2a4c7e1c-6d5b-4f7e-9f8e-0a1b2c3d4e5f"}


def answer(response: requests.Response) -> tuple[int, int]:
    return response.status_code, response.json()["code"]


def ids(intake: Intake) -> list[str | None]:
    return [arrival.id for arrival in intake.received(SPLUNK_HEC)]


@pytest.mark.parametrize("path", ["", "/event", "/event/1.0", "/event/"])
def test_every_event_path_takes_entries(sender: Sender, path: str) -> None:
    response = sender.send(
        SPLUNK_HEC,
        splunk_body(entry(1), entry(2), sourcetype="auditsite:entry", index="main"),
        path=f"/services/collector{path}",
    )

    assert response.json() == {"text": "Success", "code": 0}
    assert ids(sender.intake) == ["id-1", "id-2"]
    arrival = sender.intake.received(SPLUNK_HEC)[0]
    assert (arrival.sequence, arrival.tenant, arrival.entry) == (1, "acme", entry(1))
    assert arrival.envelope == {"time": 1, "sourcetype": "auditsite:entry", "index": "main"}


@pytest.mark.parametrize(
    ("authorization", "expected"),
    [
        ("", (401, 2)),
        ("{token}", (401, 3)),
        ("Bearer {token}", (401, 3)),
        ("splunk {token}", (401, 3)),
        ("Splunk wrong", (403, 4)),
        ("Splunk {token}", (400, 5)),
    ],
)
def test_an_empty_post_proves_the_token(
    sender: Sender, authorization: str, expected: tuple[int, int]
) -> None:
    shown = authorization.format(token=sender.intake.token(SPLUNK_HEC))

    assert answer(sender.send(SPLUNK_HEC, b"", headers={"Authorization": shown})) == expected


def test_health_does_not_look_at_the_token(sender: Sender) -> None:
    response = sender.send(SPLUNK_HEC, method="GET", path="/services/collector/health/1.0", token="wrong")

    assert answer(response) == (200, 17)


def test_another_path_or_method_is_refused_in_splunks_words(sender: Sender) -> None:
    lost = sender.send(SPLUNK_HEC, b"x", path="/services/collector/nothing")
    got = sender.send(SPLUNK_HEC, method="GET")
    queried = sender.send(SPLUNK_HEC, b"x", path="/services/collector/event?token=x")

    assert lost.json() == {"text": "The requested URL was not found on this server.", "code": 404}
    assert answer(got) == (405, 405)
    assert answer(queried) == (400, 16)


@pytest.mark.parametrize(
    ("bad", "code", "number"),
    [
        ('{"time": 1}', 12, 1),
        ('{"event": " "}', 13, 1),
        ('{"event": null}', 6, 1),
        ('{"event": false}', 6, 1),
        ('{"event": {}, "fields": {"a": {"b": "c"}}}', 15, 1),
        ('{"event": {}, "fields": ["a"]}', 15, 1),
        ('{"event": {}, "index": "secret"}', 7, 2),
        ('{"event": {}, "host": 5}', 6, 1),
        ('{"event": {}, "time": "today"}', 6, 1),
        ('{"event": {}, "time": [1]}', 6, 1),
        ('{"event": NaN}', 6, 1),
        ('{"event": ', 6, 1),
        ("5", 6, 1),
    ],
)
def test_entries_before_a_bad_one_are_taken_and_none_from_it_on(
    sender: Sender, bad: str, code: int, number: int
) -> None:
    body = f"{splunk_body(entry(1))}\n{bad}\n{splunk_body(entry(3))}"

    response = sender.send(SPLUNK_HEC, body)

    assert answer(response) == (400, code)
    assert response.json()["invalid-event-number"] == number
    assert ids(sender.intake) == ["id-1"]


def test_an_unknown_key_is_a_success_that_loses_the_rest(sender: Sender) -> None:
    body = f"{splunk_body(entry(1))}{splunk_body(entry(2), severity='high')}{splunk_body(entry(3))}"

    response = sender.send(SPLUNK_HEC, body)

    assert answer(response) == (200, 0)
    assert ids(sender.intake) == ["id-1"]


def test_fields_without_an_event_are_skipped_in_silence(sender: Sender) -> None:
    response = sender.send(SPLUNK_HEC, '{"fields": {"a": "b", "c": ["d"]}}')

    assert answer(response) == (200, 0)
    assert ids(sender.intake) == []


def test_an_array_and_an_empty_object_and_a_text_are_accepted(sender: Sender) -> None:
    response = sender.send(SPLUNK_HEC, json.dumps([{"event": {}}, {"event": "a text"}]))

    assert answer(response) == (200, 0)
    assert [arrival.entry for arrival in sender.intake.received(SPLUNK_HEC)] == [{}, {"value": "a text"}]


def test_gzip_is_read_and_deflate_is_not(sender: Sender) -> None:
    squeezed = gzip.compress(splunk_body(entry(1)).encode())

    good = sender.send(SPLUNK_HEC, squeezed, headers={"Content-Encoding": "gzip"})
    false = sender.send(SPLUNK_HEC, b"no gzip", headers={"Content-Encoding": "gzip"})
    other = sender.send(SPLUNK_HEC, squeezed, headers={"Content-Encoding": "deflate"})

    assert answer(good) == (200, 0)
    assert answer(false) == (400, 6)
    assert other.status_code == 415
    assert other.headers["Content-Type"].startswith("text/html")
    assert ids(sender.intake) == ["id-1"]


def test_a_long_body_is_refused_as_bad_data_that_names_the_first(make_intake: MakeIntake) -> None:
    with Sender(make_intake(Rules(hec_max_bytes=50))) as sender:
        response = sender.send(SPLUNK_HEC, splunk_body(entry(1)))

    assert response.json() == {"text": "Invalid data format", "code": 6, "invalid-event-number": 0}


def test_a_body_that_is_no_utf_8_is_bad_data(sender: Sender) -> None:
    assert answer(sender.send(SPLUNK_HEC, b'{"event": "\xff"}')) == (400, 6)


@pytest.mark.parametrize(("code", "status"), [(1, 403), (9, 503), (26, 429), (24, 200)])
def test_any_code_is_given_on_command(sender: Sender, code: int, status: int) -> None:
    sender.intake.behave(SPLUNK_HEC, Behaviour(hec_code=code, take=code == 24))

    response = sender.send(SPLUNK_HEC, splunk_body(entry(1)))

    assert answer(response) == (status, code)
    assert ids(sender.intake) == (["id-1"] if code == 24 else [])


@pytest.mark.parametrize("code", [6, 12, 13, 15])
def test_a_refused_entry_ends_the_prefix(sender: Sender, code: int) -> None:
    refusal = Refusal(containing="id-2", code=code)
    sender.intake.behave(SPLUNK_HEC, Behaviour(refusals=(refusal,)), times=1)

    response = sender.send(SPLUNK_HEC, splunk_body(entry(1), entry(2), entry(3)))

    assert answer(response) == (400, code)
    assert response.json()["invalid-event-number"] == 1
    assert ids(sender.intake) == ["id-1"]


def test_a_token_with_acknowledgement_needs_a_channel(make_intake: MakeIntake) -> None:
    with Sender(make_intake(Rules(hec_acknowledge=True))) as sender:
        without = sender.send(SPLUNK_HEC, splunk_body(entry(1)))
        wrong = sender.send(SPLUNK_HEC, splunk_body(entry(1)), headers={"X-Splunk-Request-Channel": "x"})
        right = sender.send(SPLUNK_HEC, splunk_body(entry(1)), headers=CHANNEL)
        partly = sender.send(SPLUNK_HEC, f"{splunk_body(entry(2))}5", headers=CHANNEL)

    assert answer(without) == (400, 10)
    assert answer(wrong) == (400, 11)
    assert right.json() == {"text": "Success", "code": 0, "ackId": 0}
    assert partly.json()["ackId"] == 1


def test_an_acknowledgement_is_given_once(make_intake: MakeIntake) -> None:
    with Sender(make_intake(Rules(hec_acknowledge=True))) as sender:
        sender.send(SPLUNK_HEC, splunk_body(entry(1)), headers=CHANNEL)
        path = "/services/collector/ack"
        first = sender.send(SPLUNK_HEC, '{"acks": [0, 7]}', path=path, headers=CHANNEL)
        again = sender.send(SPLUNK_HEC, '{"acks": [0]}', path=path, headers=CHANNEL)
        wrong = sender.send(SPLUNK_HEC, "{}", path=path, headers=CHANNEL)
        nowhere = sender.send(SPLUNK_HEC, '{"acks": [0]}', path=path)

    assert first.json() == {"acks": {"0": True, "7": False}}
    assert again.json() == {"acks": {"0": False}}
    assert answer(wrong) == (400, 6)
    assert answer(nowhere) == (400, 10)


def test_without_acknowledgement_its_endpoint_says_so(sender: Sender) -> None:
    response = sender.send(SPLUNK_HEC, '{"acks": [0]}', path="/services/collector/ack", headers=CHANNEL)

    assert answer(response) == (400, 14)
