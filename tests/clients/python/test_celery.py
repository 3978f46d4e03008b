from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from auditsite_client import Context, acting, current
from auditsite_client.celery import carry_context
from celery import Celery, signals
from celery.contrib.testing.worker import start_worker

from auditsite.celery import app as ours

ANA = Context(actor="ana@acme.example", ip="203.0.113.7", request_id="r-1")


@pytest.fixture
def app() -> Iterator[Celery]:
    app = Celery("producer", broker="memory://", backend="cache+memory://", set_as_current=False)
    carry_context()
    carry_context()
    yield app
    app.close()
    # A worker makes its app that of the whole process; other tests want ours back.
    ours.set_current()
    ours.set_default()


@pytest.fixture
def seen(app: Celery) -> Any:
    @app.task(name="seen", shared=False)
    def seen() -> dict[str, object]:
        return current().packed()

    return seen


def test_a_worker_records_as_the_person_who_pressed_the_button(app: Celery, seen: Any) -> None:
    with start_worker(app, perform_ping_check=False, shutdown_timeout=30):
        with acting(ANA):
            hers = seen.delay()
        nobodys = seen.delay()

        assert hers.get(timeout=20) == ANA.packed()
        assert nobodys.get(timeout=20) == {}


def test_the_context_ends_with_the_task(app: Celery) -> None:
    assert app.main == "producer"
    task = SimpleNamespace(
        request=SimpleNamespace(auditsite_context=ANA.packed(), called_directly=False, is_eager=False)
    )

    signals.task_prerun.send(sender=None, task_id="t-1", task=task)
    assert current() == ANA
    signals.task_postrun.send(sender=None, task_id="t-1", task=task)

    assert current() == Context()


def test_an_eager_task_runs_in_the_callers_own_context(app: Celery, seen: Any) -> None:
    app.conf.task_always_eager = True

    with acting(ANA):
        assert seen.delay().get() == ANA.packed()
        assert current() == ANA
