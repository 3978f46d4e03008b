from __future__ import annotations

import json

import pytest
from django.db import connection

from audit.models import AuditEntry, KeptLeaf, LogHead, Tenant
from streaming import reading
from streaming.models import Cursor, SetAside
from streaming.reading import EntryMissing, payloads_after, payloads_of, removed_after, still_needed
from tests.entries import NOON, make_entry
from tests.streams import MakeStream


@pytest.fixture
def five(acme: Tenant, globex: Tenant) -> Tenant:
    """A log of five entries, between which another tenant's lie."""
    for number in range(1, 6):
        make_entry(acme, details=f"entry {number}")
        make_entry(globex, details="not ours")
    return acme


def lose(tenant: Tenant, *sequences: int) -> None:
    """As if retention, or a hand in the database, had removed them."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE audit_auditentry DISABLE TRIGGER append_only")
        cursor.execute(
            "DELETE FROM audit_auditentry WHERE tenant_id = %s AND sequence = ANY(%s)",
            [tenant.pk, list(sequences)],
        )


def sequences(tenant: Tenant, place: int, *, most: int = 10) -> list[int]:
    return [payload.sequence for payload in payloads_after(tenant.pk, place, most=most)]


def test_entries_come_in_order_from_the_place_on_up_to_the_limit(five: Tenant) -> None:
    assert sequences(five, 0) == [1, 2, 3, 4, 5]
    assert sequences(five, 2, most=2) == [3, 4]
    assert sequences(five, 5) == []


def test_what_is_sent_is_byte_for_byte_what_is_stored(five: Tenant) -> None:
    (payload,) = payloads_after(five.pk, 2, most=1)

    stored = AuditEntry.objects.of(five).get(sequence=3)
    assert payload.body == bytes(stored.body)
    assert (payload.id, payload.occurred_at, payload.recorded_at) == (
        stored.id,
        stored.occurred_at,
        stored.recorded_at,
    )
    assert json.loads(payload.body)["details"] == "entry 3"


def test_a_tenant_without_a_log_has_nothing(globex: Tenant) -> None:
    assert sequences(globex, 0) == []


def test_entries_before_a_gap_are_given_and_the_gap_is_an_error_when_it_is_next(five: Tenant) -> None:
    lose(five, 3)

    assert sequences(five, 0) == [1, 2]
    with pytest.raises(EntryMissing, match="Entry 3"):
        sequences(five, 2)


def test_a_gap_at_the_end_is_an_error_too(five: Tenant) -> None:
    LogHead.objects.filter(pk=five.pk).update(last_sequence=6)

    assert sequences(five, 4) == [5]
    with pytest.raises(EntryMissing, match="Entry 6"):
        sequences(five, 5)


def test_a_gap_longer_than_a_window_is_an_error_too(five: Tenant) -> None:
    lose(five, 1, 2, 3)

    with pytest.raises(EntryMissing, match="Entry 1 "):
        sequences(five, 0, most=2)


def test_a_window_ends_where_it_holds_enough_bytes_but_not_before_its_first_entry(
    five: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    size = len(payloads_after(five.pk, 0, most=1)[0].body)

    monkeypatch.setattr(reading, "MOST_BYTES", size + 1)
    assert sequences(five, 0) == [1, 2]

    monkeypatch.setattr(reading, "MOST_BYTES", 1)
    assert sequences(five, 0) == [1]


def keep_leaves(tenant: Tenant, *sequences: int) -> None:
    KeptLeaf.objects.bulk_create(
        KeptLeaf(tenant=tenant, sequence=number, leaf_hash=bytes(32)) for number in sequences
    )


def test_what_retention_removed_is_told_from_what_is_missing(
    five: Tenant, globex: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep_leaves(five, 2, 3, 5)
    keep_leaves(globex, 1, 4)

    assert [removed_after(five.pk, place) for place in range(6)] == [0, 2, 1, 0, 1, 0]

    monkeypatch.setattr(reading, "MOST_REMOVED", 1)
    assert removed_after(five.pk, 1) == 1


def test_streams_that_are_on_or_paused_need_what_follows_the_least_of_their_places(
    acme: Tenant, globex: Tenant, make_stream: MakeStream
) -> None:
    stream = make_stream("splunk_hec")
    Cursor.objects.filter(pk=stream.pk).update(place=1, delivered=1)
    assert still_needed() == {acme.pk: 2}

    make_stream("http_bearer", tenant=globex)
    assert still_needed() == {acme.pk: 2, globex.pk: 1}

    stream.enabled, stream.paused_at = False, NOON
    stream.save()
    assert still_needed() == {acme.pk: 2, globex.pk: 1}

    stream.paused_at = None
    stream.save()
    assert still_needed() == {globex.pk: 1}


def test_what_was_set_aside_is_needed_until_somebody_dismisses_it(
    acme: Tenant, make_stream: MakeStream
) -> None:
    stream = make_stream()
    for _ in range(3):
        make_entry(acme)
    Cursor.objects.filter(pk=stream.pk).update(place=4, delivered=2, set_aside=2)
    for number in (3, 2):
        SetAside.objects.create(
            stream=stream, sequence=number, entry_id=stream.pk, at=NOON, last_tried_at=NOON, reason="No."
        )

    assert still_needed() == {acme.pk: 2}

    SetAside.objects.filter(sequence=2).update(resolution="dismissed", resolved_at=NOON)
    assert still_needed() == {acme.pk: 3}

    stream.enabled = False
    stream.save()
    assert still_needed() == {}


def test_single_entries_are_given_in_order_as_far_as_they_are_there(five: Tenant) -> None:
    assert [payload.sequence for payload in payloads_of(five.pk, [4, 2, 9])] == [2, 4]
