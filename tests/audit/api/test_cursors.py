"""Cursors: back to the same place, for the same tenant and query, and for no other."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.http import QueryDict

from audit.api.answers import Refusal
from audit.api.cursors import Cursors
from audit.models import Tenant
from audit.queries import Cursor
from tests.entries import NOON

ACME = Tenant(id=uuid4(), slug="acme", name="Acme")


def _cursors(query: str = "", *, cursor: str | None = None, tenant: Tenant = ACME) -> Cursors:
    return Cursors.of(tenant, QueryDict(f"{query}&cursor={cursor or ''}"))


def test_a_place_is_found_again_to_the_microsecond() -> None:
    place = Cursor("newer", NOON + timedelta(microseconds=123_457), 2**40)

    token = _cursors("a=1").at_page(place)

    assert _cursors("a=1", cursor=token).page() == place
    assert _cursors(cursor=_cursors().at_sequence(41)).sequence() == 41


def test_without_a_cursor_reading_begins_at_the_beginning() -> None:
    assert (_cursors().page(), _cursors().sequence()) == (None, 0)
    assert _cursors().at_page(None) is None


def test_limit_and_the_order_of_names_and_values_make_no_other_query() -> None:
    token = _cursors("a=1&b=2&b=3&limit=5").at_sequence(7)

    assert _cursors("b=3&b=2&limit=9&a=1", cursor=token).sequence() == 7


@pytest.mark.parametrize(
    ("query", "tenant"),
    [("a=2", ACME), ("a=1&b=1", ACME), ("", ACME), ("a=1&order=sequence", ACME), ("a=1", Tenant(id=uuid4()))],
)
def test_another_query_or_tenant_refuses_it(query: str, tenant: Tenant) -> None:
    token = _cursors("a=1").at_sequence(7)

    with pytest.raises(Refusal, match="not of this query"):
        _cursors(query, cursor=token, tenant=tenant).sequence()


@pytest.mark.parametrize("query", ["a=1", "a=1&a=3", "a=1&a=2&a=3", "a=2"])
def test_every_value_of_a_name_belongs_to_the_query(query: str) -> None:
    token = _cursors("a=1&a=2").at_sequence(7)

    with pytest.raises(Refusal, match="not of this query"):
        _cursors(query, cursor=token).sequence()


def test_a_place_of_the_other_order_is_refused() -> None:
    with pytest.raises(Refusal):
        _cursors(cursor=_cursors().at_sequence(7)).page()
