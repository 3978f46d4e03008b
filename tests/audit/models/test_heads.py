"""The head of a log counts, and only upwards (that it refuses to go back: `test_entries`)."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction

from audit.models import LogHead, Tenant


def test_a_head_begins_at_zero_and_is_never_below(acme: Tenant, globex: Tenant) -> None:
    assert LogHead.objects.create(tenant=acme).last_sequence == 0
    with pytest.raises(IntegrityError), transaction.atomic():
        LogHead.objects.create(tenant=globex, last_sequence=-1)


def test_a_head_says_whose_it_is_and_where_it_stands(acme: Tenant) -> None:
    assert str(LogHead(tenant=acme, last_sequence=41)) == f"{acme.pk} at 41"
