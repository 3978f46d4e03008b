"""Elasticsearch's rows: the answer to the request, and that to each item."""

from __future__ import annotations

import json
from typing import Any

import pytest

from auditsite.demo.intake import Behaviour, Refusal
from streaming.models import State
from tests.streaming.faults.conftest import MakeScene
from tests.streaming.faults.scene import POISON, Meaning

M = Meaning
KIND = "elasticsearch"


def error(kind: str, reason: str = "no reason") -> str:
    return json.dumps({"error": {"type": kind, "reason": reason}, "status": 400})


REQUESTS = [
    (400, error("illegal_argument_exception"), M.PLAIN),
    (400, error("invalid_index_name_exception"), M.SETTINGS),
    (401, error("security_exception"), M.TOKEN),
    (403, error("security_exception"), M.TOKEN),
    (403, error("cluster_block_exception"), M.AGAIN),
    (404, error("index_not_found_exception"), M.SETTINGS),
    (429, error("es_rejected_execution_exception"), M.AGAIN),
    (429, error("circuit_breaking_exception"), M.AGAIN),
    (503, error("unavailable_shards_exception"), M.AGAIN),
]


@pytest.mark.parametrize(("status", "body", "meaning"), REQUESTS)
def test_a_request_that_is_refused_does_what_its_row_says(
    status: int, body: str, meaning: Meaning, scene_of: MakeScene
) -> None:
    scene_of(KIND).meets(Behaviour(status=status, body=body), meaning)


@pytest.mark.parametrize(
    "body", ["", "{", "[]", '{"took": 3}', '{"errors": false}', '{"items": "none"}', "OK"]
)
def test_an_answer_without_items_delivers_nothing(body: str, scene_of: MakeScene) -> None:
    scene_of(KIND).meets(Behaviour(status=200, body=body), M.AGAIN_THEN_HELD)


@pytest.mark.parametrize("count", [0, 5, 7])
def test_an_answer_for_more_or_fewer_items_than_were_sent_delivers_nothing(
    count: int, scene_of: MakeScene
) -> None:
    items: list[Any] = [{"create": {"status": 201}}] * count
    body = json.dumps({"errors": False, "items": items})

    scene_of(KIND).meets(Behaviour(status=200, body=body), M.AGAIN)


@pytest.mark.parametrize(
    "item", [{}, {"create": {}}, {"create": {"status": "201"}}, {"create": None}, None, 201]
)
def test_an_item_without_a_status_is_not_in(item: object, scene_of: MakeScene) -> None:
    body = json.dumps({"errors": False, "items": [item] * 6})

    scene_of(KIND).meets(Behaviour(status=200, body=body), M.AGAIN)


def test_words_are_not_looked_for_in_the_answer(scene_of: MakeScene) -> None:
    scene = scene_of(KIND)
    items = [{"create": {"status": 201, "_id": '"errors":true'}}] * 6

    scene.meets(Behaviour(status=200, body=json.dumps({"errors": True, "items": items}), take=True), M.TAKEN)


ITEMS = [
    (429, "es_rejected_execution_exception", State.RETRYING),
    (429, "cluster_block_exception", State.RETRYING),
    (403, "cluster_block_exception", State.RETRYING),
    (409, "another_conflict", State.RETRYING),
    (500, "script_exception", State.RETRYING),
    (502, "bad_gateway", State.RETRYING),
    (503, "unavailable_shards_exception", State.RETRYING),
    (504, "process_cluster_event_timeout_exception", State.RETRYING),
    (401, "security_exception", State.HELD_FOR_CREDENTIALS),
    (403, "security_exception", State.HELD_FOR_CREDENTIALS),
    (404, "index_not_found_exception", State.HELD_FOR_SETTINGS),
    (404, "data_stream_missing_exception", State.HELD_FOR_SETTINGS),
]


def poisoned(status: int, kind: str, reason: str = "no reason") -> Behaviour:
    refusal = Refusal(containing="poison", status=status, type=kind, reason=reason)
    return Behaviour(refusals=(refusal,))


@pytest.mark.parametrize(("status", "kind", "state"), ITEMS)
def test_an_item_that_is_not_in_keeps_the_place_before_it(
    status: int, kind: str, state: State, scene_of: MakeScene
) -> None:
    scene = scene_of(KIND)
    scene.intake.behave(KIND, poisoned(status, kind))

    for _ in range(2):
        cursor = scene.step()

    assert (cursor.place, cursor.delivered, cursor.state) == (POISON - 1, POISON - 1, state)
    assert scene.aside == []
    scene.intake.heal()
    scene.recovers()


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, "document_parsing_exception"),
        (400, "mapper_parsing_exception"),
        (400, "strict_dynamic_mapping_exception"),
        (400, "illegal_argument_exception"),
        (413, "document_too_large"),
    ],
)
def test_an_item_refused_for_its_content_is_set_aside(status: int, kind: str, scene_of: MakeScene) -> None:
    scene = scene_of(KIND)
    scene.intake.behave(KIND, poisoned(status, kind))

    scene.recovers(without=(POISON,))


def test_a_target_that_takes_no_create_is_a_matter_of_settings(scene_of: MakeScene) -> None:
    scene = scene_of(KIND)
    reason = "only write ops with an op_type of create are allowed in data streams"
    scene.intake.behave(KIND, poisoned(400, "illegal_argument_exception", reason))

    cursor = scene.step()

    assert (cursor.place, cursor.state, scene.aside) == (POISON - 1, State.HELD_FOR_SETTINGS, [])


def test_an_entry_that_a_script_fails_at_ten_times_is_set_aside(scene_of: MakeScene) -> None:
    scene = scene_of(KIND)
    scene.intake.behave(KIND, poisoned(500, "script_exception"))

    assert [scene.step().state for _ in range(9)] == [State.RETRYING] * 9
    assert scene.aside == []
    scene.recovers(without=(POISON,))


def test_what_is_there_already_counts_as_delivered(scene_of: MakeScene) -> None:
    scene = scene_of(KIND)
    scene.intake.behave(KIND, Behaviour(connection="take_then_drop"), times=1)

    assert scene.step().place == 0
    assert scene.step().place == 6
    assert len(scene.arrived) == 6


def test_what_went_to_the_failure_store_is_delivered_with_a_warning(scene_of: MakeScene) -> None:
    scene = scene_of(KIND)
    items = [{"create": {"status": 201, "failure_store": "used"}}] * 6
    body = json.dumps({"errors": False, "items": items})
    scene.intake.behave(KIND, Behaviour(status=200, body=body, take=True), times=1)

    cursor = scene.step()

    assert (cursor.place, cursor.warning) == (6, "Went to the failure store of Elasticsearch: 6.")
