from __future__ import annotations

import json
from typing import Any

import pytest

from auditsite.demo.intake import ELASTICSEARCH, Behaviour, Refusal, Rules
from tests.auditsite.demo.intake.sender import Sender, bulk_body
from tests.fakes.intake import MakeIntake

STAMP = '{"@timestamp": 1}'


def items(answer: dict[str, Any]) -> list[tuple[int, str | None]]:
    """Status and error type of each item."""
    bare = [next(iter(item.values())) for item in answer["items"]]
    return [(each["status"], each.get("error", {}).get("type")) for each in bare]


def test_documents_are_taken_in_order_with_id_and_sequence(sender: Sender) -> None:
    answer = sender.send(ELASTICSEARCH, bulk_body(1, 2, organization={"id": "t1", "name": "Acme"})).json()

    assert answer["errors"] is False
    assert items(answer) == [(201, None), (201, None)]
    arrivals = sender.intake.received(ELASTICSEARCH)
    assert [(each.id, each.sequence, each.tenant) for each in arrivals] == [
        ("id-1", 1, "Acme"),
        ("id-2", 2, "Acme"),
    ]


def test_a_dotted_sequence_is_found(sender: Sender) -> None:
    body = f'{{"create": {{"_id": "a"}}}}\n{json.dumps({"@timestamp": 1, "event.sequence": 9})}\n'

    sender.send(ELASTICSEARCH, body)

    assert sender.intake.received(ELASTICSEARCH)[0].sequence == 9


def test_an_id_that_is_there_already_is_a_conflict_and_a_duplicate(sender: Sender) -> None:
    sender.send(ELASTICSEARCH, bulk_body(1))

    answer = sender.send(ELASTICSEARCH, bulk_body(1, 2)).json()

    assert answer["errors"] is True
    assert items(answer) == [(409, "version_conflict_engine_exception"), (201, None)]
    assert [each.id for each in sender.intake.received(ELASTICSEARCH)] == ["id-1", "id-2"]
    assert sender.intake.duplicates(ELASTICSEARCH) == ["id-1"]


def test_the_same_id_in_another_index_is_another_document(sender: Sender) -> None:
    sender.send(ELASTICSEARCH, bulk_body(1))

    answer = sender.send(ELASTICSEARCH, bulk_body(1), path="/other/_bulk").json()

    assert items(answer) == [(201, None)]


def test_a_data_stream_takes_only_create_and_an_index_takes_both(sender: Sender) -> None:
    refused = sender.send(ELASTICSEARCH, bulk_body(1, action="index")).json()
    stored = sender.send(ELASTICSEARCH, bulk_body(1, 1, action="index"), path="/plain/_bulk").json()

    assert items(refused) == [(400, "illegal_argument_exception")]
    reason = refused["items"][0]["index"]["error"]["reason"]
    assert reason == "only write ops with an op_type of create are allowed in data streams"
    assert items(stored) == [(201, None), (200, None)]


@pytest.mark.parametrize("target", ["Logs", "a b", "-a", "a*", "x" * 256])
def test_a_bad_name_fails_each_item(sender: Sender, target: str) -> None:
    body = f'{{"create": {{"_id": "a", "_index": {json.dumps(target)}}}}}\n{STAMP}\n'
    answer = sender.send(ELASTICSEARCH, body, path="/_bulk").json()

    assert items(answer) == [(400, "invalid_index_name_exception")]


def test_a_document_without_a_time_or_that_is_no_json_fails_alone(sender: Sender) -> None:
    action = '{"create": {}}'
    body = "\n".join([action, "{}", action, "{", action, "5", action, STAMP, ""])

    answer = sender.send(ELASTICSEARCH, body).json()

    assert [status for status, _ in items(answer)] == [400, 400, 400, 201]
    assert len(sender.intake.received(ELASTICSEARCH)) == 1


def test_a_delete_has_no_document_and_is_not_known(sender: Sender) -> None:
    body = f'{{"delete": {{"_id": "a"}}}}\n{{"create": {{}}}}\n\n{{"create": {{}}}}\n{STAMP}\n'

    answer = sender.send(ELASTICSEARCH, body, path="/plain/_bulk").json()

    assert [status for status, _ in items(answer)] == [400, 400, 201]


@pytest.mark.parametrize(
    ("body", "error_type"),
    [
        ("", "parse_exception"),
        ("\n", "parse_exception"),
        (bulk_body(1).rstrip("\n"), "illegal_argument_exception"),
        (f"[]\n{STAMP}\n", "illegal_argument_exception"),
        (f"{{\n{STAMP}\n", "illegal_argument_exception"),
        (f'{{"make": {{}}}}\n{STAMP}\n', "illegal_argument_exception"),
        (f'{{"create": 5}}\n{STAMP}\n', "illegal_argument_exception"),
        ('{"create": {}}\n', "action_request_validation_exception"),
        (f'{{"create": {{"_id": "{"x" * 513}"}}}}\n{STAMP}\n', "action_request_validation_exception"),
    ],
)
def test_a_body_that_can_not_be_read_is_refused_whole(sender: Sender, body: str, error_type: str) -> None:
    response = sender.send(ELASTICSEARCH, body)

    assert (response.status_code, response.json()["error"]["type"]) == (400, error_type)
    assert sender.intake.received(ELASTICSEARCH) == []


def test_bytes_that_are_no_utf_8_are_refused_whole(sender: Sender) -> None:
    assert sender.send(ELASTICSEARCH, b'{"create": {}}\n{"a": "\xff"}\n').status_code == 400


def test_without_an_index_anywhere_nothing_is_taken(sender: Sender) -> None:
    response = sender.send(ELASTICSEARCH, bulk_body(1), path="/_bulk")

    assert response.json()["error"]["reason"] == "Validation Failed: 1: index is missing;"


def test_a_key_without_the_privilege_is_told_for_each_item(make_intake: MakeIntake) -> None:
    with Sender(make_intake(Rules(privileges=frozenset({"create_doc"})))) as sender:
        created = sender.send(ELASTICSEARCH, bulk_body(1), path="/plain/_bulk").json()
        indexed = sender.send(ELASTICSEARCH, bulk_body(2, action="index"), path="/plain/_bulk").json()

    assert items(created) == [(201, None)]
    assert items(indexed) == [(403, "security_exception")]


def test_chosen_items_fail_as_told_and_the_others_are_taken(sender: Sender) -> None:
    refusals = (
        Refusal(ids=frozenset({"id-1"}), status=429, type="es_rejected_execution_exception"),
        Refusal(positions=frozenset({2}), status=503, type="unavailable_shards_exception"),
        Refusal(containing="poison"),
    )
    sender.intake.behave(ELASTICSEARCH, Behaviour(refusals=refusals))

    mixed = sender.send(ELASTICSEARCH, bulk_body(1, 2, 3)).json()
    poisoned = sender.send(ELASTICSEARCH, bulk_body(4, message="poison")).json()

    assert mixed["errors"] is True
    assert items(mixed) == [
        (429, "es_rejected_execution_exception"),
        (201, None),
        (503, "unavailable_shards_exception"),
    ]
    assert items(poisoned) == [(400, "document_parsing_exception")]
    assert [each.id for each in sender.intake.received(ELASTICSEARCH)] == ["id-2"]
