"""What pages show of the installation itself."""

from __future__ import annotations

from datetime import datetime

from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from auditsite.health import WORKER_SILENT
from streaming.models import WorkerSeen


def page(request: HttpRequest) -> dict[str, object]:  # noqa: ARG001 - Django's signature
    """`worker_away`, asked for only where a template shows it: no worker was seen lately."""
    return {"worker_away": SimpleLazyObject(lambda: worker_away(now=timezone.now()))}


def worker_away(*, now: datetime) -> bool:
    """Whether what is asked of workers has nobody to do it."""
    return not WorkerSeen.objects.filter(at__gt=now - WORKER_SILENT).exists()
