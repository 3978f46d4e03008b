from __future__ import annotations

import pytest
from django.http import QueryDict

from audit import queries
from audit.drafts import Target
from audit.filters import AuditEntryFilter, filtered
from audit.models import AuditEntry, Tenant
from tests.entries import NOON, make_entry


def found(tenant: Tenant, **asked: str) -> list[int]:
    query = QueryDict(mutable=True)
    query.update({name.replace("not_", "not."): text for name, text in asked.items()})
    entries = filtered(queries.readable(tenant), query, tenant=tenant, now=NOON)
    return sorted(entries.values_list("sequence", flat=True))


def test_a_word_is_found_by_its_beginning_and_a_phrase_as_a_whole_and_in_order(acme: Tenant) -> None:
    make_entry(acme, details="Phishing triage of the morning.")
    make_entry(acme, details="Triage: phishing!")
    make_entry(acme, details="Phishing, and triage")

    assert found(acme, q="phish tri") == found(acme, q="phish* tri*") == [1, 2, 3]
    assert found(acme, q='"phishing triage"') == found(acme, q="phishing-tri") == [1]
    assert found(acme, q='"phishing tri"') == found(acme, q='"phish"') == []
    assert found(acme, q='"triage phishing" phish') == [2]


def test_what_is_without_is_left_out_word_or_phrase(acme: Tenant) -> None:
    make_entry(acme, details="Phishing triage")
    make_entry(acme, details="Triage, phishing")
    make_entry(acme, details="Backup")

    assert found(acme, q="-backup") == [1, 2]
    assert found(acme, q='-"phishing triage"') == [2, 3]
    assert found(acme, q='triage -"phishing triage"') == [2]
    assert found(acme, q="-phish -back") == []


def test_what_no_text_can_hold_leaves_nothing_out(acme: Tenant) -> None:
    make_entry(acme)

    assert found(acme, q="workflow -½🙂") == [1]


def test_an_address_is_its_parts_side_by_side(acme: Tenant) -> None:
    make_entry(acme, by="ana@acme.example", details="To bob@globex.example")

    assert found(acme, q="ana@acme.ex") == found(acme, q="bob@globex.example") == [1]
    assert found(acme, q="ana@globex.example") == []


def test_what_was_acted_on_is_found_by_its_type_id_and_name(acme: Tenant) -> None:
    make_entry(acme, target=Target("dashboard", id="D-77", name="Night shift"))
    make_entry(acme)

    assert found(acme, q="dashb") == found(acme, q="D-77") == found(acme, q='"night shift"') == [1]
    assert found(acme, q="-dashboard") == [2]


def test_details_are_searched_alone_and_turned_round(acme: Tenant) -> None:
    make_entry(acme, details="Dry run", by="nightly")
    make_entry(acme, details="Nightly run", by="nightly")

    assert found(acme, details="run -dry") == found(acme, details="night") == [2]
    assert found(acme, not_details="dry") == [2]
    assert found(acme, details='"run nightly"') == []


@pytest.mark.parametrize("text", ["\\", "'", "a\\' | b", "x:*A", "(&", "!", "<2>", '"a <-> b"', "-'", '-"\\'])
def test_signs_mean_nothing_to_the_database(acme: Tenant, text: str) -> None:
    make_entry(acme)
    for name in ("q", "details"):
        filters = AuditEntryFilter({name: text}, queryset=queries.readable(acme), tenant=acme, now=NOON)

        assert filters.problems or list(filters.found) is not None


def test_details_are_found_by_their_words_as_by_their_letters_first(acme: Tenant) -> None:
    """Signs of other scripts have small forms that are letters of ours: Turkish İ, the Kelvin sign."""
    for details in (
        "İSTANBUL plan",
        "300 \u212aelvin",
        "Größe: 7",
        "triage",
        "TRIAGE-2",
        "retriage",
        "re triage",
    ):
        make_entry(acme, details=details)

    for word in ("istanbul", "kelvin", "größe", "triage", "TRIAGE", "7", "elvin", "triage 2", "stanbul"):
        by_words = AuditEntry.objects.of(acme).extra(
            where=[
                "to_tsvector('simple', translate(details, '-:', '  ')) @@ websearch_to_tsquery('simple', %s)"
            ],
            params=[word],
        )
        exact = f'"{word}"'
        assert found(acme, details=exact) == sorted(by_words.values_list("sequence", flat=True)), word
