from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from auditsite_client.context import Context
from auditsite_client.entries import make

NOW = datetime(2026, 11, 24, 8, 15, 30, 123456, tzinfo=UTC)
NOBODY = Context()


def made(event: str = "cases.case_shared", context: Context = NOBODY, **given: Any) -> dict[str, Any]:
    entry: dict[str, Any] = json.loads(make(event, given, context=context, now=NOW).body)  # type: ignore[arg-type] # wrong ones are tested too
    return entry


def test_an_entry_carries_its_time_and_an_id_of_its_own() -> None:
    ids = {made(actor="ana@acme.example")["external_id"] for _ in range(3)}
    entry = made(actor="ana@acme.example", external_id="evt-1")

    assert len(ids) == 3
    assert entry == {
        "event": "cases.case_shared",
        "actor": {"email": "ana@acme.example"},
        "external_id": "evt-1",
        "occurred_at": "2026-11-24T08:15:30.123456+00:00",
    }


def test_what_the_call_does_not_say_comes_from_the_context() -> None:
    context = Context(actor="ana@acme.example", ip="203.0.113.7", request_id="r-1")

    entry = made(context=context)

    assert entry["actor"] == {"email": "ana@acme.example"}
    assert entry["context"] == {"ip": "203.0.113.7", "request_id": "r-1"}
    assert made(context=context, actor={"type": "system", "name": "Sweep"})["actor"]["name"] == "Sweep"


def test_values_with_one_plain_reading_are_taken() -> None:
    parameters = {
        "day": date(2026, 11, 24),
        "moment": NOW,
        "price": Decimal("1.50"),
        "id": UUID(int=7),
        "tags": {"b", "a"},
        "words": "Größe",
    }

    assert made(actor="ana@acme.example", parameters=parameters)["parameters"] == {
        "day": "2026-11-24",
        "moment": "2026-11-24T08:15:30.123456+00:00",
        "price": "1.50",
        "id": "00000000-0000-0000-0000-000000000007",
        "tags": ["a", "b"],
        "words": "Größe",
    }


@pytest.mark.parametrize(
    ("given", "error", "words"),
    [
        ({}, ValueError, "Who did it"),
        (
            {"actor": "a@b.example", "parameter": {}},
            TypeError,
            "record\\(\\) knows no parameter; known are actor",
        ),
        ({"actor": "a@b.example", "occurred_at": datetime(2026, 1, 1)}, ValueError, "time zone"),  # noqa: DTZ001
        ({"actor": "a@b.example", "parameters": {"x": float("nan")}}, ValueError, "JSON"),
        ({"actor": "a@b.example", "parameters": {"x": object()}}, TypeError, "A object cannot be part"),
        ({"actor": "a@b.example", "details": "\ud800"}, ValueError, "surrogates"),
        ({"actor": "a@b.example", "details": "x" * 4_000_000}, ValueError, "too large"),
    ],
)
def test_a_call_that_no_server_could_take_says_what_to_do(
    given: dict[str, Any], error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        made(**given)


def test_an_event_has_to_be_named() -> None:
    with pytest.raises(ValueError, match="by its code"):
        made("", actor="ana@acme.example")
