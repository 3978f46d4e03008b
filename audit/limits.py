"""How long PostgreSQL may take for a question, and which roads it may take to its answer."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.db import OperationalError, connection, transaction
from psycopg.errors import QueryCanceled

_LEAST = 0.001
_until: ContextVar[float | None] = ContextVar("until", default=None)
_SHORT = {"jit": "off", "max_parallel_workers_per_gather": "0"}


class TookTooLong(RuntimeError):
    """A question was stopped because its time was over."""


@contextmanager
def time_limit(*, seconds: float) -> Iterator[None]:
    """Stop what PostgreSQL is asked inside after so long. Raises TookTooLong.

    A limit inside another one never lasts longer than that. Inside, plans are serial and not compiled: both cost more
    than they gain where an answer takes milliseconds.
    """
    outer = _until.get()
    left = seconds if outer is None else min(seconds, outer - time.monotonic())
    if left < _LEAST:
        raise TookTooLong("no time is left")
    within = _until.set(time.monotonic() + left)
    try:
        nested = connection.in_atomic_block
        with transaction.atomic():
            before = _set(statement_timeout=f"{int(left * 1000)}ms", **_SHORT)
            yield
            if nested:
                _set(**before)
    except OperationalError as error:
        if isinstance(error.__cause__, QueryCanceled):
            raise TookTooLong(f"stopped after {seconds:g} s") from None
        raise
    finally:
        _until.reset(within)


@contextmanager
def walking(*, sorting: str = "on") -> Iterator[None]:
    """Inside, indexes are walked and not collected from: an entry's row is only read if it is wanted."""
    with transaction.atomic():
        before = _set(enable_bitmapscan="off", enable_sort=sorting)
        yield
        _set(**before)


def _set(**wanted: str) -> dict[str, str]:
    """Set these until the transaction ends; gives what they were."""
    now = ", ".join(["current_setting(%s)"] * len(wanted))
    then = ", ".join(["set_config(%s, %s, true)"] * len(wanted))
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {now}, {then}", [*wanted, *(part for pair in wanted.items() for part in pair)]
        )
        return dict(zip(wanted, cursor.fetchone(), strict=False))
