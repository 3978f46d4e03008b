from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from auditsite_client.judging import Answer, Meaning, NoAnswer, Verdict, judge

NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)


def judged(
    status: int, document: Any = None, *, size: int = 5, headers: Mapping[str, str] | None = None
) -> Verdict:
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    return judge(Answer(status, headers or {}, body), size=size, now=NOW)


def problem(code: str, *errors: dict[str, str]) -> dict[str, Any]:
    return {
        "type": f"urn:auditsite:problem:{code}",
        "detail": "Nothing was recorded.",
        "errors": list(errors),
    }


def test_a_batch_is_taken_when_the_counts_add_up_to_it() -> None:
    assert judged(201, {"accepted": 3, "duplicates": 2}).meaning is Meaning.TAKEN
    assert judged(201, {"accepted": 0, "duplicates": 5}).meaning is Meaning.TAKEN


@pytest.mark.parametrize(
    "document", [b"<html>Welcome</html>", b"", [], {"accepted": 4, "duplicates": 0}, b"\xff"]
)
def test_a_success_that_no_server_of_ours_gave_is_not_believed(document: Any) -> None:
    verdict = judged(200, document)

    assert verdict.meaning is Meaning.HELD
    assert "is the address right?" in verdict.reason


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504, 599])
def test_a_server_that_is_busy_or_broken_is_asked_again(status: int) -> None:
    assert judged(status, b"oops").meaning is Meaning.AGAIN


def test_no_answer_at_all_is_asked_again() -> None:
    assert judge(NoAnswer("reset"), size=5, now=NOW) == Verdict(Meaning.AGAIN, "reset")


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("7", 7.0),
        (" 0", 0.0),
        ("Tue, 24 Nov 2026 08:00:30 GMT", 30.0),
        ("Tue, 24 Nov 2026 07:00:00 GMT", 0.0),
        ("99999999", 3600.0),
        ("soon", 0.0),
        ("", 0.0),
    ],
)
def test_the_server_says_when_to_come_again(header: str, seconds: float) -> None:
    assert judged(429, headers={"retry-after": header}).pause == seconds


@pytest.mark.parametrize("status", [301, 302, 307, 401, 403, 404, 405, 411, 415])
def test_what_a_person_has_to_mend_holds_everything(status: int) -> None:
    assert judged(status, problem("whatever")).meaning is Meaning.HELD


def test_named_entries_are_refused_and_nothing_else() -> None:
    errors = [
        {"loc": "/3/event", "msg": "no event has this code", "type": "event_unknown"},
        {"loc": "/3/actor/email", "msg": "is no address", "type": "email"},
        {"loc": "/0", "msg": "has to be an object", "type": "type_invalid"},
        {"loc": "/5/event", "msg": "beyond the batch", "type": "x"},
        {"loc": "/x", "msg": "no index", "type": "x"},
    ]

    verdict = judged(422, problem("entries-refused", *errors))

    assert verdict.meaning is Meaning.REFUSED
    assert verdict.refused == {
        3: "/event no event has this code; /actor/email is no address",
        0: "the entry has to be an object",
    }


@pytest.mark.parametrize("status", [400, 422])
def test_a_batch_refused_without_a_name_is_halved(status: int) -> None:
    assert judged(status, problem("json-broken")).meaning is Meaning.SMALLER


def test_a_batch_that_is_too_large_is_halved_whoever_says_so() -> None:
    assert judged(413, b"nginx").meaning is Meaning.SMALLER


@pytest.mark.parametrize("code", ["body-cut", "gzip-cut", "gzip-broken"])
def test_what_was_damaged_on_the_road_is_sent_again(code: str) -> None:
    assert judged(400, problem(code)).meaning is Meaning.AGAIN


def test_a_proxy_that_refuses_everything_sets_nothing_aside() -> None:
    assert judged(400, b"<html>Bad Request</html>").meaning is Meaning.HELD
    assert judged(422, {"errors": [{"loc": "/0/event", "msg": "x"}]}).meaning is Meaning.HELD
    assert judged(422, b"[" * 100_000).meaning is Meaning.HELD
