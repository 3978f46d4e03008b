from __future__ import annotations

import pytest
from django.db import connection

from audit import limits, queries
from audit.models import AuditEntry, Tenant
from tests.entries import make_entry


def test_a_question_that_takes_too_long_is_stopped_and_others_go_on(acme: Tenant) -> None:
    make_entry(acme)

    with pytest.raises(limits.TookTooLong, match=r"0\.05 s"), limits.time_limit(seconds=0.05):
        AuditEntry.objects.of(acme).extra(where=["pg_sleep(2) IS NOT NULL"]).first()

    assert queries.total(queries.readable(acme)) == queries.Total(1)


@pytest.mark.django_db
def test_a_time_limit_ends_with_its_block() -> None:
    with limits.time_limit(seconds=9):
        with limits.time_limit(seconds=3):
            assert setting() == "3s"
        assert setting() == "9s"

    assert setting() == "0"


def setting() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SHOW statement_timeout")
        return str(cursor.fetchone()[0])
