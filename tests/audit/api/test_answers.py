"""Answers: problem documents that every reader can take."""

from __future__ import annotations

import json

from django.test import RequestFactory

from audit.api.answers import Refusal, problem_answer
from audit.drafts import Problem


def test_a_refusal_is_a_problem_document_with_its_headers(rf: RequestFactory) -> None:
    refusal = Refusal(
        415, "encoding-unknown", "Send gzip.", problems=[Problem("/0", "x", "y")], headers={"Accept": "gzip"}
    )

    response = problem_answer(rf.get("/"), refusal)

    assert (response.status_code, response["Accept"]) == (415, "gzip")
    assert response["Content-Type"] == "application/problem+json"
    assert json.loads(response.content) == {
        "type": "urn:auditsite:problem:encoding-unknown",
        "title": "Unsupported Media Type",
        "status": 415,
        "detail": "Send gzip.",
        "errors": [{"loc": "/0", "msg": "x", "type": "y"}],
    }


def test_what_is_echoed_is_short_and_printable(rf: RequestFactory) -> None:
    hostile = Problem("/\x00\ud800", "é" * 100_000, "x")

    response = problem_answer(rf.get("/"), Refusal(422, "x", "\udfff", problems=[hostile] * 500))

    document = json.loads(response.content)
    assert len(document["errors"]) == 100
    assert document["errors"][0]["loc"] == "/\\u0000\\ud800"
    assert document["errors"][0]["msg"] == "é" * 300 + "…"
    assert document["detail"] == "\\udfff"
