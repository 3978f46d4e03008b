from __future__ import annotations

from collections.abc import Iterator
from uuid import uuid4

import psycopg
import pytest
from django.db import connection

from audit import knowing
from audit.drafts import Place
from tests.entries import draft


@pytest.fixture
def other() -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    parameters = connection.get_connection_params() | {"cursor_factory": psycopg.Cursor}
    with psycopg.connect(**parameters) as made:
        yield made


@pytest.mark.usefixtures("committing_db")
def test_what_was_done_goes_with_the_connection() -> None:
    acme, kind = uuid4(), knowing.kind_of(draft())
    _, known = knowing.connected()

    assert known.lacks(acme, {kind}) == [kind]
    known.note(acme, [kind])
    assert knowing.connected()[1].lacks(acme, {kind}) == []
    assert knowing.connected()[1].lacks(uuid4(), {kind}) == [kind]

    connection.close()
    assert knowing.connected()[1].lacks(acme, {kind}) == [kind]


def test_memory_of_kinds_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(knowing, "MOST_KINDS", 3)
    known, kind = knowing.Known(), knowing.kind_of(draft())
    tenants = [uuid4() for _ in range(10)]

    for tenant in tenants:
        known.note(tenant, [kind])

    assert len(known._kinds) <= 3
    assert known.lacks(tenants[-1], {kind}) == []


def test_a_kind_tells_apart_what_is_in_a_workspace_and_what_is_not() -> None:
    inside = draft(workspace=Place(uuid4(), "soc", "SOC"), outcome="failure")

    assert knowing.kind_of(inside)[-2:] == ("failure", True)
    assert knowing.kind_of(draft())[-2:] == ("success", False)
    assert all(type(part) in {str, bool} for part in knowing.kind_of(inside))


@pytest.mark.usefixtures("committing_db")
def test_a_connection_that_the_server_ended_is_not_quiet(
    other: psycopg.Connection[tuple[object, ...]],
) -> None:
    kept, _ = knowing.connected()
    assert knowing.is_quiet()

    other.execute("SELECT pg_terminate_backend(%s, 5000)", [kept.info.backend_pid])

    assert not knowing.is_quiet()
