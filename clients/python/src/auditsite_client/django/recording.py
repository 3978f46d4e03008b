"""`record()` by way of the queue on disk; `record_in_transaction()` by way of a table of the producer's own."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from typing import Unpack

from django.db import DEFAULT_DB_ALIAS, transaction

from auditsite_client.context import current
from auditsite_client.django.configured import client_for, configured
from auditsite_client.django.models import OutboxEntry
from auditsite_client.django.nudging import nudge
from auditsite_client.entries import Fields, make


def record(event: str, *, tenant: str = "", **given: Unpack[Fields]) -> str:
    """Keep an entry on disk, whatever becomes of the transaction; for what happened even if it is rolled back."""
    return client_for(tenant).record(event, **given)


def record_in_transaction(
    event: str, *, tenant: str = "", using: str = DEFAULT_DB_ALIAS, **given: Unpack[Fields]
) -> str:
    """Write an entry into the outbox: it is sent if the transaction commits, and never was if it does not.

    `tenant` is what the settings' KEY is asked with; `using` the database of the transaction. Returns the
    `external_id`.
    """
    made = make(event, given, context=current(), now=datetime.now(UTC))
    OutboxEntry.objects.using(using).create(tenant=tenant, body=made.body.decode())
    if configured().get("NUDGE", True):
        transaction.on_commit(partial(nudge, using), using=using)
    return made.external_id
