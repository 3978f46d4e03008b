from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from auditsite.demo.intake import ELASTICSEARCH, HTTP_BEARER, SPLUNK_HEC, ledger
from auditsite.demo.intake.ledger import Ledger, Offer

NOW = datetime(2026, 11, 24, 8, tzinfo=UTC)


def offer(number: int, tenant: str = "acme") -> Offer:
    return Offer(
        key=f"{tenant}-{number}", id=str(number), sequence=number, tenant=tenant, entry={}, envelope={}
    )


def numbers(book: Ledger, since: int = 0) -> list[int]:
    return [arrival.number for arrival in book.arrivals(SPLUNK_HEC, since)]


def test_first_arrivals_are_numbered_and_duplicates_counted_apart() -> None:
    book = Ledger(keep=None)

    taken = [book.take(SPLUNK_HEC, offer(number), NOW) for number in (1, 2, 1, 3)]

    assert taken == [True, True, False, True]
    assert numbers(book) == [1, 2, 3]
    assert numbers(book, since=2) == [3]
    assert book.duplicates(SPLUNK_HEC) == ["1"]
    assert book.counts()[SPLUNK_HEC].duplicates == 1


def test_kinds_do_not_know_each_others_entries() -> None:
    book = Ledger(keep=None)

    assert book.take(SPLUNK_HEC, offer(1), NOW)
    assert book.take(ELASTICSEARCH, offer(1), NOW)
    assert len(book.latest(5)) == 2


def test_the_latest_come_newest_first() -> None:
    book = Ledger(keep=None)
    for number in (1, 2, 3):
        book.take(SPLUNK_HEC, offer(number), NOW)
    book.take(ELASTICSEARCH, offer(9), NOW + timedelta(seconds=1))

    assert [arrival.sequence for arrival in book.latest(3)] == [9, 3, 2]


def test_what_has_no_id_is_never_a_duplicate() -> None:
    book = Ledger(keep=None)
    nameless = Offer(key=None, id=None, sequence=None, tenant="", entry={}, envelope={})

    assert [book.take(HTTP_BEARER, nameless, NOW) for _ in range(2)] == [True, True]


def test_a_gap_in_a_tenants_sequence_is_a_jump() -> None:
    book = Ledger(keep=None)

    for number, tenant in [(5, "acme"), (6, "acme"), (1, "other"), (8, "acme"), (7, "acme"), (2, "other")]:
        book.take(SPLUNK_HEC, offer(number, tenant), NOW)

    assert book.counts()[SPLUNK_HEC].jumps == 2


def test_memory_is_bounded_and_counts_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger, "IDS_IN_A_GENERATION", 10)
    book = Ledger(keep=3)

    for number in range(1, 16):
        book.take(SPLUNK_HEC, offer(number), NOW)

    assert numbers(book) == [13, 14, 15]
    assert book.counts()[SPLUNK_HEC].received == 15
    # The generation before the present one is still known, an older one isn't.
    assert not book.take(SPLUNK_HEC, offer(1), NOW)
    for number in range(16, 31):
        book.take(SPLUNK_HEC, offer(number), NOW)
    assert book.take(SPLUNK_HEC, offer(1), NOW)


def test_forgetting_starts_anew() -> None:
    book = Ledger(keep=None)
    book.take(SPLUNK_HEC, offer(1), NOW)
    book.take_test(SPLUNK_HEC, {"test": True})

    book.forget()

    assert book.counts()[SPLUNK_HEC] == ledger.Counts()
    assert book.tests(SPLUNK_HEC) == []
    assert book.take(SPLUNK_HEC, offer(1), NOW)
    assert numbers(book) == [1]
