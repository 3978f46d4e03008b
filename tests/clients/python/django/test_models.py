from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

import pytest
from auditsite_client.django.models import OutboxClaim, OutboxEntry
from django.db import connection


def test_rows_say_whose_they_are() -> None:
    until = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)

    assert (str(OutboxEntry(pk=7, tenant="acme")), str(OutboxEntry(pk=8))) == ("acme 7", "entry 8")
    assert (
        str(OutboxClaim(tenant="acme", holder=UUID(int=1), until=until))
        == f"acme: {UUID(int=1)} until {until}"
    )


@pytest.mark.usefixtures("outbox_db")
def test_what_waits_is_found_by_an_index_however_much_was_set_aside() -> None:
    OutboxEntry.objects.bulk_create(OutboxEntry(body="{}", set_aside="no such event") for _ in range(2_000))
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE {OutboxEntry._meta.db_table}")

    plan = OutboxEntry.objects.filter(tenant="", set_aside="").order_by("id")[:10].explain()

    assert "audit_outbox_waiting" in plan
