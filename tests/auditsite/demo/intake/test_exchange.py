from __future__ import annotations

import gzip
from datetime import UTC, datetime
from email.message import Message

import pytest

from auditsite.demo.intake import exchange
from auditsite.demo.intake.exchange import (
    BadEncoding,
    Request,
    TooLarge,
    html_answer,
    json_answer,
    parse_json,
)


def request(body: bytes, **headers: str) -> Request:
    message = Message()
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    now = datetime(2026, 11, 24, tzinfo=UTC)
    return Request(method="POST", path="/", query={}, headers=message, at=now, body=body)


def test_headers_are_found_in_any_case_and_a_type_without_its_parameters() -> None:
    sent = request(b"", content_type="Application/JSON; charset=utf-8")

    assert sent.header("CONTENT-TYPE") == "Application/JSON; charset=utf-8"
    assert sent.media_type == "application/json"
    assert sent.header("Nothing") == ""


@pytest.mark.parametrize("encoding", ["", "identity"])
def test_a_plain_body_stays_as_it_is(encoding: str) -> None:
    assert request(b"abc", content_encoding=encoding).inflated() == b"abc"


def test_gzip_is_inflated() -> None:
    assert request(gzip.compress(b"abc"), content_encoding="GZIP").inflated() == b"abc"


@pytest.mark.parametrize(
    ("body", "encoding"), [(b"abc", "gzip"), (gzip.compress(b"abc")[:-5], "gzip"), (b"", "br")]
)
def test_a_body_that_is_not_what_it_says_is_refused(body: bytes, encoding: str) -> None:
    with pytest.raises(BadEncoding, match=encoding):
        request(body, content_encoding=encoding).inflated()


def test_a_bomb_is_not_inflated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exchange, "MAX_BODY", 1000)

    with pytest.raises(TooLarge):
        request(gzip.compress(b"\0" * 100_000), content_encoding="gzip").inflated()


@pytest.mark.parametrize("text", ["NaN", "-Infinity", "[1,]", b"\xff", ""])
def test_only_strict_json_is_json(text: str | bytes) -> None:
    with pytest.raises(ValueError, match=r"JSON|Expecting|utf-8|value"):
        parse_json(text)


def test_answers_carry_their_type_and_more_headers() -> None:
    told = json_answer(201, {"a": [1]}, headers=(("X", "y"),))
    shown = html_answer(200, "<p>ö</p>")

    assert (told.status, told.body) == (201, b'{"a":[1]}')
    assert told.headers == (("Content-Type", "application/json"), ("X", "y"))
    assert shown.body.decode() == "<p>ö</p>"
    assert shown.headers == (("Content-Type", "text/html; charset=utf-8"),)
