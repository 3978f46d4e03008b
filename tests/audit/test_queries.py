from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from audit import queries
from audit.models import Tenant, Workspace
from audit.queries import BadCursor, Cursor
from tests.entries import NOON, make_entry


def walk(tenant: Tenant, *, limit: int) -> list[int]:
    """The sequences of the whole log, page by page, newest first."""
    entries, cursor, seen = queries.readable(tenant), None, list[int]()
    while True:
        page = queries.page(entries, cursor=cursor, limit=limit)
        seen += [entry.sequence for entry in page.entries]
        cursor = page.older
        if cursor is None:
            return seen


def test_pages_show_each_entry_once_newest_first_also_where_times_are_equal(acme: Tenant) -> None:
    for minute in (5, 1, 1, 3, 1, 5, 2):
        make_entry(acme, at=NOON + timedelta(minutes=minute))

    assert walk(acme, limit=2) == [6, 1, 4, 7, 5, 3, 2]
    assert walk(acme, limit=7) == walk(acme, limit=100) == walk(acme, limit=2)


def test_the_newer_page_is_the_one_that_the_reader_came_from(acme: Tenant) -> None:
    for minute in range(9):
        make_entry(acme, at=NOON + timedelta(minutes=minute))
    entries = queries.readable(acme)
    first = queries.page(entries, limit=3)
    second = queries.page(entries, cursor=first.older, limit=3)

    back = queries.page(entries, cursor=second.newer, limit=3)

    assert [e.sequence for e in second.entries] == [6, 5, 4]
    assert [e.sequence for e in back.entries] == [9, 8, 7]
    assert back.newer is None
    assert back.older == first.older


def test_entries_that_arrive_move_nothing_under_the_reader(acme: Tenant) -> None:
    for minute in range(6):
        make_entry(acme, at=NOON + timedelta(minutes=minute))
    entries = queries.readable(acme)
    first = queries.page(entries, limit=3)
    make_entry(acme, at=NOON + timedelta(hours=1))

    second = queries.page(entries, cursor=first.older, limit=3)
    newer = queries.page(entries, cursor=second.newer, limit=3)

    assert [e.sequence for e in second.entries] == [3, 2, 1]
    assert [e.sequence for e in newer.entries] == [6, 5, 4]
    assert newer.newer is not None


def test_an_empty_log_is_one_page_without_neighbours(acme: Tenant) -> None:
    assert queries.page(queries.readable(acme)) == queries.Page([], None, None)


def test_a_cursor_comes_back_from_its_text(acme: Tenant) -> None:
    cursor = Cursor("older", NOON + timedelta(microseconds=123_457), 2**40)

    assert Cursor.read(cursor.sign(acme), acme) == cursor


def test_a_cursor_of_another_tenant_or_a_forged_one_is_refused(acme: Tenant, globex: Tenant) -> None:
    token = Cursor("older", NOON, 7).sign(globex)

    for forged in (token, "", "x", token[:-1], "a:b:c", "\x00"):
        with pytest.raises(BadCursor, match="Start again"):
            Cursor.read(forged, acme)


def test_no_tenant_reads_what_another_recorded(acme: Tenant, globex: Tenant) -> None:
    make_entry(globex)
    mine = make_entry(acme)

    assert list(queries.readable(acme)) == [mine]


def test_a_viewer_reads_named_workspaces_only(acme: Tenant, soc: Workspace, lab: Workspace) -> None:
    seen = make_entry(acme, workspace=soc)
    make_entry(acme, workspace=lab)
    make_entry(acme)

    assert list(queries.readable(acme, workspaces=frozenset({soc.pk}))) == [seen]
    assert not queries.readable(acme, workspaces=frozenset()).exists()
    assert queries.page(queries.readable(acme, workspaces=frozenset())) == queries.Page([], None, None)


def test_an_entry_is_found_among_those_that_may_be_read(acme: Tenant, globex: Tenant) -> None:
    entry = make_entry(acme)

    assert queries.find(queries.readable(acme), entry.pk) == entry
    assert queries.find(queries.readable(globex), entry.pk) is None
    assert queries.find(queries.readable(acme), None) is None


def test_a_count_is_exact_up_to_its_cap(acme: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(4):
        make_entry(acme)

    monkeypatch.setattr(queries, "COUNTED", 4)
    assert str(queries.total(queries.readable(acme))) == "4"
    monkeypatch.setattr(queries, "COUNTED", 3)
    assert queries.total(queries.readable(acme)) == queries.Total(3, capped=True)
    assert str(queries.Total(10_000, capped=True)) == "10,000+"
    assert str(queries.Total(None)) == "many"


def test_a_page_is_found_by_place_and_skips_no_rows(
    acme: Tenant,
) -> None:
    make_entry(acme, at=NOON - timedelta(hours=1))
    cursor = Cursor("older", NOON, 7)

    with CaptureQueriesContext(connection) as asked:
        [found] = queries.page(queries.readable(acme).defer("body"), cursor=cursor).entries

    assert not [one["sql"] for one in asked.captured_queries if "OFFSET" in one["sql"]]
    *_, question = [one["sql"] for one in asked.captured_queries if "ROW(" in one["sql"]]
    assert '"occurred_at" <= ' in question
    assert '"parameters"' not in question.partition(" LATERAL ")[0]
    assert '"body"' not in question
    assert found.get_deferred_fields() == {"body"}


def test_the_place_in_the_log_is_found_by_the_primary_key(acme: Tenant) -> None:
    entries = queries._beyond(queries.readable(acme), Cursor("older", NOON, 7)).order_by(
        *queries.NEWEST_FIRST
    )[:51]

    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_bitmapscan = off")
    plan = entries.explain()

    assert "Index Cond: ((tenant_id = " in plan
    assert "ROW(occurred_at, sequence) < ROW(" in plan
    assert "->  Sort" not in plan


def test_the_last_sequence_of_a_log_is_known_without_looking_at_it(acme: Tenant) -> None:
    assert queries.last_sequence(acme) == 0

    make_entry(acme)

    assert queries.last_sequence(acme) == 1
