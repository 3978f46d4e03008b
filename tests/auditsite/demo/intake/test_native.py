from __future__ import annotations

from typing import Any

import pytest

from auditsite.demo.intake.native import offer_of, text_of, whole_number
from tests.auditsite.demo.intake.sender import entry


def test_id_and_sequence_and_tenant_are_read_out_of_an_entry() -> None:
    offer = offer_of(entry(3), envelope={"time": 1})

    assert (offer.key, offer.id, offer.sequence, offer.tenant) == ("id-3", "id-3", 3, "acme")
    assert (offer.entry, offer.envelope) == (entry(3), {"time": 1})


@pytest.mark.parametrize(
    "form",
    [
        {"event": {"id": "id-3", "sequence": 3}, "auditsite": {"audit": {"tenant": "acme"}}},
        {"metadata": {"uid": "id-3", "sequence": 3}, "unmapped": {"tenant": "acme"}},
    ],
)
def test_other_forms_of_an_entry_are_known_too(form: dict[str, Any]) -> None:
    offer = offer_of(form, envelope={})

    assert (offer.key, offer.id, offer.sequence, offer.tenant) == ("id-3", "id-3", 3, "acme")


def test_what_is_no_entry_is_kept_without_an_id() -> None:
    assert offer_of("text", envelope={})[:5] == (None, None, None, "", {"value": "text"})


def test_a_text_is_followed_along_its_path() -> None:
    assert text_of({"a": {"b": "c"}}, "a", "b") == "c"
    assert text_of({"a": "b"}, "a", "b") is None
    assert text_of({"a": 5}, "a") is None


@pytest.mark.parametrize(("value", "number"), [(5, 5), (True, None), ("5", None), (5.0, None), (None, None)])
def test_only_a_whole_number_is_a_sequence(value: object, number: int | None) -> None:
    assert whole_number(value) == number
