from __future__ import annotations

import pytest

from tests.streaming.wire.payloads import entry, payload


def test_a_payload_can_be_parsed() -> None:
    assert payload().parsed() == entry()


def test_a_payload_does_not_show_its_content_in_logs() -> None:
    given = payload()

    assert "ana@acme.example" not in repr(given)
    assert str(given.sequence) in repr(given)


def test_a_payload_does_not_change() -> None:
    with pytest.raises(AttributeError):
        payload().body = b"{}"  # type: ignore[misc]  # what is tested
