from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import RequestFactory
from django.utils import timezone

from auditsite import context
from auditsite.health import WORKER_SILENT
from streaming.models import WorkerSeen
from tests.entries import NOON


@pytest.mark.django_db
def test_a_worker_that_was_seen_lately_is_there() -> None:
    assert context.worker_away(now=NOON)

    WorkerSeen.objects.create(hostname="a", at=NOON)

    assert not context.worker_away(now=NOON + WORKER_SILENT - timedelta(seconds=1))
    assert context.worker_away(now=NOON + WORKER_SILENT)


@pytest.mark.django_db
def test_pages_that_do_not_show_it_do_not_ask(django_assert_num_queries: object) -> None:
    WorkerSeen.objects.create(hostname="a", at=timezone.now())
    with django_assert_num_queries(0):  # type: ignore[operator] # pytest-django's fixture
        shown = context.page(RequestFactory().get("/"))

    assert not shown["worker_away"]
