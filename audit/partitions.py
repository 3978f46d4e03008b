"""The log's partitions, one a month of `occurred_at`, and how they are worked on without holding anybody up.

A month is made beside the log and attached, which locks the default partition alone. Whatever cannot have its lock
within LOCK_TIMEOUT gives way and comes again later (docs/decisions/0007).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, TypeVar

import dj_database_url
from django.conf import settings
from django.db import IntegrityError, OperationalError, connection, connections, transaction
from django.db.backends.utils import CursorWrapper
from psycopg.errors import CheckViolation, LockNotAvailable, QueryCanceled

LOG = "audit_auditentry"
DEFAULT = f"{LOG}_default"
# Below PostgreSQL's deadlock_timeout (1 s): where two wait for each other it is always maintenance that gives way.
# While it waits, those who come after it wait as well.
LOCK_TIMEOUT = "300ms"
TRIES = 5
PAUSE = 0.2

Result = TypeVar("Result")


class Busy(Exception):
    """Somebody else works on the log in a way that leaves no room for this now; nothing was changed."""


@dataclass(frozen=True, slots=True)
class Month:
    """An attached partition: entries with `first` <= occurred_at < `until`."""

    name: str
    first: datetime
    until: datetime


@contextmanager
def as_owner() -> Iterator[None]:
    """This thread's database connection is that of the role which owns the log's tables, where one was set.

    `AUDITSITE_RETENTION_DATABASE_URL`; without it, the application's own role is the owner.
    """
    if not settings.RETENTION_DATABASE_URL:
        yield
        return
    usual = connections["default"]
    owner: Any = usual.copy()
    owner.settings_dict |= {"OPTIONS": {}, **dj_database_url.parse(settings.RETENTION_DATABASE_URL)}
    connections["default"] = owner
    try:
        yield
    finally:
        owner.close()
        connections["default"] = usual


@contextmanager
def alone() -> Iterator[None]:
    """One maintenance of the log at a time, whoever starts it. Raises Busy."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(hashtext('auditsite'), hashtext('maintenance'))")
        if cursor.fetchone() != (True,):
            raise Busy("Another process looks after the log's partitions at the moment.")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(hashtext('auditsite'), hashtext('maintenance'))")


@contextmanager
def patient() -> Iterator[CursorWrapper]:
    """A transaction that waits for no lock longer than LOCK_TIMEOUT. Raises Busy instead."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'")
            yield cursor
    except OperationalError as error:
        if isinstance(error.__cause__, LockNotAvailable | QueryCanceled):
            raise Busy("The log is in use: its lock was not to be had in time.") from error
        raise


def several_times(work: Callable[[], Result]) -> Result:
    """Do the work; while it is Busy, again after a pause, TRIES times in all."""
    for number in range(1, TRIES):
        try:
            return work()
        except Busy:
            time.sleep(PAUSE * number)
    return work()


def months() -> list[Month]:
    """The attached months, oldest first."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT name, bounds[1]::timestamptz, bounds[2]::timestamptz FROM (
                SELECT c.relname AS name, regexp_match(
                    pg_get_expr(c.relpartbound, c.oid), $$FROM \\('(.+)'\\) TO \\('(.+)'\\)$$) AS bounds
                FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = %s::regclass
            ) AS attached WHERE bounds IS NOT NULL ORDER BY 2
            """,
            [LOG],
        )
        return [Month(*row) for row in cursor.fetchall()]


def make_month(day: date) -> None:
    """Make and attach the month of this day, unless it is there. Raises Busy."""
    try:
        with patient() as cursor:
            cursor.execute("SELECT audit_make_month(%s)", [day])
    except IntegrityError as error:
        if isinstance(error.__cause__, CheckViolation):
            raise Busy(f"Strays came in for {name_of(day)}: they have to be moved first.") from error
        raise


def month_of(now: datetime, number: int) -> date:
    """The first day of the month that lies `number` months from now's."""
    today = now.astimezone(UTC)
    years, month = divmod(today.month - 1 + number, 12)
    return date(today.year + years, month + 1, 1)


def name_of(day: date) -> str:
    """What the partition of this day's month is called."""
    return f"{LOG}_{day:%Y_%m}"
