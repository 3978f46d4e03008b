from __future__ import annotations

from dataclasses import replace

import pytest
from django.http import QueryDict
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from audit import drafts, recording
from audit.catalog.lookup import CATALOG
from audit.models import AuditEntry, Tenant, Workspace
from streaming import filtering
from streaming.filtering import FilterUnusable
from streaming.models import Stream
from tests.entries import NOON, make_entry


def sequences(stream: Stream, tenant: Tenant) -> list[int]:
    found = filtering.matching(stream, AuditEntry.objects.of(tenant))
    return list(found.order_by("sequence").values_list("sequence", flat=True))


def test_a_stream_without_a_filter_takes_all_of_its_tenants_entries(acme: Tenant) -> None:
    make_entry(acme)
    make_entry(acme, by="bob@acme.example")

    assert sequences(Stream(tenant=acme), acme) == [1, 2]


def test_a_filter_takes_what_the_page_would_show(acme: Tenant, soc: Workspace) -> None:
    make_entry(acme, workspace=soc)
    make_entry(acme, workspace=soc, by="bob@acme.example")
    make_entry(acme)
    kept = filtering.typed("workspace:soc -by:bob@acme.example", tenant=acme)

    assert sequences(Stream(tenant=acme, entry_filter=kept), acme) == [1]


def test_only_the_given_entries_are_narrowed(acme: Tenant) -> None:
    for _ in range(3):
        make_entry(acme)
    stream = Stream(tenant=acme, entry_filter="by=ana%40acme.example")

    found = filtering.matching(stream, AuditEntry.objects.of(acme).filter(sequence__gt=2))

    assert [entry.sequence for entry in found] == [3]


def test_an_event_of_an_earlier_vocabulary_counts_although_the_given_entries_have_none(acme: Tenant) -> None:
    gone = replace(CATALOG.event("cases.case_shared"), code="cases.gone")
    draft = drafts.Draft(event=gone, actor=drafts.Actor(email="ana@acme.example"))
    recording.record(tenant=acme, draft=draft, now=NOON)
    make_entry(acme)
    stream = Stream(tenant=acme, entry_filter="action=cases.gone")

    found = filtering.matching(stream, AuditEntry.objects.of(acme).filter(sequence=2))

    assert (list(found), sequences(stream, acme)) == ([], [1])


def test_a_saved_filter_that_is_no_longer_valid_is_refused_and_not_ignored(acme: Tenant) -> None:
    stream = Stream(tenant=acme, entry_filter="action=gone.event")

    with pytest.raises(FilterUnusable, match=r"“gone.event” is no event's code"):
        filtering.matching(stream, AuditEntry.objects.of(acme))


def test_two_ways_to_say_the_same_are_kept_as_one(acme: Tenant) -> None:
    address = QueryDict(
        "category=user_actions&by=ana@acme.example&by=ana@acme.example&q=&before=place&entry=x"
    )

    from_the_page = filtering.canonical(address, tenant=acme)
    from_the_box = filtering.typed('category:"User actions" by:ana@acme.example', tenant=acme)

    assert from_the_page == from_the_box == "by=ana%40acme.example&category=user_actions"


def test_a_workspace_is_kept_by_its_id_so_that_a_new_name_changes_nothing(
    acme: Tenant, soc: Workspace
) -> None:
    kept = filtering.typed("workspace:soc", tenant=acme)
    Workspace.objects.filter(pk=soc.pk).update(slug="blue", name="Blue")

    assert kept == f"workspace={soc.pk}"
    assert filtering.as_typed(kept, tenant=acme) == "workspace:blue"
    assert [chip.words for chip in filtering.chips(kept, tenant=acme)] == ["Blue"]


@pytest.mark.parametrize(
    "text",
    ["range:7d", "occurred:7d", "from:2026-11-01", "by:ana@acme.example to:2026-11-05", "range:yesterday"],
)
def test_times_are_refused_with_what_to_do_instead(acme: Tenant, text: str) -> None:
    with pytest.raises(FilterUnusable, match=r"holds no time. Leave out .* sent by a replay"):
        filtering.typed(text, tenant=acme)


def test_an_unknown_key_is_refused_with_those_that_are_known(acme: Tenant) -> None:
    with pytest.raises(FilterUnusable, match=r"“acton” is no filter. Did you mean “action:”.*category, area"):
        filtering.typed("acton:cases.case_shared", tenant=acme)


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ("category=nonsense", "Category: “nonsense” is unknown"),
        ("colour=red", "“colour” is no filter"),
        ("workspace=nowhere", "Workspace: “nowhere” is unknown"),
        ("q=%21", "Search for letters or digits"),
    ],
)
def test_what_cannot_be_used_is_refused_by_its_label(acme: Tenant, query: str, reason: str) -> None:
    with pytest.raises(FilterUnusable, match=reason):
        filtering.canonical(QueryDict(query), tenant=acme)


def test_a_filter_longer_than_the_search_box_is_taken(acme: Tenant) -> None:
    people = [f"person.with.a.long.name.{number}@acme.example" for number in range(30)]

    kept = filtering.typed(" ".join(f"by:{one}" for one in people), tenant=acme)

    assert QueryDict(kept).getlist("by") == sorted(people)


def test_chips_say_each_value_in_words(acme: Tenant) -> None:
    kept = filtering.typed(
        '-by:"svc deploy" category:user_actions p.workflow_name:Triage "dry run"', tenant=acme
    )

    told = [(chip.label, chip.op, chip.words) for chip in filtering.chips(kept, tenant=acme)]

    assert told == [
        ("Category", "is", "User actions"),
        ("Done by", "is not", "svc deploy"),
        ("workflow_name", "is", "Triage"),
        ("Search", "contains", '"dry run"'),
    ]


def test_a_filter_that_is_no_longer_valid_is_still_shown(acme: Tenant) -> None:
    assert [chip.words for chip in filtering.chips("action=gone.event", tenant=acme)] == ["gone.event"]


WORDS = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), min_size=1, max_size=30
).filter(lambda text: text.strip() == text)
NAMES = st.sampled_from(["by", "not.by", "target", "p.workflow_name", "p.a b:c", 'not.p."q"'])


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(pairs=st.lists(st.tuples(NAMES, WORDS), max_size=5))
def test_a_kept_filter_shown_as_typed_text_reads_as_itself(
    acme: Tenant, pairs: list[tuple[str, str]]
) -> None:
    params = QueryDict(mutable=True)
    for name, value in pairs:
        params.appendlist(name, value)
    kept = filtering.canonical(params, tenant=acme)

    assert filtering.typed(filtering.as_typed(kept, tenant=acme), tenant=acme) == kept


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(st.sampled_from('ab -:."\\“”*'), max_size=25))
def test_whatever_was_typed_reads_as_itself_once_it_was_kept(acme: Tenant, text: str) -> None:
    try:
        kept = filtering.typed(text, tenant=acme)
    except FilterUnusable:
        return

    assert filtering.typed(filtering.as_typed(kept, tenant=acme), tenant=acme) == kept
