"""The request and item tables of the Bulk API, line by line."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from streaming.wire.bulk_items import judge_bulk
from streaming.wire.messages import Response
from streaming.wire.outcome import Outcome, Verdict
from tests.streaming.wire.answers import TOKEN, exchange, response

DELIVERED, RETRY, THROTTLED, SPLIT, REJECTED = (
    Outcome.DELIVERED,
    Outcome.RETRY,
    Outcome.THROTTLED,
    Outcome.SPLIT,
    Outcome.REJECTED,
)
CREDENTIALS, SETTINGS = Outcome.HELD_FOR_CREDENTIALS, Outcome.HELD_FOR_SETTINGS
CONFLICT = "version_conflict_engine_exception"


def item(status: int, kind: str = "", reason: str = "why", **more: Any) -> dict[str, Any]:
    error = {"error": {"type": kind, "reason": reason}} if kind else {}
    return {"create": {"status": status, **error, **more}}


def bulk(*items: Any, status: int = 200) -> Response:
    return response(status, {"errors": True, "items": list(items)})


def judge(answer: Response, *, sent: int = 10, gzip: bool = False) -> Verdict:
    return judge_bulk(answer, exchange(sent, gzip=gzip, service="Elasticsearch"))


ITEMS = [
    (409, "other_conflict", RETRY),
    (429, "es_rejected_execution_exception", THROTTLED),
    (429, "cluster_block_exception", THROTTLED),
    (500, "script_exception", RETRY),
    (502, "x", RETRY),
    (503, "unavailable_shards_exception", RETRY),
    (504, "x", RETRY),
    (400, "document_parsing_exception", REJECTED),
    (400, "mapper_parsing_exception", REJECTED),
    (400, "strict_dynamic_mapping_exception", REJECTED),
    (400, "illegal_argument_exception", REJECTED),
    (401, "security_exception", CREDENTIALS),
    (403, "security_exception", CREDENTIALS),
    (403, "cluster_block_exception", RETRY),
    (404, "index_not_found_exception", SETTINGS),
    (413, "x", REJECTED),
    (0, "", RETRY),
    (418, "x", RETRY),
]


@pytest.mark.parametrize(("status", "kind", "outcome"), ITEMS)
def test_an_item_means_what_the_table_says(status: int, kind: str, outcome: Outcome) -> None:
    verdict = judge(bulk(item(201), item(status, kind), item(201)), sent=3)

    assert (verdict.outcome, verdict.delivered, verdict.http_status) == (outcome, 1, 200)
    assert verdict.rejected == (1 if outcome is REJECTED else None)


def test_all_items_in_is_delivered() -> None:
    verdict = judge(bulk(item(201), item(200), item(201)), sent=3)

    assert (verdict.outcome, verdict.delivered, verdict.duplicates) == (DELIVERED, 3, 0)


def test_an_entry_that_is_there_already_is_delivered() -> None:
    verdict = judge(bulk(item(201), item(409, CONFLICT)), sent=2)

    assert (verdict.outcome, verdict.delivered, verdict.duplicates) == (DELIVERED, 2, 1)


def test_the_first_item_that_is_not_in_decides() -> None:
    items = [item(201), item(429, "x"), item(400, "document_parsing_exception"), item(201)]

    verdict = judge(bulk(*items), sent=4)

    assert (verdict.outcome, verdict.delivered) == (THROTTLED, 1)


def test_an_entry_in_the_failure_store_is_delivered_and_told() -> None:
    verdict = judge(bulk(item(201, failure_store="used")), sent=1)

    assert (verdict.outcome, verdict.warning) == (
        DELIVERED,
        "Went to the failure store of Elasticsearch: 1.",
    )


def test_a_write_that_the_stream_does_not_take_is_a_matter_of_settings() -> None:
    reason = "only write ops with an op_type of create are allowed in data streams"

    assert judge(bulk(item(400, "illegal_argument_exception", reason)), sent=1).outcome is SETTINGS


@pytest.mark.parametrize("items", [[], [item(201)], [item(201)] * 3])
def test_another_number_of_items_says_nothing(items: list[Any]) -> None:
    verdict = judge(bulk(*items), sent=2)

    assert (verdict.outcome, verdict.delivered, verdict.code) == (RETRY, 0, "es_item_count")


@pytest.mark.parametrize("strange", [None, [], {}, "x", {"create": None}, {"create": {"status": "201"}}])
def test_a_strange_item_is_not_in(strange: Any) -> None:
    verdict = judge(bulk(item(201), strange), sent=2)

    assert (verdict.outcome, verdict.delivered) == (RETRY, 1)


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"{}", b'{"items": 3}', b'{"errors":false}'])
def test_a_200_without_items_is_not_a_receipt(body: bytes) -> None:
    verdict = judge(response(200, body))

    assert (verdict.outcome, verdict.hold_after) == (RETRY, 3)


def test_an_answer_too_long_to_read_asks_for_smaller_batches() -> None:
    assert judge(replace(bulk(item(201)), truncated=True)).outcome is SPLIT


def test_a_web_page_is_not_a_receipt() -> None:
    assert judge(response(200, b"<!doctype html><title>Kibana")).code == "html_200"


REQUESTS = [
    (400, "illegal_argument_exception", REJECTED),
    (400, "invalid_index_name_exception", SETTINGS),
    (401, "security_exception", CREDENTIALS),
    (403, "security_exception", CREDENTIALS),
    (403, "cluster_block_exception", RETRY),
    (404, "index_not_found_exception", SETTINGS),
    (405, "", SETTINGS),
    (406, "", SETTINGS),
    (408, "", THROTTLED),
    (413, "", SPLIT),
    (415, "", SETTINGS),
    (429, "es_rejected_execution_exception", THROTTLED),
    (500, "", RETRY),
    (501, "", SETTINGS),
    (502, "", RETRY),
    (503, "", RETRY),
    (504, "", RETRY),
    (505, "", SETTINGS),
    (301, "", SETTINGS),
]


@pytest.mark.parametrize(("status", "kind", "outcome"), REQUESTS)
def test_a_request_status_means_what_the_table_says(status: int, kind: str, outcome: Outcome) -> None:
    verdict = judge(response(status, {"error": {"type": kind, "reason": "why"}, "status": status}))

    assert (verdict.outcome, verdict.delivered, verdict.http_status) == (outcome, 0, status)


@pytest.mark.parametrize("status", [400, 415])
def test_a_refused_compression_is_left_off(status: int) -> None:
    assert judge(response(status), gzip=True).go_plain


def test_an_illegal_name_does_not_blame_the_compression() -> None:
    answer = response(400, {"error": {"type": "invalid_index_name_exception", "reason": "x"}})

    assert judge(answer, gzip=True).outcome is SETTINGS


def test_type_and_reason_are_told_without_the_token() -> None:
    verdict = judge(bulk(item(403, "security_exception", f"key {TOKEN} is not allowed")), sent=1)

    assert verdict.code == "es_security_exception"
    assert "security_exception: key [token] is not allowed" in verdict.reason


def test_a_type_that_is_no_word_does_not_become_a_code() -> None:
    assert judge(bulk(item(400, "<script>")), sent=1).code == "http_400"


def test_a_script_that_fails_for_ever_is_in_the_end_a_refusal_of_its_entry() -> None:
    verdict = judge(bulk(item(201), item(500, "script_exception")), sent=2)

    assert verdict.after(9).outcome is RETRY
    assert (verdict.after(10).outcome, verdict.after(10).rejected, verdict.after(10).delivered) == (
        REJECTED,
        1,
        1,
    )


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        ("illegal_argument_exception", "pipeline with id [auditsite-audit] does not exist"),
        ("index_closed_exception", "closed"),
    ],
)
def test_what_refuses_every_entry_alike_is_a_matter_of_settings(kind: str, reason: str) -> None:
    verdict = judge(bulk(item(400, kind, reason)), sent=1)

    assert (verdict.outcome, verdict.rejected) == (SETTINGS, None)
    assert (
        judge(bulk(item(400, "mapper_parsing_exception", f"field [a]: {reason}")), sent=1).outcome is REJECTED
    )
