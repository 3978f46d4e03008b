"""Composition root. Importing it makes the Celery application known to `shared_task`."""

from __future__ import annotations

from auditsite.celery import app as celery_app

__all__ = ["celery_app"]
