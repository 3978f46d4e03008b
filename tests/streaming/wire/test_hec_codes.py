"""The table of HEC codes, line by line."""

from __future__ import annotations

from typing import Any

import pytest

from streaming.wire.hec_codes import RULES, judge_hec
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

TABLE = [
    (0, 200, DELIVERED),
    (1, 403, CREDENTIALS),
    (2, 401, CREDENTIALS),
    (3, 401, CREDENTIALS),
    (4, 403, CREDENTIALS),
    (5, 400, SPLIT),
    (6, 400, SPLIT),
    (7, 400, SETTINGS),
    (8, 500, RETRY),
    (9, 503, RETRY),
    (10, 400, SETTINGS),
    (11, 400, RETRY),
    (12, 400, SPLIT),
    (13, 400, SPLIT),
    (14, 400, RETRY),
    (15, 400, SPLIT),
    (16, 400, SETTINGS),
    (17, 200, SETTINGS),
    (18, 503, RETRY),
    (19, 503, RETRY),
    (20, 503, RETRY),
    (21, 400, CREDENTIALS),
    (22, 400, CREDENTIALS),
    (23, 503, RETRY),
    (24, 200, DELIVERED),
    (25, 200, DELIVERED),
    (26, 429, THROTTLED),
    (27, 429, THROTTLED),
    (28, 400, SETTINGS),
]


def said(code: int, status: int, *, invalid: int | None = None, **more: Any) -> Response:
    place = {} if invalid is None else {"invalid-event-number": invalid}
    return response(status, {"text": "Words", "code": code, **place, **more})


def judge(answer: Response, *, sent: int = 10, gzip: bool = False) -> Verdict:
    return judge_hec(answer, exchange(sent, gzip=gzip, service="Splunk"))


@pytest.mark.parametrize(("code", "status", "outcome"), TABLE)
def test_a_code_means_what_the_table_says(code: int, status: int, outcome: Outcome) -> None:
    verdict = judge(said(code, status))

    assert (verdict.outcome, verdict.code, verdict.http_status) == (outcome, f"hec_{code}", status)
    assert verdict.delivered == (10 if outcome is DELIVERED else 0)
    assert "“Words”" in verdict.reason


@pytest.mark.parametrize("code", [0, 24, 25])
def test_success_needs_the_status_as_well(code: int) -> None:
    assert judge(said(code, 503)).outcome is RETRY
    assert judge(said(code, 401)).outcome is CREDENTIALS


def test_the_table_is_complete() -> None:
    assert sorted(RULES) == [code for code, _, _ in TABLE] == list(range(29))


@pytest.mark.parametrize("code", [6, 12, 13, 15])
def test_what_stands_before_the_bad_entry_is_delivered(code: int) -> None:
    verdict = judge(said(code, 400, invalid=3, ackId=1))

    assert (verdict.outcome, verdict.delivered, verdict.rejected) == (REJECTED, 3, 3)


@pytest.mark.parametrize("code", [12, 13, 15])
def test_the_first_entry_can_be_the_bad_one(code: int) -> None:
    verdict = judge(said(code, 400, invalid=0))

    assert (verdict.outcome, verdict.delivered, verdict.rejected) == (REJECTED, 0, 0)


def test_a_body_too_large_for_splunk_cloud_looks_like_a_bad_first_entry_and_is_split() -> None:
    assert judge(said(6, 400, invalid=0)).outcome is SPLIT


@pytest.mark.parametrize("code", [5, 6, 12, 13, 15])
def test_a_single_entry_is_refused_for_itself(code: int) -> None:
    verdict = judge(said(code, 400, invalid=0), sent=1)

    assert (verdict.outcome, verdict.rejected, verdict.delivered) == (REJECTED, 0, 0)


@pytest.mark.parametrize("invalid", [-1, 10, 99])
def test_a_place_outside_the_batch_is_not_believed(invalid: int) -> None:
    assert judge(said(6, 400, invalid=invalid)).outcome is SPLIT


@pytest.mark.parametrize(("invalid", "delivered"), [(0, 0), (1, 0), (4, 3), (10, 9), (99, 9)])
def test_a_wrong_index_names_the_entry_after_the_bad_one(invalid: int, delivered: int) -> None:
    assert judge(said(7, 400, invalid=invalid)).delivered == delivered


def test_a_busy_splunk_has_taken_nothing_for_certain() -> None:
    assert judge(said(9, 503, invalid=5)).delivered == 0


@pytest.mark.parametrize("code", [24, 25])
def test_near_its_limit_it_is_delivered_and_slowed_down(code: int) -> None:
    assert judge(said(code, 200)).slow_down


@pytest.mark.parametrize("code", [11, 27])
def test_another_channel_is_taken_where_this_one_is_refused(code: int) -> None:
    assert judge(said(code, 400)).new_channel


@pytest.mark.parametrize("body", [{"text": "Success"}, {}, "OK", {"text": "Success", "code": 0, "ackId": 7}])
def test_receivers_that_only_speak_like_hec_are_believed(body: Any) -> None:
    assert judge(response(200, body)).outcome is DELIVERED


@pytest.mark.parametrize("body", [b"", b"ok", b"[]", b"null", b'"NO"', b"{"])
def test_a_200_that_confirms_nothing_is_not_a_receipt(body: bytes) -> None:
    assert judge(response(200, body)).outcome is SETTINGS


@pytest.mark.parametrize("status", [206, 207, 208])
def test_a_status_that_says_partly_is_not_a_receipt(status: int) -> None:
    assert judge(response(status, {})).outcome is SETTINGS


def test_a_web_page_is_not_a_receipt() -> None:
    assert judge(response(200, b"<html>Splunk Web")).code == "html_200"


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (404, SETTINGS),
        (405, SETTINGS),
        (413, SPLIT),
        (415, SETTINGS),
        (500, RETRY),
        (502, RETRY),
        (504, RETRY),
        (408, RETRY),
        (401, CREDENTIALS),
        (403, CREDENTIALS),
        (407, CREDENTIALS),
        (302, SETTINGS),
        (429, THROTTLED),
    ],
)
def test_without_a_code_the_status_decides(status: int, outcome: Outcome) -> None:
    assert judge(response(status, b"<html>proxy")).outcome is outcome


def test_an_address_that_is_not_hec_is_told_where_hec_is() -> None:
    verdict = judge(response(404, {"text": "The requested URL was not found on this server.", "code": 404}))

    assert verdict.outcome is SETTINGS
    assert "/services/collector/event" in verdict.reason


def test_a_success_with_an_unknown_code_is_not_believed_for_ever() -> None:
    verdict = judge(said(99, 200))

    assert (verdict.outcome, verdict.hold_after) == (RETRY, 3)


def test_compression_is_blamed_only_without_a_code() -> None:
    assert judge(response(415, b"<html>"), gzip=True).go_plain
    assert not judge(said(6, 400, invalid=2), gzip=True).go_plain


def test_an_echoed_token_is_not_shown() -> None:
    assert TOKEN not in judge(response(403, {"text": f"Invalid token {TOKEN}", "code": 4})).reason


@pytest.mark.parametrize("body", [{"code": True}, {"code": "0"}, {"code": 1.5}, {"code": None, "text": None}])
def test_a_code_of_another_type_is_no_code(body: Any) -> None:
    assert judge(response(503, body)).code == "http_503"
