"""A database for tests that commit: several connections see each other's work.

Entries cannot be removed, so that nothing could clean up after such a test. Each gets a copy of the test database,
which goes when the test ends.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.backends.base.creation import TEST_DATABASE_PREFIX
from django.test.utils import setup_databases, teardown_databases
from pytest_django import DjangoDbBlocker


@pytest.fixture(scope="session")
def database_to_copy(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[str]:  # noqa: ARG001
    """The test database. pytest-django makes none for a run in which no test asks for its own `db`."""
    made = []
    with django_db_blocker.unblock():
        if not connection.settings_dict["NAME"].startswith(TEST_DATABASE_PREFIX):
            made = setup_databases(verbosity=0, interactive=False)
    yield connection.settings_dict["NAME"]
    with django_db_blocker.unblock():
        teardown_databases(made, verbosity=0)


@pytest.fixture
def committing_db(database_to_copy: str, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Opens a copy of the database, for all threads; what is committed stays until the test ends."""
    copy = f"{database_to_copy}_committing"
    with django_db_blocker.unblock():
        connection.close()
        _run(f'DROP DATABASE IF EXISTS "{copy}" WITH (FORCE)')  # of a run that was killed
        _run(f'CREATE DATABASE "{copy}" TEMPLATE "{database_to_copy}"')
        connection.settings_dict["NAME"] = copy
        try:
            yield
        finally:
            connection.close()
            connection.settings_dict["NAME"] = database_to_copy
            _run(f'DROP DATABASE "{copy}" WITH (FORCE)')
            connection.close()


@contextmanager
def workers(number: int) -> Iterator[Callable[..., Future[Any]]]:
    """Threads with a connection of their own each: call what it gives with a function and its arguments."""

    def alone(work: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        try:
            return work(*args, **kwargs)
        finally:
            connection.close()

    with ThreadPoolExecutor(number) as pool:
        yield lambda work, *args, **kwargs: pool.submit(alone, work, *args, **kwargs)


def while_it_waits(first: Callable[[], object], second: Callable[[], Any]) -> Any:
    """What `second` gives that came while `first` was done but not committed."""
    with workers(1) as start:
        with transaction.atomic():
            first()
            waiting = start(second)
            wait_for_a_lock()
        return waiting.result(10)


def wait_for_a_lock(*, seconds: float = 30) -> None:
    """Until somebody else waits for what this transaction holds."""
    deadline = time.monotonic() + seconds
    while not _somebody_waits():
        assert time.monotonic() < deadline, "nobody waits for a lock"
        time.sleep(0.01)


def _somebody_waits() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM pg_locks JOIN pg_stat_activity USING (pid)"
            " WHERE NOT granted AND datname = current_database())"
        )
        return bool(cursor.fetchone()[0])


def _run(sql: str) -> None:
    with connection._nodb_cursor() as cursor:
        cursor.execute(sql)
