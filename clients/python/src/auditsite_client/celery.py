"""The context goes with a task: who pressed the button is the actor of what the worker records.

    from auditsite_client.celery import carry_context
    carry_context()

once, in the producer's processes and in the workers (the module that makes the Celery app is the place).
"""

from __future__ import annotations

from collections.abc import MutableMapping
from contextvars import Token
from typing import Any

from celery import signals

from auditsite_client.context import Context, current, enter, leave, unpacked

HEADER = "auditsite_context"
_entered: dict[str, Token[Context]] = {}


def carry_context() -> None:
    """Connect the signals; a second call changes nothing."""
    signals.before_task_publish.connect(_pack, dispatch_uid="auditsite")
    signals.task_prerun.connect(_unpack, dispatch_uid="auditsite")
    signals.task_postrun.connect(_forget, dispatch_uid="auditsite")


def _pack(headers: MutableMapping[str, Any], **_: Any) -> None:
    if packed := current().packed():
        headers.setdefault(HEADER, packed)


def _unpack(task_id: str, task: Any, **_: Any) -> None:
    """An eager task has no header: it runs in the caller's own context."""
    packed = getattr(task.request, HEADER, None)
    if packed is not None or not (task.request.called_directly or task.request.is_eager):
        _entered[task_id] = enter(unpacked(packed or {}))


def _forget(task_id: str, **_: Any) -> None:
    if (token := _entered.pop(task_id, None)) is not None:
        leave(token)
