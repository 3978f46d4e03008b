"""How long PostgreSQL may take for a question, and which roads it may take to its answer.

Both travel with the question, in the same message: no question costs a round trip more for it, what is stopped breaks
nothing around it, and afterwards nothing is set.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from typing import Any

from django.db import OperationalError, connection
from psycopg.errors import QueryCanceled

_LEAST = 0.001
_SHORT = {"jit": "off", "max_parallel_workers_per_gather": "0"}
_QUESTIONS = ("SELECT", "(", "WITH")
_PLACE = "limited"


class TookTooLong(RuntimeError):
    """A question was stopped because its time was over."""


@dataclass(frozen=True, slots=True)
class _Rules:
    until: float | None = None
    settings: Mapping[str, str] = field(default_factory=dict)


_NO_RULES = _Rules()
_rules: ContextVar[_Rules] = ContextVar("rules", default=_NO_RULES)


@contextmanager
def time_limit(*, seconds: float) -> Iterator[None]:
    """Stop what PostgreSQL is asked inside when so much time has passed, all questions together. Raises TookTooLong.

    A limit inside another one never lasts longer than that. Inside, plans are serial and not compiled: both cost more
    than they gain where an answer takes milliseconds.
    """
    now, rules = time.monotonic(), _rules.get()
    until = now + seconds if rules.until is None else min(now + seconds, rules.until)
    if until - now < _LEAST:
        raise TookTooLong("no time is left")
    try:
        with _ruled(_Rules(until, {**rules.settings, **_SHORT})):
            yield
    except OperationalError as error:
        if isinstance(error.__cause__, QueryCanceled):
            raise TookTooLong(f"stopped after {seconds:g} s") from None
        raise


@contextmanager
def walking(*, sorting: str = "on") -> Iterator[None]:
    """Inside, indexes are walked and not collected from: an entry's row is only read if it is wanted."""
    rules = _rules.get()
    with _ruled(replace(rules, settings={**rules.settings, **walk(sorting=sorting)})):
        yield


def walk(*, sorting: str = "on") -> dict[str, str]:
    """PostgreSQL's settings for walking."""
    return {"enable_bitmapscan": "off", "enable_sort": sorting}


@contextmanager
def _ruled(rules: _Rules) -> Iterator[None]:
    before = _rules.set(rules)
    try:
        if _send in connection.execute_wrappers:
            yield
        else:
            with connection.execute_wrapper(_send):
                yield
    finally:
        _rules.reset(before)


def _send(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:  # noqa: FBT001 - Django's signature
    """Send a question with what holds for it around it, as one message, and move on to the question's answer."""
    if many or not sql.startswith(_QUESTIONS):
        return execute(sql, params, many, context)
    settings = _settings()
    before = [f"SET LOCAL {name} = '{value}'" for name, value in settings.items()]
    after = []
    if connection.in_atomic_block:
        # A message by itself is a transaction of its own, which ends all of this; within another one it is undone.
        before.insert(0, f"SAVEPOINT {_PLACE}")
        after = [*(f"SET LOCAL {name} TO DEFAULT" for name in settings), f"RELEASE SAVEPOINT {_PLACE}"]
    try:
        answer = execute("; ".join([*before, sql, *after]), params, many, context)
    except OperationalError as error:
        if after and isinstance(error.__cause__, QueryCanceled):
            execute(f"ROLLBACK TO SAVEPOINT {_PLACE}", None, many, context)
        raise
    for _ in before:
        context["cursor"].nextset()
    return answer


def _settings() -> dict[str, str]:
    rules = _rules.get()
    if rules.until is None:
        return dict(rules.settings)
    left = rules.until - time.monotonic()
    if left < _LEAST:
        raise TookTooLong("no time is left")
    return {**rules.settings, "statement_timeout": f"{int(left * 1000)}ms"}
