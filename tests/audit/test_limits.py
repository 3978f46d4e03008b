from __future__ import annotations

from collections.abc import Iterator
from contextlib import nullcontext

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoDbBlocker

from audit import limits, queries
from audit.models import AuditEntry, Tenant
from tests.entries import make_entry


@pytest.fixture
def by_itself(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:  # noqa: ARG001 - there is a database
    """Each question in a transaction of its own, as pages ask; nothing is written."""
    with django_db_blocker.unblock():
        yield


def test_a_question_that_takes_too_long_is_stopped_and_others_go_on(acme: Tenant) -> None:
    make_entry(acme)

    with pytest.raises(limits.TookTooLong, match=r"0\.05 s"), limits.time_limit(seconds=0.05):
        AuditEntry.objects.of(acme).extra(where=["pg_sleep(2) IS NOT NULL"]).first()

    assert queries.total(queries.readable(acme)) == queries.Total(1)


@pytest.mark.django_db
@pytest.mark.parametrize("alone", [True, False])
def test_a_time_limit_ends_with_its_block(*, alone: bool) -> None:
    with nullcontext() if alone else transaction.atomic():
        with limits.time_limit(seconds=9):
            with limits.time_limit(seconds=3):
                assert 2_000 < milliseconds() <= 3_000
            assert 8_000 < milliseconds() <= 9_000

        assert milliseconds() == 0


@pytest.mark.usefixtures("by_itself")
def test_what_holds_for_a_question_is_sent_with_it_and_ends_with_it() -> None:
    with CaptureQueriesContext(connection) as asked, limits.time_limit(seconds=9), limits.walking():
        assert setting("enable_bitmapscan") == "off"
        assert setting("jit") == "off"

    assert len(asked) == 2
    assert setting("enable_bitmapscan") == "on"


@pytest.mark.usefixtures("by_itself")
def test_a_question_that_is_stopped_leaves_the_connection_as_it_was() -> None:
    with pytest.raises(limits.TookTooLong), limits.time_limit(seconds=0.05):
        setting("jit' || pg_sleep(2) || '")
    assert milliseconds() == 0

    with transaction.atomic():
        with pytest.raises(limits.TookTooLong), limits.time_limit(seconds=0.05):
            setting("jit' || pg_sleep(2) || '")
        assert milliseconds() == 0


@pytest.mark.django_db
def test_the_time_is_that_of_all_questions_together() -> None:
    with limits.time_limit(seconds=0.5):
        setting("jit' || left(pg_sleep(0.3)::text, 0) || '")
        assert milliseconds() <= 200

        with pytest.raises(limits.TookTooLong), limits.time_limit(seconds=9):
            setting("jit' || pg_sleep(0.3) || '")


def milliseconds() -> int:
    """The time limit that PostgreSQL knows of; 0 is none."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT setting::int FROM pg_settings WHERE name = 'statement_timeout'")
        return int(cursor.fetchone()[0])


def setting(name: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT current_setting('{name}')")
        return str(cursor.fetchone()[0])
