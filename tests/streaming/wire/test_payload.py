from __future__ import annotations

from tests.streaming.wire.payloads import entry, payload


def test_a_payload_is_parsed_once() -> None:
    given = payload()

    assert given.parsed() == entry()
    assert given.parsed() is given.parsed()


def test_a_payload_does_not_show_its_content_in_logs() -> None:
    given = payload()
    given.parsed()

    assert "ana@acme.example" not in repr(given)


def test_payloads_are_equal_whether_parsed_or_not() -> None:
    read, unread = payload(), payload()

    read.parsed()

    assert read == unread
