"""A database for tests that commit: several connections see each other's work.

Entries cannot be removed, so that nothing could clean up after such a test. Each gets a copy of the test database,
which goes when the test ends.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection
from pytest_django import DjangoDbBlocker


@pytest.fixture
def committing_db(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:  # noqa: ARG001
    """Opens a copy of the database, for all threads; what is committed stays until the test ends."""
    with django_db_blocker.unblock():
        connection.close()
        original = connection.settings_dict["NAME"]
        copy = f"{original}_committing"
        _run(f'CREATE DATABASE "{copy}" TEMPLATE "{original}"')
        connection.settings_dict["NAME"] = copy
        try:
            yield
        finally:
            connection.close()
            connection.settings_dict["NAME"] = original
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


def _run(sql: str) -> None:
    with connection._nodb_cursor() as cursor:
        cursor.execute(sql)
