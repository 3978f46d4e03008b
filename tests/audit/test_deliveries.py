from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest

from audit import deliveries, queries
from audit.deliveries import Delivery
from audit.models import AuditEntry, Tenant
from audit.models.entries import EntryQuerySet
from tests.entries import make_entry


class Courier:
    """Somebody who delivers everything at once."""

    def asked(self, entries: EntryQuerySet) -> EntryQuerySet:
        return entries.filter(sequence__gt=0)

    def told(self, entry: AuditEntry, *, tenant: Tenant) -> Sequence[Delivery]:
        return [Delivery(to=tenant.name, state=f"Delivered {entry.sequence}", tone="ok")]


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    before = list(deliveries._tellers)
    yield
    deliveries._tellers[:] = before


def test_who_delivers_tells_and_the_last_one_alone(acme: Tenant) -> None:
    entry = make_entry(acme)
    deliveries.tell_by(Courier())
    deliveries.tell_by(Courier())

    found = queries.find(deliveries.asked(queries.readable(acme)), entry.pk)

    assert found == entry
    assert [one.state for one in deliveries.told(entry, tenant=acme)] == ["Delivered 1"]


def test_where_nobody_delivers_nothing_is_claimed(acme: Tenant) -> None:
    entry = make_entry(acme)
    deliveries._tellers.clear()

    assert deliveries.asked(queries.readable(acme)).get() == entry
    assert deliveries.told(entry, tenant=acme) == ()
