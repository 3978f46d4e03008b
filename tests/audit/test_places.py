"""Two roads to the first entries: by walking an index, and by looking words up."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.postgres.search import SearchQuery
from django.db import connection

from audit import places, queries
from audit.models import Tenant
from tests.entries import NOON, make_entry


@pytest.mark.parametrize("road", ["_walked", "_looked_up"])
def test_words_are_found_on_one_road_where_the_other_takes_too_long(
    acme: Tenant, monkeypatch: pytest.MonkeyPatch, road: str
) -> None:
    shown = [make_entry(acme, at=NOON + timedelta(hours=n), details="needle") for n in range(3)]
    found = queries.readable(acme).filter(search=SearchQuery("needle", config="simple"))
    monkeypatch.setattr(places, "_TURNS", (0.25,))
    monkeypatch.setattr(places, road, slowly)

    page = queries.page(found, limit=2)
    newer = queries.page(found, cursor=queries.page(found, cursor=page.older).newer, limit=2)

    assert page.entries == [shown[2], shown[1]]
    assert newer.entries == page.entries
    assert queries.total(found) == queries.Total(3)


@contextmanager
def slowly(asked: Any) -> Iterator[Any]:
    """As where a walk meets nothing: the time that it has is over."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(1)")
    yield asked
