from __future__ import annotations

import json
from datetime import UTC, datetime
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import transaction

from audit.models import AuditEntry, Tenant
from audit.partitions import month_of, name_of
from tests.committing import workers
from tests.entries import make_entry

STRAY = datetime(datetime.now(UTC).year - 5, 3, 15, tzinfo=UTC)


def maintained(*arguments: str) -> str:
    out = StringIO()
    call_command("maintain_partitions", *arguments, stdout=out)
    return out.getvalue()


def test_strays_are_moved_and_the_numbers_told_as_json(acme: Tenant) -> None:
    make_entry(acme, at=STRAY)
    make_entry(acme, at=datetime(1970, 1, 1, tzinfo=UTC))

    answer = json.loads(maintained("--json"))

    assert answer == {"made": [], "moved": 1, "strays": 1, "later": ""}
    assert name_of(month_of(STRAY, 0)) == f"audit_auditentry_{STRAY:%Y_%m}"


def test_the_round_is_told_in_words(acme: Tenant) -> None:
    make_entry(acme, at=STRAY)
    make_entry(acme, at=datetime(1970, 1, 1, tzinfo=UTC))

    assert maintained() == (
        "Made: nothing, all months are there.\nMoved out of the default partition: 1.\n"
        "Left in it, written by clocks that are years off: 1.\n"
    )


@pytest.mark.usefixtures("committing_db")
def test_what_has_to_wait_is_told() -> None:
    make_entry(Tenant.objects.create(slug="acme", name="Acme"), at=STRAY)

    with workers(1) as start, transaction.atomic():
        assert AuditEntry.objects.count() == 1
        assert "Left for later: The log is in use" in start(maintained).result(timeout=30)
