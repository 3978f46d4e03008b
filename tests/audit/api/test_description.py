"""What the API says of itself is what it does."""

from __future__ import annotations

import msgspec
import pytest

from audit.api import shapes
from audit.api.description import (
    BY_A_SERVICE,
    ENTRY_IN,
    PROBLEM_EXAMPLE,
    REASONS,
    described,
    in_query,
    reference,
    schemas,
)


@pytest.mark.parametrize("example", [ENTRY_IN, BY_A_SERVICE])
def test_the_examples_are_entries(example: dict[str, object]) -> None:
    assert msgspec.convert(example, shapes.EntryIn).event == example["event"]


def test_the_example_of_a_problem_is_one() -> None:
    assert msgspec.convert(PROBLEM_EXAMPLE, shapes.ProblemDocument).status == 422


def test_the_schema_of_an_entry_refuses_unknown_keys() -> None:
    assert schemas()["EntryIn"]["additionalProperties"] is False
    assert schemas()["EntryIn"]["required"] == ["event", "actor"]


def test_an_operation_names_its_answer_and_every_refusal_with_its_reason() -> None:
    said = described(status=200, answer=shapes.Entry, refusals=(404,), parameters=[in_query("q", "Words.")])

    assert said["responses"][200]["content"]["application/json"]["schema"] == reference(shapes.Entry)
    assert said["responses"].keys() == {200, 401, 403, 404, 503}
    assert said["responses"][404]["description"] == REASONS[404]
    assert said["parameters"][0]["name"] == "q"
