"""Is it alive, is it ready, how is it: for load balancers, supervisors and Prometheus."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import redis
from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone

from auditsite.metrics import exposition
from streaming.models import WorkerSeen

# The sweep leaves a mark every 2 s; a worker not heard of for this long is not there.
WORKER_SILENT = timedelta(seconds=30)


class NotReady(Exception):
    """A part that the product needs is away; the text says which and why."""


def alive(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 - Django's signature
    """The process answers, whatever else is away."""
    return HttpResponse("ok\n", content_type="text/plain")


def ready(request: HttpRequest) -> JsonResponse:  # noqa: ARG001 - Django's signature
    """Database, broker, migrations and a worker seen lately: 200, or 503 with what is missing."""
    found = {name: _outcome(check) for name, check in CHECKS.items()}
    ok = all(outcome == "ok" for outcome in found.values())
    return JsonResponse({"ready": ok, "checks": found}, status=200 if ok else 503)


def metrics(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 - Django's signature
    """Prometheus text format. No tenant is named in it."""
    body, content_type = exposition(now=timezone.now())
    return HttpResponse(body, content_type=content_type)


def _outcome(check: Callable[[], None]) -> str:
    try:
        check()
    except (NotReady, DatabaseError, redis.RedisError) as error:
        return str(error).strip().splitlines()[0] if str(error) else type(error).__name__
    return "ok"


def _database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def _broker() -> None:
    with redis.Redis.from_url(settings.REDIS_URL, socket_connect_timeout=1, socket_timeout=1) as client:
        client.ping()


def _migrations() -> None:
    executor = MigrationExecutor(connection)
    missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if missing:
        raise NotReady(f"{len(missing)} migrations are missing: run manage.py migrate")


def _worker() -> None:
    seen = WorkerSeen.objects.order_by("-at").values_list("at", flat=True).first()
    if seen is None or timezone.now() - seen > WORKER_SILENT:
        raise NotReady(
            "no worker was seen lately: run celery -A auditsite worker and celery -A auditsite beat"
        )


CHECKS = {"database": _database, "broker": _broker, "migrations": _migrations, "worker": _worker}
