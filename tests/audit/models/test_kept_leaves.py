from __future__ import annotations

import pytest
from django.db import DatabaseError, transaction

from audit.models import KeptLeaf, Tenant


@pytest.fixture
def kept(acme: Tenant) -> KeptLeaf:
    return KeptLeaf.objects.create(tenant=acme, sequence=41, leaf_hash=bytes(range(32)))


def test_a_leaf_is_named_by_its_place(kept: KeptLeaf, acme: Tenant) -> None:
    assert str(kept) == f"{acme.pk} 41"


def test_a_leaf_is_neither_changed_nor_removed(kept: KeptLeaf) -> None:
    leaves = KeptLeaf.objects.filter(sequence=kept.sequence)

    for change in (leaves.delete, lambda: leaves.update(leaf_hash=bytes(32))):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            change()
    assert bytes(leaves.get().leaf_hash) == bytes(range(32))


@pytest.mark.parametrize("length", [0, 31, 33])
def test_a_leaf_is_a_whole_hash(acme: Tenant, length: int) -> None:
    with pytest.raises(DatabaseError, match="kept_leaf_length"), transaction.atomic():
        KeptLeaf.objects.create(tenant=acme, sequence=1, leaf_hash=bytes(length))
    with pytest.raises(DatabaseError), transaction.atomic():
        KeptLeaf.objects.bulk_create([KeptLeaf(tenant=acme, sequence=1, leaf_hash=bytes(32))] * 2)
