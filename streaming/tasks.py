"""Celery's doorbells: load, one call, perhaps come again."""

from __future__ import annotations

from typing import Any
from uuid import UUID


def nudge(sender: Any, tenant_id: UUID, **_: Any) -> None:
    """Placeholder until the engine stands."""
